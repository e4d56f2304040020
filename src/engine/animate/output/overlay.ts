/** What is laid over every frame: the label, always, and the captions of a meme; one picture, drawn once. */
import { join } from 'node:path';
import sharp from 'sharp';

import { drawLabel } from '../../label-picture.ts';
import type { Overlay } from '../../media/encode-options.ts';
import { writeWhole } from '../../media/partial-file.ts';
import type { Size } from '../../size.ts';
import { drawCaption } from '../caption/caption-picture.ts';

/** Share of the picture's shorter side that the label's plate takes, and its distance from the edges as a share of its height. */
const plateShare = 0.05;
const distance = 0.5;

export interface OverlayRequest {
  readonly label: string;
  readonly above?: string;
  readonly below?: string;
}

export interface DrawnOverlay extends Overlay {
  /** Pixels. */
  readonly labelHeight: number;
}

/** Pixels of a label's plate: letters on a lower one cannot be read. */
const readable = 12;

/** A picture with this overlay stays readable down to this share of its width and height. */
export function leastReadableScale({ labelHeight }: DrawnOverlay): number {
  return Math.min(1, readable / labelHeight);
}

/**
 * Draws into `folder` and says where it lies over frames of `size`. The label stands in the lower left corner; a caption below
 * keeps clear of it. Rejects as `drawCaption` and `writeWhole` do; throws a RangeError for a label of nothing.
 */
export async function drawOverlay(
  { label, above = '', below = '' }: OverlayRequest,
  size: Size,
  folder: string,
): Promise<DrawnOverlay> {
  if (label.trim() === '') throw new RangeError('expected a label but received an empty one');
  const path = join(folder, 'overlay.png');
  const plate = await fittingLabel(label, size);
  const away = Math.round(plate.height * distance);
  const corner = {
    left: Math.min(away, Math.max(0, size.width - plate.width)),
    top: size.height - plate.height - away,
  };
  const [upper, lower] = await Promise.all([drawCaption(above, size), drawCaption(below, size)]);
  if (upper === undefined && lower === undefined) {
    await writeWhole(path, plate.png);
    return { png: path, x: corner.left, y: Math.max(0, corner.top), labelHeight: plate.height };
  }
  const edge = Math.round(size.height * 0.02);
  const middle = (width: number): number => Math.max(0, Math.round((size.width - width) / 2));
  const layers = [
    ...(upper ? [{ input: upper.png, left: middle(upper.width), top: edge }] : []),
    ...(lower
      ? [{ input: lower.png, left: middle(lower.width), top: Math.max(0, corner.top - lower.height - edge) }]
      : []),
    { input: plate.png, left: corner.left, top: Math.max(0, corner.top) },
  ];
  const whole = { width: size.width, height: size.height, channels: 4, background: '#0000' } as const;
  await writeWhole(path, await sharp({ create: whole }).composite(layers).png().toBuffer());
  return { png: path, x: 0, y: 0, labelHeight: plate.height };
}

/** The label as large as its share, smaller where the picture is too narrow for the words. */
async function fittingLabel(label: string, size: Size): ReturnType<typeof drawLabel> {
  const height = Math.min(size.width, size.height) * plateShare;
  const plate = await drawLabel(label, height);
  const room = Math.max(24, size.width * 0.96);
  if (plate.width <= room) return plate;
  const png = await sharp(plate.png)
    .resize({ width: Math.floor(room) })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { png: png.data, width: png.info.width, height: png.info.height };
}
