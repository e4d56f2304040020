import { describe, expect, it } from 'vitest';
import {
  add,
  compare,
  divide,
  formatRational,
  multiply,
  rational,
  type Rational,
  toNumber,
} from '../../../../src/engine/rational.ts';
import {
  createTimeline,
  outputFrameCount,
  type TimelineOptions,
  type TimelineStep,
} from '../../../../src/engine/restore/between/timeline.ts';

interface Source {
  readonly time: Rational;
  readonly startsShot?: boolean;
}

function constantRate(rate: Rational, count: number): Source[] {
  return Array.from({ length: count }, (_, number) => ({ time: divide(rational(number), rate) }));
}

function run(options: TimelineOptions, sources: readonly Source[], duration?: Rational): TimelineStep[] {
  const timeline = createTimeline(options);
  const steps = sources.flatMap(({ time, startsShot }) => timeline.push(time, startsShot ?? false));
  return [...steps, ...timeline.end(duration)];
}

const sourceRates = [
  rational(16),
  rational(24000, 1001),
  rational(24),
  rational(175, 6),
  rational(30000, 1001),
  rational(50),
];
const targetRates = [
  rational(24),
  rational(25),
  rational(30),
  rational(48),
  rational(50),
  rational(60000, 1001),
  rational(60),
];

