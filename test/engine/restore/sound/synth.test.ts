import { describe, expect, it } from 'vitest';
import { ambienceNames, type AmbienceName } from '../../../../src/engine/restore/sound/request.ts';
import { motionEnvelope } from '../../../../src/engine/restore/sound/motion-envelope.ts';
import { quantum, sampleRate, type Stereo, stereo } from '../../../../src/engine/restore/sound/synth/block.ts';
import { duckingAt, shaper } from '../../../../src/engine/restore/sound/synth/shaping.ts';
import { chuffRate } from '../../../../src/engine/restore/sound/synth/steam-train.ts';
import { ambiences } from '../../../../src/engine/restore/sound/synth/voices.ts';
import {
  correlation,
  decibels,
  identical,
  middle,
  outline,
  power,
  render,
  repeats,
  shareBetween,
} from './listening.ts';
import { envelope, range, square, still, trackOf } from './pictures.ts';

const lively = envelope(() => ({ amount: 0.5, flow: 0.1 }));

describe.each(ambienceNames)('%s', (name: AmbienceName) => {
  const seconds = 2.5;
  const heard = render(name, seconds, { motion: lively });

  it('is the same for a seed, whatever the size of the blocks', () => {
    const again = render(name, seconds, { motion: lively, block: 1000 });
    expect(identical(again.left, heard.left)).toBe(true);
    expect(identical(again.right, heard.right)).toBe(true);
    const brief = render(name, 0.2, { motion: lively, block: 37, seconds });
    expect(identical(brief.left, heard.left.subarray(0, 0.2 * sampleRate))).toBe(true);
  });

  it('is another for another seed', () => {
    const other = render(name, seconds, { motion: lively, seed: 2 });
    expect(Math.abs(correlation(other.left, heard.left))).toBeLessThan(0.5);
    expect(identical(other.left, heard.left)).toBe(false);
  });

  it('has no gaps in its numbers, no direct current, and something to hear on both sides', () => {
    for (const side of [heard.left, heard.right]) {
      expect(side.every(Number.isFinite)).toBe(true);
      const mean = side.reduce((sum, value) => sum + value, 0) / side.length;
      expect(Math.abs(mean)).toBeLessThan(0.005 * Math.sqrt(power(side)));
      expect(power(side)).toBeGreaterThan(1e-6);
    }
  });

  it('does not show where one quantum ends and the next begins', () => {
    const edge = [0, 0];
    const inside = [0, 0];
    for (const side of [heard.left, heard.right]) {
      for (let i = quantum; i < side.length - 1; i++) {
        const bend = Math.abs(side[i - 1]! - 2 * side[i]! + side[i + 1]!);
        const sums = i % quantum === 0 ? edge : inside;
        sums[0]! += bend;
        sums[1]! += 1;
      }
    }
    expect(edge[0]! / edge[1]!).toBeLessThan(1.2 * (inside[0]! / inside[1]!) + 1e-7);
  });

  it('ducks at a cut and is back half a second later', () => {
    // The same voice with and without the shaping of a cut: what differs is the ducking alone.
    const cut = 1;
    const shaped = shaped128(name, heard, [cut]);
    const plain = shaped128(name, heard, []);
    const change = (from: number, to: number): number =>
      decibels(power(middle(shaped), from, to) / power(middle(plain), from, to));
    const { duckDb } = ambiences[name].shape;
    expect(duckDb).toBeGreaterThanOrEqual(4);
    expect(change(cut, cut + 0.05)).toBeCloseTo(-duckDb, 0);
    expect(change(cut + 0.5, 2.4)).toBeCloseTo(0, 3);
    expect(change(0, cut - 0.06)).toBeCloseTo(0, 3);
  });

  it('swells as something comes near', () => {
    const nearing = envelope((at) => ({ amount: 0.4, nearness: at < 2 ? -0.6 : 0.8, approach: at < 2 ? 0 : 0.5 }));
    const level = envelope(() => ({ amount: 0.4, nearness: -0.6 }));
    const [near, far] = [render(name, 4, { motion: nearing }), render(name, 4, { motion: level })];
    const rise = decibels(power(middle(near), 2.6, 4) / power(middle(far), 2.6, 4));
    expect(rise).toBeGreaterThan(ambiences[name].shape.swellDb * 0.8);
  });

  it('leans to where the picture moves', () => {
    const [left, right] = [-0.9, 0.9].map((pan) => render(name, 3, { motion: envelope(() => ({ amount: 0.4, pan })) }));
    const lean = ({ left: l, right: r }: Stereo): number => decibels(power(r, 1) / power(l, 1));
    expect(lean(right!) - lean(left!)).toBeGreaterThan(20 * ambiences[name].shape.panWidth * 0.8);
  });
});

/** A voice's samples through a shaper of their own, without the picture's motion. */
function shaped128(name: AmbienceName, { left, right }: Stereo, cuts: readonly number[]): Stereo {
  const shape = shaper(ambiences[name].shape, cuts);
  const whole = stereo(Math.floor(left.length / quantum) * quantum);
  for (let at = 0; at < whole.left.length; at += quantum) {
    const part = { left: left.slice(at, at + quantum), right: right.slice(at, at + quantum) };
    shape(part, at / sampleRate, still);
    whole.left.set(part.left, at);
    whole.right.set(part.right, at);
  }
  return whole;
}

describe('ducking', () => {
  it('is deepest at the cut, whole for each of several, and nothing elsewhere', () => {
    expect(duckingAt([1, 1.2], 0.9, 8)).toBeCloseTo(0);
    expect(duckingAt([1, 1.2], 1, 8)).toBe(-8);
    expect(duckingAt([1, 1.2], 1.2, 8)).toBe(-8);
    expect(duckingAt([1, 1.2], 1.15, 8)).toBeLessThan(-4);
    expect(duckingAt([1, 1.2], 1.7, 8)).toBeCloseTo(0);
  });
});

