/** Pictures of a file in which a mark is looked for: some from each of its longest shots, or the one that a still is. */
import { open } from 'node:fs/promises';

import { loadPhoto } from '../../media/photo.ts';
import { photoFormatOf } from '../../media/photo-format.ts';
import type { Frame } from '../../frame.ts';
import { decodeFrames } from '../../media/decode.ts';
import { probe, type Probe } from '../../media/probe.ts';
import { isAnimatedWebp } from '../../media/webp.ts';
import { rational, subtract, toNumber, type Rational } from '../../rational.ts';
import type { Size } from '../../size.ts';

/** RGB pictures of one size. */
export interface SampledShot extends Size {
  readonly pictures: readonly Uint8Array[];
}

/** A longer side is reduced to this: the mark's waves are long enough, and the search takes no longer for it. */
const longestSide = 1280;
/** Pictures of one stretch of a clip. */
const mostPictures = 16;
/** Seconds looked at in one stretch, and how many stretches of a long clip. */
const stretchSeconds = 12;
const stretches = 3;
/** Shots that are searched, those with most pictures first. */
const mostShots = 3;

/**
 * Rejects as `probe`, `decodeFrames` and `loadPhoto` do.
 */
export async function sampleShots(path: string, signal: AbortSignal | undefined): Promise<SampledShot[]> {
  if (await isStill(path)) {
    const { photo } = await loadPhoto(path, { signal, longestSide });
    return [{ width: photo.width, height: photo.height, pictures: [photo.data] }];
  }
  const clip = await probe(path, signal === undefined ? {} : { signal });
  const shots: Frame[][] = [];
  for (const [from, to] of stretchesOf(clip.video.duration)) {
    const frames: Frame[] = [];
    for await (const frame of sampled(clip, from, to, signal)) {
      const before = frames.at(-1);
      if (before === undefined || isCut(before, frame)) shots.push([]);
      shots.at(-1)!.push(frame);
      frames.push(frame);
    }
  }
  return shots
    .toSorted((a, b) => b.length - a.length)
    .slice(0, mostShots)
    .map(([first, ...others]) => ({
      width: first!.width,
      height: first!.height,
      pictures: [first!, ...others].map(({ data }) => data),
    }));
}

/** A GIF is a clip, whether it moves or not. */
async function isStill(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const head = Buffer.alloc(64);
    await file.read(head, 0, head.length, 0);
    const format = photoFormatOf(head);
    return format !== undefined && format !== 'gif' && !isAnimatedWebp(head);
  } finally {
    await file.close();
  }
}

/** The whole of a short clip; of a long one its beginning, its middle and its end. */
function stretchesOf(duration: Rational): [Rational, Rational][] {
  if (toNumber(duration) <= stretchSeconds * stretches) return [[rational(0), duration]];
  const free = subtract(duration, rational(stretchSeconds));
  return Array.from({ length: stretches }, (_, index) => {
    const from = toNumber(free) * (index / (stretches - 1));
    const start = rational(Math.floor(from * 1000), 1000);
    return [start, rational(Math.floor((from + stretchSeconds) * 1000), 1000)];
  });
}

/** Up to `mostPictures` frames between two times, evenly spread whatever the rate is there. */
async function* sampled(
  clip: Probe,
  from: Rational,
  to: Rational,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame> {
  const { width, height } = clip.video;
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const step = toNumber(subtract(to, from)) / mostPictures;
  const rate = toNumber(clip.video.rate);
  const keep = Math.max(1, Math.floor(step * rate));
  // ffmpeg leaves the others out before it makes them RGB, by their times: a clip's rate says little of what comes later in it.
  // An animated WebP is decoded elsewhere.
  const gap = ((keep - 0.5) / rate).toFixed(6);
  const filters =
    clip.container === 'webp' || keep === 1
      ? []
      : [`select=isnan(t)+isnan(prev_selected_t)+gte(t-prev_selected_t\\,${gap})`];
  let [taken, last] = [0, -1];
  for await (const frame of decodeFrames(clip, { filters, scale: size, from, to, ...(signal && { signal }) })) {
    const place = Math.floor(toNumber(subtract(frame.time, from)) / step + 0.5);
    if (place <= last) continue;
    last = place;
    yield frame;
    taken += 1;
    if (taken === mostPictures) return;
  }
}

/** Pixels between those that are compared. */
const cutStride = 997;
/** Mean change in levels, of a clip's pictures some way apart, from which on they are no longer one shot. */
const cutLevels = 28;

function isCut(before: Frame, after: Frame): boolean {
  let [sum, count] = [0, 0];
  for (let i = 0; i < after.data.length; i += cutStride, count++) sum += Math.abs(after.data[i]! - before.data[i]!);
  return sum / count > cutLevels;
}
