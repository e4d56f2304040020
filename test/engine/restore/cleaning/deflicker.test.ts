import { describe, expect, it } from 'vitest';

import { rational } from '../../../../src/engine/rational.ts';
import { deflicker } from '../../../../src/engine/restore/cleaning/deflicker.ts';
import type { GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { composed, identityTone, inverted, toneChange } from '../../../../src/engine/restore/inspection/tone-change.ts';
import { collect, frameOf, leaves, pieceOf, quiet, streamOf } from '../leaves.ts';
import { maxDifference, random } from '../pictures.ts';

const world = leaves(360, 140, 4);
/** A walk through the leaves, so that what is seen changes. */
const view = (k: number): GreyPicture => pieceOf(world, 10 + 2 * k, 10, 160, 120);
const toned = (picture: GreyPicture, tone: (level: number) => number): GreyPicture => ({
  ...picture,
  data: picture.data.map((level) => Math.max(0, Math.min(255, Math.round(tone(level))))),
});
const light = (data: Uint8Array): number => data.reduce((sum, level) => sum + level, 0) / data.length;

/** How much the light jumps from frame to frame beside its course: deviation from the middle of the neighbours. */
function flickerOf(levels: readonly number[]): number {
  const off = levels.slice(1, -1).map((level, i) => level - (levels[i]! + levels[i + 2]!) / 2);
  return Math.sqrt(off.reduce((sum, value) => sum + value ** 2, 0) / off.length);
}

async function after(pictures: readonly GreyPicture[], cuts: readonly number[] = []): Promise<Uint8Array[]> {
  const frames = pictures.map((picture, i) => ({
    ...frameOf(picture, rational(i, 16)),
    ...(cuts.includes(i) && { startsShot: true }),
  }));
  return (await collect(deflicker(streamOf(frames), quiet))).map((frame) => frame.data);
}

describe('deflicker', () => {
  const next = random(3);
  const shakes = Array.from({ length: 40 }, () => next() * 2 - 1);

  it.each([
    { name: 'gain', tone: (shake: number) => (level: number) => level * (1 + 0.1 * shake) },
    { name: 'gamma', tone: (shake: number) => (level: number) => 255 * (level / 255) ** Math.exp(0.15 * shake) },
    { name: 'lift', tone: (shake: number) => (level: number) => level + 10 * shake },
  ])('takes out nine tenths of flickering $name', async ({ tone }) => {
    const clean = shakes.map((_, k) => view(k));
    const flickering = clean.map((picture, k) => toned(picture, tone(shakes[k]!)));
    const course = clean.map((picture) => light(picture.data));
    const error = (data: readonly Uint8Array[]) => flickerOf(data.map((each, k) => light(each) - course[k]!));
    const [before, left] = [error(flickering.map(({ data }) => data)), error(await after(flickering))];
    expect(before).toBeGreaterThan(2);
    expect(left).toBeLessThan(before / 10);
  });

  it('leaves steady light as it is, a level here and there, however much moves', async () => {
    const pictures = shakes.map((_, k) => view(k));
    const out = await after(pictures);
    for (const [k, picture] of pictures.entries()) {
      const before = frameOf(picture).data;
      expect(maxDifference(out[k]!, before)).toBeLessThanOrEqual(10);
      expect(out[k]!.reduce((sum, level, i) => sum + Math.abs(level - before[i]!), 0) / before.length).toBeLessThan(
        1.1,
      );
    }
  });

  it('leaves a steady fade within a level', async () => {
    const fading = shakes.map((_, k) => toned(view(0), (level) => level * (1 - 0.02 * k)));
    const out = await after(fading);
    for (const [k, { data }] of fading.entries()) expect(Math.abs(light(out[k]!) - light(data))).toBeLessThan(1);
  });

  it('leaves a flash as bright as it was, and its neighbours as dark', async () => {
    const pictures = shakes.map((_, k) => (k === 20 ? toned(view(k), (level) => 150 + level * 0.4) : view(k)));
    const out = await after(pictures);
    for (const k of [18, 19, 20, 21, 22]) expect(Math.abs(light(out[k]!) - light(pictures[k]!.data))).toBeLessThan(1);
  });

  it('does not carry the light of one shot into the next', async () => {
    const pictures = shakes.map((_, k) => toned(view(k), (level) => (k < 20 ? level * 0.85 : level)));
    const out = await after(pictures, [20]);
    for (const [k, { data }] of pictures.entries()) expect(Math.abs(light(out[k]!) - light(data))).toBeLessThan(1);
    // Without the mark the step is a change of light like any other.
    const carried = await after(pictures);
    expect(light(carried[20]!)).toBeLessThan(light(pictures[20]!.data) - 2);
  });
});

describe('tone change', () => {
  it('reads the curve from one picture to the next', () => {
    const curve = toneChange(
      view(0),
      toned(view(0), (level) => 20 + 0.8 * level),
    );
    // Below the darkest group it bends to black, which stays.
    for (const level of [80, 100, 150, 190]) expect(Math.abs(curve[level]! - (20 + 0.8 * level))).toBeLessThan(1.5);
    expect(curve[0]).toBe(0);
  });

  it('is not bent by what moves or enters', () => {
    const entering = { ...view(0), data: view(1).data.map((level, i) => (i % 160 < 16 ? 230 : level)) };
    const curve = toneChange(view(0), entering);
    for (const level of [60, 100, 150, 190]) expect(Math.abs(curve[level]! - level)).toBeLessThan(5);
  });

  it('has an inverse', () => {
    const curve = identityTone.map((level) => 255 * (level / 255) ** 1.3);
    const round = composed(curve, inverted(curve));
    for (let level = 10; level < 250; level += 20) expect(round[level]).toBeCloseTo(level, 0);
  });
});
