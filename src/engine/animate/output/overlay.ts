/** What is laid over every frame: the label, always, and the captions of a meme; one picture, drawn once. */
import { join } from 'node:path';
import sharp from 'sharp';

import { drawFittingLabel } from '../../label-picture.ts';
import { labelPlace } from '../../label-size.ts';
import type { Overlay } from '../../media/encode-options.ts';
import { writeWhole } from '../../media/partial-file.ts';
import type { Size } from '../../size.ts';
import { drawCaption } from '../caption/caption-picture.ts';

export interface OverlayRequest {
  readonly label: string;
  readonly above?: string;
  readonly below?: string;
}

export interface DrawnOverlay extends Overlay {
  /** Pixels. */
  readonly labelHeight: number;
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
  const plate = await drawFittingLabel(label, size);
  const { away } = labelPlace(size);
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
