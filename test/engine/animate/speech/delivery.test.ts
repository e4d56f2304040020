/** What the head does while it speaks, from a loudness that is made up. */
import { describe, expect, it } from 'vitest';

import { gestureAt, playScore } from '../../../../src/engine/animate/motion/score.ts';
import { deliver, type Delivery } from '../../../../src/engine/animate/speech/delivery.ts';
import type { Loudness } from '../../../../src/engine/animate/speech/loudness.ts';

const voice = (change: Partial<Loudness>): Loudness => ({
  step: 0.016,
  level: new Float32Array(300).fill(0.8),
  pauses: [],
  stresses: [],
  onsets: [],
  ...change,
});
const speak = (loudness: Loudness, change: Partial<Delivery> = {}) =>
  deliver(loudness, { style: 'speak', seconds: 4, frameSeconds: 0.04, seed: 1, ...change });

describe('delivery', () => {
  it('blinks in the longest pause, wherever it is', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      for (const from of [0.6, 1.1, 2.9]) {
        const pauses = [[2, 2.2] as const, [from, from + 0.4] as const];
        const { blinks } = speak(voice({ pauses }), { seed });
        expect(blinks).toHaveLength(1);
        expect(blinks[0]!.shut).toBeGreaterThan(from);
        expect(blinks[0]!.shut).toBeLessThan(from + 0.4);
      }
    }
  });

  it('has the head lowest just after a stress, and looks away in a long pause', () => {
    const score = speak(voice({ stresses: [{ time: 1.5, strength: 1 }], pauses: [[2.3, 3.2]] }));
    const nod = score.gestures.find(({ channel, amount }) => channel === 'pitch' && amount < 0)!;
    const pitch = (time: number): number => nod.amount * gestureAt(nod, time);
    expect(pitch(1.54)).toBeLessThan(-1);
    expect(Math.abs(pitch(1.1))).toBe(0);
    const away = (time: number): number => Math.abs(playScore({ ...score, sways: [] }, time).gaze?.x ?? 0);
    expect(away(2.6)).toBeGreaterThan(4);
    expect(away(1.8)).toBeLessThan(0.01);
  });

  it('that sings goes down on each beat, and everything ends at rest', () => {
    const onsets = [0.8, 1.6, 2.4].map((time) => ({ time, strength: 1 }));
    const score = speak(voice({ onsets }), { style: 'sing' });
    for (const { time } of onsets) {
      const at = (when: number): number => playScore({ ...score, sways: [] }, when).head?.pitch ?? 0;
      expect(at(time + 0.02)).toBeLessThan(at(time - 0.2) - 2);
    }
    const { head, gaze, breath } = playScore(score, 4);
    for (const value of [head?.yaw, head?.pitch, head?.roll, head?.y, gaze?.x, breath])
      expect(Math.abs(value ?? 0)).toBeLessThan(1e-9);
  });
});
