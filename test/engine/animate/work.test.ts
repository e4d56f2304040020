/** The parts of the facade that need no network: order and depth of work, places that move with the picture, tracks made stronger. */
import { describe, expect, it } from 'vitest';

import type { Face } from '../../../src/engine/animate/face/face.ts';
import type { MotionTrack } from '../../../src/engine/animate/motion/track.ts';
import { predictSeconds, type PredictionFacts } from '../../../src/engine/animate/prepare-prediction.ts';
import { squareAround } from '../../../src/engine/animate/prepare-photo.ts';
import { defaultAnimation } from '../../../src/engine/animate/request.ts';
import { workAhead } from '../../../src/engine/animate/work-ahead.ts';
import { countLimits } from '../../../src/engine/animate/work-frames.ts';
import { moveFace } from '../../../src/engine/animate/work-geometry.ts';
import { smoothingFactor } from '../../../src/engine/animate/work-smooth.ts';
import { scaledTrack } from '../../../src/engine/animate/work-strength.ts';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('work ahead', () => {
  it('keeps so many pieces under way, and hands them on in order', async () => {
    let [running, most] = [0, 0];
    const work = async (item: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      // The later ones are the faster ones.
      await later(20 - 2 * item);
      running -= 1;
      return item * item;
    };
    const done: number[] = [];
    for await (const result of workAhead([0, 1, 2, 3, 4, 5, 6], 3, work)) done.push(result);
    expect(done).toEqual([0, 1, 4, 9, 16, 25, 36]);
    expect(most).toBe(3);
  });

  it('throws the first failure when its turn has come, after the others have settled', async () => {
    let settled = 0;
    const work = async (item: number): Promise<number> => {
      await later(item === 1 ? 1 : 15);
      settled += 1;
      if (item === 1) throw new Error('one');
      return item;
    };
    const done: number[] = [];
    const all = (async () => {
      for await (const result of workAhead([0, 1, 2], 3, work)) done.push(result);
    })();
    await expect(all).rejects.toThrow('one');
    expect(done).toEqual([0]);
    expect(settled).toBe(3);
  });

  it('begins nothing more once its reader has gone', async () => {
    let begun = 0;
    const work = (item: number): Promise<number> => {
      begun += 1;
      return Promise.resolve(item);
    };
    for await (const item of workAhead(Array(100).keys(), 4, work)) if (item === 0) break;
    expect(begun).toBe(4);
  });
});

const face: Face = {
  number: 2,
  box: { x: 100, y: 50, width: 80, height: 120 },
  points: Float64Array.from([100, 50, -10, 180, 170, 20]),
  pose: { scale: 6, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [140, 110, 3] },
  eyes: [
    { iris: [120, 90], irisRadius: 5, lids: new Map([[33, [110, 91] as const]]) },
    { iris: [160, 90], irisRadius: 5, lids: new Map() },
  ],
  confidence: 0.9,
  warnings: [],
};

describe('a face whose photograph is enlarged and cut', () => {
  it('has every place where the pixels went', () => {
    const moved = moveFace(face, 2, -30, 7);
    expect(moved.box).toEqual({ x: 170, y: 107, width: 160, height: 240 });
    expect([...moved.points]).toEqual([170, 107, -20, 330, 347, 40]);
    expect(moved.pose).toMatchObject({ scale: 12, translation: [250, 227, 6] });
    expect(moved.eyes[0]).toMatchObject({ iris: [210, 187], irisRadius: 10 });
    expect(moved.eyes[0].lids.get(33)).toEqual([190, 189]);
  });

  it('is cut out as a square that lies in the picture, with the face in its middle where there is room', () => {
    const box = squareAround([face], { width: 1000, height: 800 });
    expect(box.width).toBe(box.height);
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.y).toBe(0);
    expect(120 / box.height).toBeCloseTo(0.45, 1);
    const corner = squareAround([{ ...face, box: { x: 900, y: 700, width: 80, height: 90 } }], {
      width: 1000,
      height: 800,
    });
    expect(corner.x + corner.width).toBe(1000);
    expect(corner.y + corner.height).toBe(800);
    expect(squareAround([face], { width: 200, height: 160 })).toMatchObject({ width: 160, height: 160 });
  });
});

