import { describe, expect, it } from 'vitest';

import type { Frame } from '../../../../src/engine/frame.ts';
import { decodeFrames } from '../../../../src/engine/media/decode.ts';
import { probe } from '../../../../src/engine/media/probe.ts';
import { compare, divide, multiply, rational, toNumber, type Rational } from '../../../../src/engine/rational.ts';
import { dropHeldFrames } from '../../../../src/engine/restore/cleaning/held-frames.ts';
import { changeBetween, findHeldFrames } from '../../../../src/engine/restore/inspection/held-pattern.ts';
import { thumbnailOf } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { makeClip } from '../../../clips.ts';
import { sharedMedia } from '../../../media.ts';
import { collect, frameOf, grainy, leaves, pieceOf, quiet, streamOf } from '../leaves.ts';

const world = leaves(480, 140, 5);
/** Drawing `k` of an even pan, 3 pixels a drawing, as a frame at a time. */
const drawing = (k: number, time: Rational, seed: number): Frame =>
  frameOf(grainy(pieceOf(world, 10 + 3 * k, 10, 160, 120), 2, seed), time);

/** Frames at `rate` of drawings that are shown for so many frames each. */
function held(holds: readonly number[], rate: Rational): Frame[] {
  const shown = holds.flatMap((hold, k) => Array.from({ length: hold }, () => k));
  return shown.map((k, i) => drawing(k, divide(rational(i), rate), i + 1));
}

const changesOf = (frames: readonly Frame[]): number[] =>
  frames.slice(1).map((frame, i) => changeBetween(thumbnailOf(frames[i]!), thumbnailOf(frame)));

const repeated = (pattern: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => pattern).flat();
const steps = (frames: readonly Frame[]): number[] =>
  frames.slice(1).map((frame, i) => toNumber(frame.time) - toNumber(frames[i]!.time));

describe('the cadence of held frames', () => {
  it.each([
    { name: '12 doubled to 24', pattern: [2], rate: rational(24), cadence: rational(2), drawings: rational(12) },
    {
      name: '24 in 30, one in five repeated',
      pattern: [1, 1, 1, 2],
      rate: rational(30000, 1001),
      cadence: rational(5, 4),
      drawings: rational(24000, 1001),
    },
    {
      name: '12 in 30, two and three',
      pattern: [2, 3],
      rate: rational(30),
      cadence: rational(5, 2),
      drawings: rational(12),
    },
    {
      name: '20 in 30, uneven',
      pattern: [1, 1, 2, 2],
      rate: rational(30),
      cadence: rational(3, 2),
      drawings: rational(20),
    },
    { name: 'each three times', pattern: [3], rate: rational(74, 3), cadence: rational(3), drawings: rational(74, 9) },
  ])('$name', ({ pattern, rate, cadence, drawings }) => {
    const frames = held(repeated(pattern, Math.ceil(40 / pattern.length)), rate);
    const found = findHeldFrames([changesOf(frames)], rate);
    expect(found.cadence).toEqual({ framesPerDrawing: cadence, rate: drawings, timing: 'even' });
    expect(found.share).toBeCloseTo(1 - 1 / toNumber(cadence), 1);
  });

  it('16 in 24.67 is found to a hundredth', () => {
    const rate = rational(74, 3);
    const holds = Array.from({ length: 48 }, (_, k) => Math.ceil(((k + 1) * 74) / 48) - Math.ceil((k * 74) / 48));
    const found = findHeldFrames([changesOf(held(holds, rate))], rate).cadence;
    expect(toNumber(found!.rate)).toBeCloseTo(16, 0);
    expect(toNumber(found!.framesPerDrawing)).toBeCloseTo(74 / 48, 1);
  });

  it('is not seen in even motion, noise, or holds without rule', () => {
    const rate = rational(25);
    expect(findHeldFrames([changesOf(held(repeated([1], 40), rate))], rate)).toEqual({ share: 0 });
    const still = Array.from({ length: 40 }, (_, i) => drawing(0, rational(i, 25), i + 1));
    expect(findHeldFrames([changesOf(still)], rate)).toEqual({ share: 0 });
    const irregular = [1, 6, 1, 1, 9, 2, 1, 1, 7, 1, 1, 1, 8, 3, 1, 1, 1, 9, 1, 1, 6, 1, 1];
    expect(findHeldFrames([changesOf(held(irregular, rate))], rate).cadence).toBeUndefined();
  });

  it('tells lost frames, after which things have moved farther, from pulldown', () => {
    const rate = rational(30);
    // A camera that dropped every third frame and showed the one before instead.
    const frames = Array.from({ length: 60 }, (_, i) => drawing(i % 3 === 2 ? i - 1 : i, rational(i, 30), i + 1));
    expect(findHeldFrames([changesOf(frames)], rate).cadence?.timing).toBe('as-shown');
  });
});

