import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';

import { readCanonicalFace, ringsAround, type CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import {
  browRegions,
  cheekEdges,
  chin,
  eyeRegions,
  lips,
  noseTip,
} from '../../../../src/engine/animate/face/regions.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { installForTest } from '../../../models.ts';

let bytes: Uint8Array;
let face: CanonicalFace;

beforeAll(async () => {
  const { files } = await installForTest('canonical-face');
  bytes = await readFile(Object.values(files)[0]!);
  face = readCanonicalFace(bytes);
});

const point = (index: number): number[] => [...face.points.subarray(3 * index, 3 * index + 3)];

describe('the canonical face', () => {
  test('stands upright and looks at the viewer: x right, y down, z away', () => {
    expect(point(chin)[1]).toBeGreaterThan(point(10)[1]! + 10);
    // The subject's right eye is on the viewer's left.
    expect(point(eyeRegions[0].outer)[0]).toBeLessThan(-3);
    expect(point(noseTip)[2]).toBeLessThan(point(cheekEdges[0])[2]! - 5);
  });

  test('has 36 points around it and every triangle in one part', () => {
    expect(new Set(face.oval).size).toBe(36);
    const { skin, eyeFills, mouthFill, triangles } = face;
    expect([skin, ...eyeFills, mouthFill].map((part) => part.length / 3)).toEqual([852, 14, 14, 18]);
    expect([...skin, ...eyeFills.flat(), ...mouthFill].toSorted()).toEqual([...triangles].toSorted());
  });

  test('is its own mirror image', () => {
    const { mirror } = face;
    expect(mirror.every((other, index) => mirror[other] === index)).toBe(true);
    expect(eyeRegions[0].lower.map((index) => mirror[index])).toEqual(eyeRegions[1].lower);
    expect(eyeRegions[0].upper.map((index) => mirror[index])).toEqual(eyeRegions[1].upper);
    expect(browRegions[0].map((index) => mirror[index])).toEqual(browRegions[1]);
    for (const side of [lips.outerUpper, lips.outerLower, lips.innerUpper, lips.innerLower]) {
      expect(side.map((index) => mirror[index])).toEqual(side.toReversed());
    }
  });

  test('is read without holding a thread for long', async () => {
    const { longestMs, stack } = await longestBlock(() => Promise.resolve(readCanonicalFace(bytes)));
    expect(longestMs, stack.join(' < ')).toBeLessThan(mostBlockMs);
  });

  test('knows which points are one edge apart', () => {
    const rings = ringsAround(face, [noseTip], 2);
    expect([...rings.values()].filter((ring) => ring === 1)).toHaveLength(face.neighbours[noseTip]!.length);
    expect(rings.has(chin)).toBe(false);
    expect(face.neighbours.every((near, index) => near.every((other) => face.neighbours[other]!.includes(index)))).toBe(
      true,
    );
  });

  test.each([
    ['a file cut short', (whole: Uint8Array) => whole.subarray(0, 3_740_000)],
    ['a byte that makes a field too long', (whole: Uint8Array) => whole.with(3_737_849, 0xff)],
    ['another file', () => new Uint8Array(4_000_000)],
  ])('is not read out of %s', (_, spoil) => {
    expect(() => readCanonicalFace(spoil(bytes))).toThrow(/^model.malformed/);
  });
});
