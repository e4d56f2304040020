/**
 * The photograph as a member is asked about it: reduced, each face in a frame with its number beside it. Frames are pale on a
 * dark edge, so that they show on any picture.
 */
import sharp from 'sharp';

import { drawLabel } from '../../label-picture.ts';
import type { Box, Face } from '../face/face.ts';
import type { Picture } from '../../picture.ts';

/** Sides of the preview, in pixels: enough to know faces by, small enough to be sent at once. */
const longestSide = 1280;

/** A number's plate is half as high as its face is wide, but can be read on a telephone and never hides the next face. */
const plateShare = 0.5;
const leastPlate = 24;
/** As a share of the preview's longer side. */
const mostPlate = 0.055;

interface Mark {
  readonly number: number;
  readonly box: Box;
}

/** A JPEG of `photo`. Faces may be marked only when there is something to choose: none leaves the picture as it is. */
export async function drawNumberedFaces(
  photo: Picture,
  faces: readonly Pick<Face, 'number' | 'box'>[],
): Promise<Buffer> {
  const scale = Math.min(1, longestSide / Math.max(photo.width, photo.height));
  const size = { width: Math.round(photo.width * scale), height: Math.round(photo.height * scale) };
  const marks = faces.map(({ number, box }): Mark => ({ number, box: reduced(box, scale) }));
  const most = Math.max(leastPlate, Math.max(size.width, size.height) * mostPlate);
  const plates = await Promise.all(
    marks.map(({ number, box }) => {
      return drawLabel(String(number), Math.min(most, Math.max(leastPlate, box.width * plateShare)));
    }),
  );
  const { width, height } = photo;
  return await sharp(photo.data, { raw: { width, height, channels: 3 } })
    .resize(size.width, size.height)
    .composite([
      { input: frames(marks, size, Math.max(2, Math.max(size.width, size.height) / 400)), left: 0, top: 0 },
      ...plates.map((label, index) => ({
        input: label.png,
        ...corner(marks[index]!.box, label, size),
      })),
    ])
    .jpeg({ quality: 86 })
    .toBuffer();
}

const reduced = ({ x, y, width, height }: Box, scale: number): Box => ({
  x: x * scale,
  y: y * scale,
  width: width * scale,
  height: height * scale,
});

function frames(marks: readonly Mark[], { width, height }: { width: number; height: number }, line: number): Buffer {
  const frame = ({ box }: Mark, colour: string, thickness: number): string =>
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="${line * 2}" fill="none" stroke="${colour}" stroke-width="${thickness}"/>`;
  const drawn = marks.flatMap((mark) => [frame(mark, '#000000a0', line * 1.9), frame(mark, '#ffe27a', line)]);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawn.join('')}</svg>`,
  );
}

/** Above the frame's left corner, or inside it at the picture's edge. */
function corner(
  box: Box,
  label: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): { left: number; top: number } {
  const within = (value: number, most: number): number => Math.round(Math.max(0, Math.min(most, value)));
  const above = box.y - label.height - 2;
  return {
    left: within(box.x, size.width - label.width),
    top: within(above >= 0 ? above : box.y + 2, size.height - label.height),
  };
}