describe('frames between', () => {
  it.each([
    [25, 1, 2],
    [30, 1, 2],
    [24, 1, 2],
    [30_000, 1001, 2],
    [15, 1, 4],
    [50, 1, 1],
    [60, 1, 1],
  ])('%i/%i becomes %i times as many, never more than 60', (num, den, factor) => {
    expect(smoothingFactor({ num, den })).toBe(factor);
    expect((factor * num) / den).toBeLessThanOrEqual(60);
  });

  it('a GIF holds 50 at most', () => {
    expect(smoothingFactor({ num: 30, den: 1 }, 50)).toBe(1);
    expect(smoothingFactor({ num: 25, den: 1 }, 50)).toBe(2);
  });
});

describe('a track made stronger', () => {
  const head = { yaw: 4, pitch: -2, roll: 1, x: 0.1, y: 0.2, z: -0.3 };
  const frame = { blendshapes: { jawOpen: 0.4, eyeBlinkLeft: 0.8 }, head, gaze: { x: 3, y: -1 }, breath: 0.1 };
  const track: MotionTrack = {
    ...{ relativeTo: 'photo', rate: { num: 25, den: 1 }, loops: true, source: 'test' },
    frames: [{ ...frame, mesh: Float32Array.from([0.5, -1]) }],
  };

  it('has every motion times the strength, and weights no higher than 1', () => {
    const [strong] = scaledTrack(track, 1.5).frames;
    expect(strong!.blendshapes!.jawOpen).toBeCloseTo(0.6);
    expect(strong!.blendshapes!.eyeBlinkLeft).toBe(1);
    expect(strong!.head).toMatchObject({ yaw: 6, pitch: -3, roll: 1.5 });
    expect(strong!.gaze).toEqual({ x: 4.5, y: -1.5 });
    expect(strong!.breath).toBeCloseTo(0.15);
    expect([...strong!.mesh!]).toEqual([0.75, -1.5]);
  });

  it('is itself at strength 1', () => {
    expect(scaledTrack(track, 1)).toBe(track);
  });
});

describe('limits', () => {
  it('are counted once a frame, with the narrowest bound', () => {
    const limits = countLimits();
    limits.see([
      { code: 'head.yaw', value: 14 },
      { code: 'head.yaw', value: 9 },
    ]);
    limits.see([{ code: 'head.yaw', value: 14 }]);
    limits.see([{ code: 'mouth.stretch', value: 2 }]);
    expect(limits.report()).toEqual([
      { code: 'head.yaw', value: 9, frames: 2 },
      { code: 'mouth.stretch', value: 2, frames: 1 },
    ]);
  });
});

describe('the predicted time', () => {
  const size = { width: 800, height: 1000 };
  const motion = { rate: { num: 25, den: 1 }, frames: 125, loops: true, warnings: [] };
  const facts: PredictionFacts = {
    ...{ request: { ...defaultAnimation, label: 'x' }, photo: size, output: size, moving: [face] },
    ...{ motion, enlargement: 1, smoothing: 1, frames: 125 },
  };

  it('grows with everything that is asked for', () => {
    const plain = predictSeconds(facts);
    const camera = predictSeconds({ ...facts, request: { ...facts.request, camera: 'drift' } });
    const smooth = predictSeconds({ ...facts, smoothing: 2, frames: 250 });
    const enlarged = predictSeconds({ ...facts, enlargement: 2, output: { width: 1600, height: 2000 } });
    const two = predictSeconds({ ...facts, moving: [face, face] });
    for (const more of [camera, smooth, enlarged, two]) expect(more).toBeGreaterThan(plain);
    const still = predictSeconds({ ...facts, request: { ...facts.request, motion: { kind: 'none' } } });
    expect(still).toBeLessThan(plain);
  });
});