describe('dropping held frames', () => {
  const cadence = (framesPerDrawing: Rational, rate: Rational, timing: 'even' | 'as-shown' = 'even') => ({
    framesPerDrawing,
    rate: divide(rate, framesPerDrawing),
    timing,
  });

  it('gives back the drawings of a pulldown at their exact times', async () => {
    const rate = rational(30000, 1001);
    const frames = held(repeated([1, 1, 1, 2], 10), rate);
    const out = await collect(dropHeldFrames(cadence(rational(5, 4), rate))(streamOf(frames), quiet));
    // Forty drawings, and the last one's repeat, so that the clip keeps its length.
    expect(out).toHaveLength(41);
    expect(out.at(-1)!.time).toEqual(frames.at(-1)!.time);
    const even = out.slice(8, 40);
    for (const [i, frame] of even.slice(1).entries()) {
      expect(frame.time).toEqual(addStep(even[i]!.time, rational(1001, 24000)));
    }
  });

  it('never shows a drawing after the frame that first showed it, nor before the frame before that', async () => {
    const rate = rational(30);
    const holds = repeated([1, 1, 2, 2, 1, 2, 2, 1], 5);
    const frames = held(holds, rate);
    const out = await collect(dropHeldFrames(cadence(rational(3, 2), rate))(streamOf(frames), quiet));
    let first = 0;
    for (const [k, hold] of holds.entries()) {
      expect(toNumber(out[k]!.time)).toBeLessThanOrEqual(first / 30 + 1e-9);
      expect(toNumber(out[k]!.time)).toBeGreaterThanOrEqual((first - 1) / 30 - 1e-9);
      first += hold;
    }
    for (const step of steps(out)) expect(step).toBeGreaterThan(0);
  });

  it('keeps a long hold: nothing begins to move before its time', async () => {
    const rate = rational(24);
    const frames = held([2, 2, 2, 2, 12, 2, 2, 2, 2], rate);
    const out = await collect(dropHeldFrames(cadence(rational(2), rate))(streamOf(frames), quiet));
    const moves = out.findIndex(
      (frame, i) => i > 4 && changeBetween(thumbnailOf(out[i - 1]!), thumbnailOf(frame)) > 15,
    );
    // The fifth drawing stands from 8/24 and the sixth is first shown at 20/24, drawn after 19/24.
    expect(toNumber(out[moves]!.time) * 24).toBeGreaterThanOrEqual(19);
    expect(toNumber(out[moves]!.time) * 24).toBeLessThanOrEqual(20);
    expect(toNumber(out[moves]!.time) - toNumber(out[moves - 1]!.time)).toBeCloseTo(2 / 24, 6);
  });

  it('leaves times as shown where frames were lost', async () => {
    const frames = Array.from({ length: 30 }, (_, i) => drawing(i % 3 === 2 ? i - 1 : i, rational(i, 30), i + 1));
    const out = await collect(
      dropHeldFrames(cadence(rational(3, 2), rational(30), 'as-shown'))(streamOf(frames), quiet),
    );
    expect(out.slice(0, 20).map((frame) => frame.time)).toEqual(
      frames.filter((_, i) => i % 3 !== 2).map((frame) => frame.time),
    );
  });

  it('keeps a still clip whole in time', async () => {
    const frames = Array.from({ length: 20 }, (_, i) => drawing(0, rational(i, 24), i + 1));
    const out = await collect(dropHeldFrames(cadence(rational(2), rational(24)))(streamOf(frames), quiet));
    expect(out[0]!.time).toEqual(rational(0));
    expect(out.at(-1)!.time).toEqual(rational(19, 24));
  });

  it('finds and undoes 12 doubled to 24 behind noise and x264', async () => {
    const source = 'testsrc2=s=160x120:r=12:d=3';
    const clip = await makeClip('mp4', [
      ...['-f', 'lavfi', '-i', source, '-vf', 'noise=c0s=8:c0f=t:all_seed=1,fps=24,noise=c0s=4:c0f=t:all_seed=2'],
      ...['-c:v', 'libx264', '-crf', '28', '-pix_fmt', 'yuv420p'],
    ]);
    const found = await probe(clip);
    const frames = await collect(decodeFrames(found));
    const { cadence: pattern } = findHeldFrames([changesOf(frames)], found.video.rate);
    expect(pattern?.framesPerDrawing).toEqual(rational(2));
    const out = await collect(dropHeldFrames(pattern!)(streamOf(frames), quiet));
    expect(out.length).toBeGreaterThanOrEqual(36);
    expect(out.length).toBeLessThanOrEqual(38);
  });

  const roundhay = sharedMedia('films/roundhay-1888.mp4');
  it.skipIf(!roundhay)('gives the garden scene of 1888 its eight drawings a second', async () => {
    const clip = await probe(roundhay!);
    const frames = await collect(decodeFrames(clip));
    const { cadence: pattern } = findHeldFrames([changesOf(frames)], clip.video.rate);
    expect(pattern?.framesPerDrawing).toEqual(rational(3));
    const out = await collect(dropHeldFrames(pattern!)(streamOf(frames), quiet));
    expect(out).toHaveLength(18);
    const step = multiply(rational(3), subtractTimes(frames[1]!, frames[0]!));
    for (const gap of steps(out.slice(0, 17))) expect(gap).toBeCloseTo(toNumber(step), 3);
    expect(compare(out.at(-1)!.time, frames.at(-1)!.time)).toBe(0);
  });
});

function addStep(time: Rational, step: Rational): Rational {
  return rational(time.num * step.den + step.num * time.den, time.den * step.den);
}

function subtractTimes(later: Frame, earlier: Frame): Rational {
  return rational(
    later.time.num * earlier.time.den - earlier.time.num * later.time.den,
    later.time.den * earlier.time.den,
  );
}