describe('a square that crosses the picture', () => {
  it('takes footsteps with it from left to right', () => {
    const frames = [...range(64)].map((i) => square(i, 16, 20 + (120 * i) / 63, 60, 30));
    const { left, right } = render('footsteps', 4, { motion: motionEnvelope(trackOf(frames)) });
    expect(decibels(power(left, 0.3, 1.3) / power(right, 0.3, 1.3))).toBeGreaterThan(4);
    expect(decibels(power(right, 2.8, 3.8) / power(left, 2.8, 3.8))).toBeGreaterThan(4);
  });
});

describe('what each ambience is made of', () => {
  it('a projector clatters at the rate of its film', () => {
    for (const [frameRate, other] of [
      [16, 24],
      [24, 16],
    ] as const) {
      const beats = outline(middle(render('projector', 4, { frameRate })));
      expect(repeats(beats, 1 / frameRate)).toBeGreaterThan(0.3);
      expect(repeats(beats, 1 / frameRate)).toBeGreaterThan(repeats(beats, 1 / other) + 0.2);
    }
  });

  it('a clip at 60 frames a second is shown at 24, as no projector runs so fast', () => {
    const beats = outline(middle(render('projector', 4, { frameRate: 60 })));
    expect(repeats(beats, 1 / 24)).toBeGreaterThan(0.3);
  });

  it('a train puffs as fast as the picture moves, and pants when it stands', () => {
    expect(chuffRate(0)).toBe(0);
    for (const amount of [0.15, 0.6]) {
      const rate = chuffRate(amount);
      // Told that the clip is short, it does not blow its whistle.
      const train = middle(render('steam-train', 9, { motion: envelope(() => ({ amount })), seconds: 5 }));
      const beats = outline(train.subarray(3 * sampleRate));
      expect(repeats(beats, 1 / rate)).toBeGreaterThan(0.2);
      expect(repeats(beats, 1 / rate)).toBeGreaterThan(repeats(beats, 0.5 / rate) + 0.3);
    }
    expect(chuffRate(0.6) / chuffRate(0.15)).toBeGreaterThan(2);
    const standing = middle(render('steam-train', 6));
    expect(decibels(power(standing) / power(middle(render('steam-train', 6, { motion: lively }))))).toBeLessThan(-6);
  });

  it('footsteps keep step with the picture, and stop when nothing moves', () => {
    const walking = envelope((at) => ({ amount: at < 4 ? 0.3 : 0 }));
    const steps = render('footsteps', 8, { motion: walking, cadence: { hz: 2.2, phaseSeconds: 0.25 } });
    const beats = outline(middle(steps).subarray(0, 4 * sampleRate));
    expect(repeats(beats, 1 / 2.2)).toBeGreaterThan(0.3);
    expect(repeats(beats, 1 / 2.2)).toBeGreaterThan(repeats(beats, 0.5 / 2.2) + 0.2);
    expect(decibels(power(middle(steps), 6, 8) / power(middle(steps), 0, 4))).toBeLessThan(-20);
    // The first foot comes down when the picture says so.
    const before = power(middle(steps), 0.15, 0.24);
    expect(decibels(power(middle(steps), 0.25, 0.3) / before)).toBeGreaterThan(10);
  });

  it('rain is broad and bright, wind dark, the sea dark and breathing', () => {
    const rain = middle(render('rain', 6));
    expect(shareBetween(rain, 1000, 12_000)).toBeGreaterThan(0.5);
    expect(shareBetween(rain, 20, 200)).toBeLessThan(0.25);
    const wind = middle(render('wind', 6));
    expect(shareBetween(wind, 20, 1500)).toBeGreaterThan(0.9);
    const sea = middle(render('sea', 16));
    expect(shareBetween(sea, 20, 1500)).toBeGreaterThan(0.7);
    const halves = [...range(32)].map((i) => power(sea, i / 2, i / 2 + 0.5));
    expect(decibels(Math.max(...halves) / Math.min(...halves))).toBeGreaterThan(8);
    const rainHalves = [...range(12)].map((i) => power(rain, i / 2, i / 2 + 0.5));
    expect(decibels(Math.max(...rainHalves) / Math.min(...rainHalves))).toBeLessThan(6);
  });

  it('a crowd speaks: its power lies where speech has it, and pulses as syllables do', () => {
    const crowd = middle(render('crowd', 8));
    expect(shareBetween(crowd, 120, 4000)).toBeGreaterThan(0.9);
    expect(shareBetween(crowd, 250, 1400)).toBeGreaterThan(0.5);
    expect(shareBetween(crowd, 1400, 6000)).toBeGreaterThan(0.003);
  });

  it('vinyl crackles over hiss: few samples stand far out', () => {
    const vinyl = middle(render('vinyl', 6));
    const fourth = vinyl.reduce((sum, value) => sum + value ** 4, 0) / vinyl.length / power(vinyl) ** 2;
    // Gaussian noise has 3.
    expect(fourth).toBeGreaterThan(6);
    expect(shareBetween(vinyl, 1000, 10_000)).toBeGreaterThan(0.3);
  });

  it('nothing loops: no ambience comes back to itself within twelve seconds', () => {
    for (const name of ['rain', 'wind', 'street', 'sea'] as const) {
      const sound = middle(render(name, 12));
      for (const lag of [1, 2, 3, 4, 5, 6, 8]) {
        const later = sound.subarray(lag * sampleRate);
        expect(Math.abs(correlation(later, sound.subarray(0, later.length)))).toBeLessThan(0.15);
      }
    }
  });
});
