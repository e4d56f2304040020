/**
 * A clip whose every moment is known: the camera pans across the demonstration's photograph, so that a frame can be made
 * for any time. 320x240 at 16 frames a second goes in, 1280x960 at 60 is the truth that a restoration is held against.
 */
import { join } from 'node:path';
import sharp from 'sharp';

import { fetchPhotograph } from '../../src/demo/photograph.ts';
import { testModelCache } from '../models.ts';
import { runCommand } from './command.ts';

/** Size of the truth; the source is a quarter of it on each side. */
export const truthSize = { width: 1280, height: 960 } as const;
export const sourceSize = { width: 320, height: 240 } as const;
export const sourceRate = 16;
export const truthRate = 60;

/** The photograph is enlarged so that a window of it moves by whole pixels from frame to frame, at both rates. */
const enlargement = 4;
const window = { width: 3200, height: 2400 } as const;
/** Pixels of the enlarged photograph a second; a multiple of both rates. */
const speed = { x: 720, y: 480 } as const;

/** The camera goes one way for a second and back for another: the photograph is no wider. */
const turn = 1;
const there = (time: number): number => (time <= turn ? time : 2 * turn - time);

/** Frame at `time` in seconds, 0 to 2, as RGB of the given size. */
export async function frameAt(
  time: number,
  size: { readonly width: number; readonly height: number },
): Promise<Buffer> {
  const photograph = await fetchPhotograph(join(testModelCache, 'photographs'));
  const { width, height } = await sharp(photograph).metadata();
  const enlarged = await sharp(photograph)
    .resize(width * enlargement, height * enlargement, { kernel: 'cubic' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(enlarged.data, { raw: enlarged.info })
    .extract({ left: Math.round(speed.x * there(time)), top: Math.round(speed.y * there(time)), ...window })
    .resize(size.width, size.height, { kernel: 'lanczos3' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

/** Writes `frames` source frames as PNG into `folder` and as a clip at `path`. */
export async function writePanningClip(frames: number, folder: string, path: string): Promise<void> {
  for (let index = 0; index < frames; index++) {
    await sharp(await frameAt(index / sourceRate, sourceSize), { raw: { ...sourceSize, channels: 3 } })
      .png()
      .toFile(join(folder, `${String(index + 1).padStart(8, '0')}.png`));
  }
  await runCommand('ffmpeg', [
    ...['-v', 'error', '-y', '-framerate', String(sourceRate), '-i', join(folder, '%08d.png')],
    ...['-c:v', 'libx264', '-crf', '12', '-pix_fmt', 'yuv420p', path],
  ]);
}
