/**
 * Takes the flicker out of old films: each frame's tones are led back to the course they follow over the frames around it,
 * by a curve over the levels. What moves does not bend the curves (`tone-change.ts`), cuts bound them, steady fades pass
 * unchanged and flashes are left alone. Applying a curve costs 3 ms at 640x480 and is sliced at larger sizes.
 */
import { setImmediate } from 'node:timers/promises';

import { LumiereError } from '../../errors.ts';
import type { Frame, Stage } from '../../frame.ts';
import { thumbnailOf } from '../inspection/thumbnail.ts';
import { composed, identityTone, inverted, rising, toneChange, type ToneCurve } from '../inspection/tone-change.ts';

/** Frames on either side: flicker averages out over fifteen, and a clip of 16 frames a second still breathes with its light. */
const reach = 7;
/** In levels. A frame this far off its neighbours' middle is a flash, which is meant or is not this stage's to mend ... */
const flashAbove = 28;
/** ... unless the film flickers so much that this many times the usual deviation is more. */
const flashStandsOut = 5;
/** Levels at which frames are compared to find flashes. */
const probeLevels = [48, 96, 144, 192] as const;
/** Bytes changed before the event loop has its turn: 2 to 3 ms. */
const sliceBytes = 2 ** 21;
/** A correction smaller than this everywhere is none. */
const leastCorrection = 0.5;

interface Held {
  readonly frame: Frame;
  /** How the tones of the frame before became this frame's; undefined on the first frame of a shot. */
  readonly change: ToneCurve | undefined;
}

/** Holds fifteen frames. Marks of shots must already be set. */
export const deflicker: Stage = async function* (frames, { signal }) {
  const held: Held[] = [];
  let at = 0;
  for await (const frame of frames) {
    if (signal.aborted) throw new LumiereError('job.cancelled');
    const before = held.at(-1)?.frame;
    const change = before && !frame.startsShot ? toneChange(thumbnailOf(before), thumbnailOf(frame)) : undefined;
    held.push({ frame, change });
    if (held.length - at > reach) yield await corrected(held, at++);
    if (at > reach) {
      held.shift();
      at--;
    }
  }
  while (at < held.length) yield await corrected(held, at++);
};

async function corrected(held: readonly Held[], at: number): Promise<Frame> {
  const { frame } = held[at]!;
  const curve = courseOf(held, at);
  if (!curve.some((level, i) => Math.abs(level - i) >= leastCorrection)) return frame;
  const table = Uint8Array.from(curve, (level) => Math.round(level));
  const data = new Uint8Array(frame.data.length);
  for (let from = 0; from < data.length; from += sliceBytes) {
    const to = Math.min(data.length, from + sliceBytes);
    for (let i = from; i < to; i++) data[i] = table[frame.data[i]!]!;
    if (to < data.length) await setImmediate();
  }
  return { ...frame, data };
}

/** The frame's tones as its neighbours would show them: for each level a line fitted through what it was and will be. */
function courseOf(held: readonly Held[], at: number): ToneCurve {
  const seen = neighbours(held, at);
  const steady = withoutFlashes(seen);
  // A frame that is a flash itself keeps its light.
  if (!steady.some(({ offset }) => offset === 0)) return identityTone;
  const weights = steady.map(({ offset }) => Math.exp(-0.5 * (offset / (reach / 2)) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanOffset = steady.reduce((sum, { offset }, i) => sum + weights[i]! * offset, 0) / total;
  const spread = steady.reduce((sum, { offset }, i) => sum + weights[i]! * (offset - meanOffset) ** 2, 0);
  // Weighted least squares evaluated at offset 0 is one weight for each neighbour.
  const shares = steady.map(
    ({ offset }, i) => weights[i]! * (1 / total - (spread > 1e-9 ? (meanOffset * (offset - meanOffset)) / spread : 0)),
  );
  const course = new Float32Array(256);
  for (const [i, { tones }] of steady.entries()) {
    for (let level = 0; level < 256; level++) course[level]! += shares[i]! * tones[level]!;
  }
  return rising(course);
}

interface Neighbour {
  readonly offset: number;
  /** What each level of the frame in question is in this neighbour. */
  readonly tones: ToneCurve;
}

function neighbours(held: readonly Held[], at: number): Neighbour[] {
  const seen: Neighbour[] = [{ offset: 0, tones: identityTone }];
  for (let i = at + 1, tones = identityTone; i < Math.min(held.length, at + reach + 1); i++) {
    const { change } = held[i]!;
    if (!change) break;
    tones = composed(tones, change);
    seen.push({ offset: i - at, tones });
  }
  for (let i = at, tones = identityTone; i > Math.max(0, at - reach); i--) {
    const { change } = held[i]!;
    if (!change) break;
    tones = composed(tones, inverted(change));
    seen.push({ offset: i - 1 - at, tones });
  }
  return seen;
}

function withoutFlashes(seen: readonly Neighbour[]): Neighbour[] {
  const limits = probeLevels.map((level) => {
    const middle = median(seen.map(({ tones }) => tones[level]!));
    const usual = median(seen.map(({ tones }) => Math.abs(tones[level]! - middle)));
    return { level, middle, most: Math.max(flashAbove, flashStandsOut * usual) };
  });
  return seen.filter(({ tones }) => limits.every(({ level, middle, most }) => Math.abs(tones[level]! - middle) < most));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
