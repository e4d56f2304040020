/** Two pictures as one: side by side, or the left part of the first against the right part of the second. */
import sharp, { type OverlayOptions, type Sharp } from 'sharp';

import { drawLabel } from '../label-picture.ts';
import type { Size } from '../size.ts';
import { arrangePanels, labelHeight } from './panels.ts';

export type CompareLayout = 'side' | 'divider';

export interface ComparePicturesOptions {
  readonly layout: CompareLayout;
  /** Words in the upper corners; none when left out. */
  readonly labels?: readonly [string, string] | undefined;
}

/**
 * Joins two encoded pictures (any format sharp reads: PNG, JPEG, WebP, ...). The smaller one is enlarged with a bicubic
 * filter, which is what a player would do. Returns the picture for the caller to encode: `.png()`, `.jpeg()`, `.toFile()`.
 */
export async function comparePictures(
  first: Buffer | string,
  second: Buffer | string,
  options: ComparePicturesOptions,
): Promise<Sharp> {
  const across = options.layout === 'side' ? 2 : 1;
  const { panel, fitted } = arrangePanels(await shownSize(first), await shownSize(second), across);
  const [left, right] = await Promise.all([fill(first, fitted[0], panel), fill(second, fitted[1], panel)]);
  const parts: OverlayOptions[] = [{ input: left, left: 0, top: 0 }];
  const width = panel.width * across;
  if (options.layout === 'side') {
    parts.push({ input: right, left: panel.width, top: 0 });
  } else {
    const middle = Math.floor(panel.width / 2);
    const half = await sharp(right)
      .extract({ left: middle, top: 0, width: panel.width - middle, height: panel.height })
      .png({ compressionLevel: 1 })
      .toBuffer();
    parts.push({ input: half, left: middle, top: 0 });
    const bar = { width: 2, height: panel.height, channels: 3, background: '#fff' } as const;
    parts.push({ input: { create: bar }, left: middle - 1, top: 0 });
  }
  if (options.labels) {
    const margin = Math.round(labelHeight(panel) / 2);
    const [a, b] = await Promise.all(options.labels.map((text) => drawLabel(text, labelHeight(panel))));
    if (a) parts.push({ input: a.png, left: margin, top: margin });
    if (b) parts.push({ input: b.png, left: Math.max(0, width - b.width - margin), top: margin });
  }
  const canvas = { width, height: panel.height, channels: 3, background: '#000' } as const;
  return sharp({ create: canvas }).composite(parts);
}

/** Width and height as shown: a photograph's turn is applied. */
async function shownSize(picture: Buffer | string): Promise<Size> {
  const { autoOrient } = await sharp(picture).metadata();
  return autoOrient;
}

function fill(picture: Buffer | string, fitted: Size, panel: Size): Promise<Buffer> {
  const side = panel.width - fitted.width;
  return sharp(picture)
    .autoOrient()
    .flatten({ background: '#fff' })
    .resize({ width: fitted.width, height: fitted.height, fit: 'fill', kernel: 'cubic' })
    .extend({ left: Math.floor(side / 2), right: Math.ceil(side / 2), background: '#000' })
    .toColourspace('srgb')
    .png({ compressionLevel: 1 })
    .toBuffer();
}
