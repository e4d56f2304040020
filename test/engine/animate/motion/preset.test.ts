/** Presets: they loop exactly, stay in range, blink and look as people do, and are the same each time for a seed. */
import { describe, expect, it } from 'vitest';

import { blendshapeNames } from '../../../../src/engine/animate/motion/blendshapes.ts';
import { lidClosure } from '../../../../src/engine/animate/motion/blink.ts';
import { headLag } from '../../../../src/engine/animate/motion/phrase.ts';
import { presetNames, type PresetName } from '../../../../src/engine/animate/motion/preset-names.ts';
import { presetScore, presetTrack, type PresetOptions } from '../../../../src/engine/animate/motion/preset.ts';
import { playScore } from '../../../../src/engine/animate/motion/score.ts';
import type { MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import { headAtRest } from '../../../../src/engine/animate/motion/track.ts';

const usual: PresetOptions = { rate: { num: 25, den: 1 }, strength: 1, speed: 1, seed: 1 };

/** Every number of a frame in a fixed order: weights in hundredths of a degree's worth, so that all weigh alike. */
function numbersOf({ blendshapes = {}, head = headAtRest, gaze = { x: 0, y: 0 }, breath = 0 }: MotionFrame): number[] {
  return [
    ...blendshapeNames.map((name) => 10 * (blendshapes[name] ?? 0)),
    ...(['yaw', 'pitch', 'roll'] as const).map((axis) => head[axis]),
    ...(['x', 'y', 'z'] as const).map((axis) => 10 * head[axis]),
    ...[gaze.x, gaze.y, 10 * breath],
  ];
}

const apart = (a: MotionFrame, b: MotionFrame): number => {
  const [one, other] = [numbersOf(a), numbersOf(b)];
  return Math.max(...one.map((value, i) => Math.abs(value - other[i]!)));
};

/** The score at 1000 frames a second. */
function finely(name: PresetName, options: PresetOptions = usual): { frames: MotionFrame[]; seconds: number } {
  const { score } = presetScore(name, options);
  const count = Math.round(score.seconds * 1000);
  return { frames: Array.from({ length: count + 1 }, (_, i) => playScore(score, i / 1000)), seconds: score.seconds };
}

describe.each(presetNames)('the preset %s', (name) => {
  it('meets its own beginning, which is the photograph at rest', () => {
    for (const options of [usual, { ...usual, seed: 7, seconds: 13.3, speed: 1.7 }, { ...usual, seconds: 1 }]) {
      const { score, count } = presetScore(name, options);
      expect(apart(playScore(score, score.seconds), {})).toBeLessThan(1e-9);
      expect(apart(playScore(score, 0), {})).toBeLessThan(1e-9);
      const { frames } = presetTrack(name, options);
      expect(frames).toHaveLength(count);
      // The step over the seam is no larger than the steps before and after it.
      const step = (i: number): number => apart(frames.at(i)!, frames[(i + 1 + count) % count]!);
      expect(step(-1)).toBeLessThan(2 * Math.max(step(-2), step(0)) + 0.05);
    }
  });

  it('keeps to what a face and a neck can do', () => {
    for (const strength of [1, 2])
      for (const seed of [1, 2, 3])
        for (const { blendshapes = {}, head = headAtRest, gaze } of presetTrack(name, { ...usual, strength, seed })
          .frames) {
          for (const weight of Object.values(blendshapes)) {
            expect(weight).toBeGreaterThan(0);
            expect(weight).toBeLessThanOrEqual(1);
          }
          expect(Math.abs(head.yaw)).toBeLessThanOrEqual(14 * strength);
          expect(Math.abs(head.pitch)).toBeLessThanOrEqual(10 * strength);
          expect(Math.abs(head.roll)).toBeLessThanOrEqual(12 * strength);
          expect(Math.hypot(gaze?.x ?? 0, gaze?.y ?? 0)).toBeLessThan(25 * strength);
        }
  });

  it('never jumps and never freezes', () => {
    const { frames } = finely(name);
    for (let i = 1; i < frames.length; i++) expect(apart(frames[i - 1]!, frames[i]!)).toBeLessThan(0.6);
    for (let i = 500; i < frames.length; i += 100) {
      const before = frames.slice(i - 500, i);
      expect(Math.max(...before.map((frame) => apart(frame, frames[i]!)))).toBeGreaterThan(0.03);
    }
  });

  it('blinks 12 to 18 times a minute, whole, on a frame', () => {
    for (const num of [12, 25, 30]) {
      const options = { ...usual, rate: { num, den: 1 } };
      const { score, count } = presetScore(name, options);
      const perMinute = (score.blinks.length * 60) / score.seconds;
      expect(perMinute).toBeGreaterThanOrEqual(12);
      expect(perMinute).toBeLessThanOrEqual(18);
      const { frames } = presetTrack(name, options);
      for (const blink of score.blinks) {
        const { blendshapes } = frames[Math.round(blink.shut * num)]!;
        expect([blendshapes?.eyeBlinkLeft, blendshapes?.eyeBlinkRight]).toEqual([1, 1]);
        expect(blink.shut).toBeLessThan(count / num);
      }
    }
  });

  it('is the same for the same seed and another for another', () => {
    expect(presetTrack(name, usual)).toEqual(presetTrack(name, usual));
    expect(presetTrack(name, { ...usual, seed: 2 })).not.toEqual(presetTrack(name, usual));
  });

  it('grows with the strength, is the photograph at 0, and lasts as long as was asked for', () => {
    const still = presetTrack(name, { ...usual, strength: 0 });
    expect(still.frames.every((frame) => Object.keys(frame).length === 0)).toBe(true);
    const size = (strength: number): number =>
      Math.max(
        ...presetTrack(name, { ...usual, strength }).frames.map(({ head }) =>
          Math.hypot(head?.yaw ?? 0, head?.pitch ?? 0),
        ),
      );
    expect(size(2) / size(1)).toBeCloseTo(2, 5);
    expect(presetTrack(name, { ...usual, seconds: 3 }).frames).toHaveLength(75);
    const rate = { num: 30_000, den: 1001 };
    expect(presetTrack(name, { ...usual, rate, seconds: 10 }).frames).toHaveLength(300);
    expect(presetTrack(name, { ...usual, speed: 2 }).frames.length * 2).toBeCloseTo(
      presetTrack(name, usual).frames.length,
      -1,
    );
  });
});

describe('a blink', () => {
  it('comes 18 times a minute at most, so in no loop that is too short for one', () => {
    for (const seconds of [1, 2, 3, 3.3, 4, 5, 6, 8, 20]) {
      for (const name of ['painting', 'smile'] as const) {
        const { score } = presetScore(name, { ...usual, seconds });
        expect((score.blinks.length * 60) / score.seconds, `${name} of ${seconds} s`).toBeLessThanOrEqual(18);
        expect(score.blinks.length).toBeGreaterThanOrEqual(seconds < 4 ? 0 : 1);
      }
    }
  });

  it('closes in 70 to 100 ms, holds 40, opens in 150 to 200', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { score } = presetScore('painting', { ...usual, seed, seconds: 30 });
      for (const blink of score.blinks) {
        const at = (ms: number): number => lidClosure(blink, blink.shut + ms / 1000, 1);
        const times = Array.from({ length: 600 }, (_, i) => i - 300);
        const [moving, shut] = [times.filter((ms) => at(ms) > 0.001), times.filter((ms) => at(ms) === 1)];
        expect(shut[0]! - moving[0]!).toBeGreaterThanOrEqual(65);
        expect(shut[0]! - moving[0]!).toBeLessThanOrEqual(101);
        expect(shut.length).toBeGreaterThanOrEqual(39);
        expect(shut.length).toBeLessThanOrEqual(48);
        expect(moving.at(-1)! - shut.at(-1)!).toBeGreaterThanOrEqual(140);
        expect(moving.at(-1)! - shut.at(-1)!).toBeLessThanOrEqual(201);
      }
    }
  });
});

describe('a look', () => {
  it('has the eyes ahead of the head by about 120 ms', () => {
    const { frames } = finely('look-around');
    // When each has gone a tenth of its way to the first goal.
    const reaches = (way: (frame: MotionFrame) => number, goal: number): number =>
      frames.findIndex((frame) => Math.abs(way(frame)) > goal);
    const [eyes, head] = [reaches((frame) => frame.gaze?.x ?? 0, 5), reaches((frame) => frame.head?.yaw ?? 0, 1)];
    expect(head - eyes).toBeGreaterThan(120);
    expect(head - eyes).toBeLessThan(420);
    expect(headLag).toBe(0.12);
  });
});
