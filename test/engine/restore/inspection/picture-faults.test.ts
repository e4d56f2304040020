import { describe, expect, it } from 'vitest';

import {
  addFieldEvidence,
  addGridSteps,
  blockinessOf,
  blockNoise,
  fieldsOf,
  halved,
  noFieldEvidence,
  noiseOf,
} from '../../../../src/engine/restore/inspection/picture-faults.ts';
import type { GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { grainy, leaves, pieceOf } from '../leaves.ts';

/** A calm picture: a slope of light over which noise shows as it is. */
function slope(width: number, height: number): GreyPicture {
  const data = Uint8Array.from({ length: width * height }, (_, i) => 60 + (120 * (i % width)) / width);
  return { data, width, height };
}

describe('noise', () => {
  it.each([1, 2, 5, 10])('of %s levels is measured within a twentieth', (deviation) => {
    // A level is rounded, which adds a twelfth of its own.
    const expected = Math.sqrt(deviation ** 2 + 1 / 12);
    expect(noiseOf(blockNoise(grainy(slope(256, 256), deviation, 7))) / expected).toBeCloseTo(1, 1);
  });

  it('is not taken from edges and shading', () => {
    expect(noiseOf(blockNoise(slope(256, 256)))).toBeLessThan(0.6);
  });

  it('leaves clipped places out', () => {
    expect(blockNoise({ data: new Uint8Array(64 * 64), width: 64, height: 64 })).toEqual([]);
    expect(noiseOf([])).toBe(0);
  });

  it('halves with the picture when it is white, and stays when it is coarse', () => {
    const noisy = grainy(slope(256, 256), 8, 3);
    expect(noiseOf(blockNoise(halved(noisy))) / noiseOf(blockNoise(noisy))).toBeCloseTo(0.5, 1);
  });
});

describe('blockiness', () => {
  const measure = (picture: GreyPicture): number => {
    const steps = new Float64Array(8);
    addGridSteps(picture, steps);
    return blockinessOf(steps);
  };
  const picture = grainy(leaves(256, 256, 2), 1, 4);

  it('is nil without a grid', () => {
    expect(measure(picture)).toBeLessThan(0.05);
  });

  it('grows with steps at every eighth pixel', () => {
    const stepped = (size: number): GreyPicture => ({
      ...picture,
      data: picture.data.map((level, i) => level + ((size * (((i % 256) >> 3) + (i >> 11))) % (2 * size))),
    });
    const [weak, strong] = [measure(stepped(3)), measure(stepped(8))];
    expect(weak).toBeGreaterThan(0.1);
    expect(strong).toBeGreaterThan(2 * weak);
  });
});

describe('fields', () => {
  const world = leaves(400, 160, 9);
  /** What a camera that pans by `speed` pixels a field sees at a field's time. */
  const at = (field: number, speed: number): GreyPicture =>
    pieceOf(world, 20 + Math.round(field * speed), 10, 128, 128);
  const woven = (upper: GreyPicture, lower: GreyPicture): GreyPicture => ({
    ...upper,
    data: upper.data.map((level, i) => (Math.floor(i / upper.width) % 2 === 0 ? level : lower.data[i]!)),
  });
  const verdict = (frame: (k: number) => GreyPicture) => {
    const evidence = noFieldEvidence();
    for (let k = 0; k < 6; k += 2) addFieldEvidence(frame(k), frame(k + 1), evidence);
    return fieldsOf(evidence);
  };

  it.each([1, 3, 6])('are told apart at %s pixels a field', (speed) => {
    expect(verdict((k) => woven(at(2 * k, speed), at(2 * k + 1, speed)))).toBe('top-first');
    expect(verdict((k) => woven(at(2 * k + 1, speed), at(2 * k, speed)))).toBe('bottom-first');
    expect(verdict((k) => at(2 * k, speed))).toBe('progressive');
  });

  it('say nothing while nothing moves', () => {
    expect(verdict(() => at(0, 0))).toBeUndefined();
    expect(verdict((k) => grainy(at(0, 0), 2, k + 1))).toBeUndefined();
  });
});