describe('the timeline of an output at an exact rate', () => {
  it.each(
    sourceRates.flatMap((from) =>
      targetRates.map((to) => [formatRational(from), formatRational(to), from, to] as const),
    ),
  )(
    'from %s to %s: every frame at its exact time, showing the exact moment of the source, to the last',
    (_from, _to, from, to) => {
      const sources = constantRate(from, 100);
      const duration = divide(rational(100), from);
      const steps = run({ rate: to, snap: 0 }, sources, duration);
      expect(steps).toHaveLength(Math.max(1, Math.round(toNumber(multiply(duration, to)))));
      const last = sources.at(-1)!.time;
      steps.forEach((step, index) => {
        expect(step.index).toBe(index);
        expect(compare(step.time, divide(rational(index), to))).toBe(0);
        const left = toNumber(sources[step.left]!.time);
        const right = toNumber(sources[step.right]!.time);
        const shown = left + (right - left) * step.phase;
        expect(shown).toBeCloseTo(Math.min(toNumber(step.time), toNumber(last)), 9);
        expect(step.right - step.left).toBe(step.kind === 'between' ? 1 : 0);
      });
    },
  );

  it('doubles a rate by showing every real frame and one made frame after each', () => {
    const steps = run({ rate: rational(60) }, constantRate(rational(30), 4));
    expect(steps.map(({ kind, left, phase }) => [kind, left, phase])).toEqual([
      ['real', 0, 0],
      ['between', 0, 0.5],
      ['real', 1, 0],
      ['between', 1, 0.5],
      ['real', 2, 0],
      ['between', 2, 0.5],
      ['real', 3, 0],
      ['held', 3, 0],
    ]);
  });

  it('snaps phases near 0 and 1 to real frames: 29.97 to 60 fps makes little over half of its frames', () => {
    const sources = constantRate(rational(30000, 1001), 300);
    const kinds = run({ rate: rational(60) }, sources).map(({ kind }) => kind);
    const exact = run({ rate: rational(60), snap: 0 }, sources).map(({ kind }) => kind);
    const made = (list: string[]) => list.filter((kind) => kind === 'between').length;
    expect(made(exact)).toBeGreaterThan(590);
    expect(made(kinds)).toBeLessThan(590);
    for (const step of run({ rate: rational(60) }, sources)) {
      if (step.kind === 'between') expect(Math.min(step.phase, 1 - step.phase)).toBeGreaterThanOrEqual(0.02);
    }
  });

  it('slows motion down exactly, keeping the rate', () => {
    const steps = run({ rate: rational(60), slowdown: rational(4) }, constantRate(rational(30), 3), rational(1, 10));
    expect(steps).toHaveLength(24);
    expect(steps.slice(0, 9).map(({ left, phase }) => left + phase)).toEqual([
      0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1,
    ]);
  });

  it('never mixes across a cut: the last frame of the shot is held until the cut', () => {
    const sources = constantRate(rational(10), 6).map((source, number) => ({ ...source, startsShot: number === 3 }));
    const steps = run({ rate: rational(60) }, sources);
    for (const { left, right } of steps) expect(left < 3).toBe(right < 3);
    const held = steps.filter(({ kind, left }) => kind === 'held' && left === 2);
    expect(held).toHaveLength(5);
    expect(steps.find(({ left }) => left === 3)!.index).toBe(18);
  });

  it('follows a variable frame rate', () => {
    const times = [rational(0), rational(1, 30), rational(1, 10), rational(7, 60), rational(1, 5)];
    const steps = run(
      { rate: rational(60), snap: 0 },
      times.map((time) => ({ time })),
      rational(1, 4),
    );
    expect(steps).toHaveLength(15);
    for (const { time, left, right, phase } of steps.slice(0, 13)) {
      const [from, to] = [toNumber(times[left]!), toNumber(times[right]!)];
      expect(from + (to - from) * phase).toBeCloseTo(toNumber(time), 9);
    }
  });

  it('holds a picture through a long gap and moves only at the end of it', () => {
    const times = [rational(0), rational(1, 10), rational(21, 10), rational(22, 10)];
    const steps = run(
      { rate: rational(20) },
      times.map((time) => ({ time })),
    );
    const inGap = steps.filter(({ time }) => compare(time, rational(1, 10)) > 0 && compare(time, rational(2)) <= 0);
    expect(new Set(inGap.map(({ kind, left }) => `${kind} ${left}`))).toEqual(new Set(['held 1']));
    const moving = steps.find(({ time }) => compare(time, rational(41, 20)) === 0)!;
    expect(moving).toMatchObject({ kind: 'between', left: 1, right: 2 });
    expect(moving.phase).toBeCloseTo(0.5, 9);
  });

  it('holds the first frame before its time and the last to the end of the clip', () => {
    const steps = run({ rate: rational(10) }, [{ time: rational(3, 10) }, { time: rational(4, 10) }], rational(7, 10));
    expect(steps.map(({ kind, left }) => [kind, left])).toEqual([
      ['held', 0],
      ['held', 0],
      ['held', 0],
      ['real', 0],
      ['real', 1],
      ['held', 1],
      ['held', 1],
    ]);
  });

  it('passes over frames that do not advance', () => {
    const times = [rational(0), rational(1, 10), rational(1, 10), rational(1, 20), rational(2, 10)];
    const steps = run(
      { rate: rational(10) },
      times.map((time) => ({ time })),
    );
    expect(steps.map(({ left }) => left)).toEqual([0, 1, 4]);
  });

  it('makes one frame of one frame, and none of none', () => {
    expect(run({ rate: rational(60) }, [{ time: rational(0) }])).toHaveLength(1);
    expect(run({ rate: rational(60) }, [])).toHaveLength(0);
  });

  it('needs one source frame of look-ahead', () => {
    const timeline = createTimeline({ rate: rational(60) });
    let ready = 0;
    for (let number = 0; number < 50; number += 1) {
      ready += timeline.push(rational(number, 30), false).length;
      expect(ready).toBe(2 * number);
    }
  });

  it('stays exact over ten hours', () => {
    const start = rational(36_000);
    const count = outputFrameCount(add(start, rational(1001, 24000)), rational(60000, 1001));
    expect(count).toBe(2157845);
  });

  it.each(['rate', 'slowdown', 'longestInterval'] as const)('refuses a %s of 0', (name) => {
    expect(() => createTimeline({ rate: rational(60), [name]: rational(0) })).toThrow(name);
  });
});
