/** One side of a comparison as a picture: a still as it is, or one frame of a clip. */
import sharp from 'sharp';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { decodeFrames } from '../media/decode.ts';
import type { Media } from '../media/open-media.ts';
import type { Probe } from '../media/probe.ts';
import { compare, divide, rational, subtract, toNumber, type Rational } from '../rational.ts';
import { readStill } from './still-file.ts';

/** One side as PNG: the still itself, or the clip's frame at `seconds` (its middle when left out). */
export async function pictureOf(side: Media, seconds?: number, signal?: AbortSignal): Promise<Buffer> {
  if (side.kind === 'still') return readStill(side.path);
  return grabFrame(side.probe, seconds ?? toNumber(side.probe.video.duration) / 2, signal);
}

/**
 * The frame shown at `seconds`, as PNG, of the size on screen, in the colours that a restoration sees. Rejects with
 * `request.invalid` when the clip has ended by then, and with what `decodeFrames` throws.
 */
export async function grabFrame(probe: Probe, seconds: number, signal?: AbortSignal): Promise<Buffer> {
  const moment = rational(Math.round(seconds * 1_000_000), 1_000_000);
  const shown = await frameAt(probe, moment, signal);
  if (shown === undefined) {
    const expected = `0..${toNumber(probe.video.duration).toFixed(2)}`;
    throw new LumiereError('request.invalid', { option: 'at', value: seconds, expected });
  }
  const { data, width, height } = shown;
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

async function frameAt(probe: Probe, moment: Rational, signal?: AbortSignal): Promise<Frame | undefined> {
  const { duration, rate, times } = probe.video;
  if (compare(moment, duration) >= 0) return undefined;
  // A frame is shown until the next one comes: the one wanted begins at or before the moment.
  const from = times?.findLast((time) => compare(time, moment) <= 0) ?? subtract(moment, divide(rational(1), rate));
  let shown: Frame | undefined;
  for await (const frame of decodeFrames(probe, { from, ...(signal && { signal }) })) {
    if (shown !== undefined && compare(frame.time, moment) > 0) break;
    shown = frame;
  }
  return shown;
}
