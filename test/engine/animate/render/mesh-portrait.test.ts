import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { findFaces } from '../../../../src/engine/animate/face/find-faces.ts';
import { trackMesh } from '../../../../src/engine/animate/face/mesh.ts';
import { personMask } from '../../../../src/engine/animate/face/segmentation.ts';
import { blendshapeNames } from '../../../../src/engine/animate/motion/blendshapes.ts';
import { presetTrack } from '../../../../src/engine/animate/motion/preset.ts';
import { headAtRest, type MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import { loadPhoto } from '../../../../src/engine/media/photo.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { estimateLight } from '../../../../src/engine/animate/render/light.ts';
import { openMeshPortrait } from '../../../../src/engine/animate/render/mesh-portrait.ts';
import type { Portrait } from '../../../../src/engine/animate/render/portrait.ts';
import { buildRig } from '../../../../src/engine/animate/rig/rig.ts';
import { paintedPortrait } from '../../../photographs.ts';
import { type FaceBench, openFaceBench, tiled } from '../face/face-test.ts';
import { canonicalForTest, faceFor, testPicture } from '../rig/rig-test.ts';

let bench: FaceBench;
let photo: Picture;
let face: Face;
let portrait: Portrait;

const open = (
  picture: Picture,
  faces: readonly Face[],
  extra: Partial<Parameters<typeof openMeshPortrait>[2]> = {},
): Promise<Portrait> =>
  openMeshPortrait(picture, faces, {
    canonical: bench.networks.canonical,
    mask: (box) => personMask(picture, box, bench.networks),
    seed: 1,
    threads: 1,
    ...extra,
  });

beforeAll(async () => {
  bench = await openFaceBench();
  ({ photo } = await loadPhoto(await paintedPortrait(), { longestSide: 700 }));
  face = (await findFaces(photo, bench.networks))[0]!;
  portrait = await open(photo, [face]);
});

afterAll(async () => {
  await portrait.close();
  await bench.close();
});

const pixels = async (motion: MotionFrame | undefined, of = portrait): Promise<Uint8Array> =>
  (await of.render([motion])).picture.data;
const turned: MotionFrame = {
  head: { ...headAtRest, yaw: 5, pitch: 3, roll: 2, x: 0.3 },
  blendshapes: { jawOpen: 0.4, eyeBlinkLeft: 0.6, eyeBlinkRight: 0.6, mouthSmileLeft: 0.5 },
  gaze: { x: 8, y: 0 },
};

/** The test runner takes seconds to compare a million numbers. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Mean difference of two pictures over a part of them, in levels. */
function apart(a: Uint8Array, b: Uint8Array, isMeant: (x: number, y: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.length / 3; i++) {
    if (!isMeant(i % photo.width, Math.floor(i / photo.width))) continue;
    for (let c = 0; c < 3; c++) sum += Math.abs(a[3 * i + c]! - b[3 * i + c]!);
    count += 3;
  }
  return sum / Math.max(1, count);
}
const inFace = (x: number, y: number): boolean =>
  x > face.box.x && x < face.box.x + face.box.width && y > face.box.y && y < face.box.y + face.box.height;

describe('a painted portrait', () => {
  test('without motion it is the painting, to the bit', async () => {
    expect(same(await pixels({}), photo.data)).toBe(true);
    expect(same(await pixels(undefined), photo.data)).toBe(true);
    const nothing = { blendshapes: {}, head: headAtRest, gaze: { x: 0, y: 0 }, breath: 0 };
    expect(same(await pixels(nothing), photo.data)).toBe(true);
  });

  test('motion changes the face and nothing away from the person', async () => {
    const moved = await pixels(turned);
    expect(apart(moved, photo.data, inFace)).toBeGreaterThan(4);
    const { scale } = face.pose;
    const middle = face.box.x + face.box.width / 2;
    const level = face.box.y + face.box.height / 2;
    const isFar = (x: number, y: number): boolean => Math.hypot(x - middle, y - level) > 27 * scale;
    expect(apart(moved, photo.data, isFar)).toBe(0);
  });

  test('the same motion and seed give the same pixels; another seed other grain in the mouth', async () => {
    const first = await pixels(turned);
    expect(same(await pixels(turned), first)).toBe(true);
    const other = await open(photo, [face], { seed: 2 });
    try {
      const again = await pixels(turned, other);
      expect(same(again, first)).toBe(false);
      expect(apart(again, first, inFace)).toBeLessThan(0.5);
    } finally {
      await other.close();
    }
  });

  test('several threads draw what one draws, in the order asked for', async () => {
    const both = await open(photo, [face], { threads: 2 });
    try {
      const motions = [0, 2, 4].map((yaw): MotionFrame => ({ head: { ...headAtRest, yaw } }));
      const together = await Promise.all(motions.map((motion) => pixels(motion, both)));
      for (const [i, motion] of motions.entries()) {
        expect(same(together[i]!, await pixels(motion))).toBe(true);
      }
    } finally {
      await both.close();
    }
  });

  test('the frame after a preset’s last is its first', async () => {
    const { frames, loops } = presetTrack('painting', { rate: { num: 25, den: 1 }, strength: 1, speed: 1, seed: 1 });
    expect(loops).toBe(true);
    const [first, last, second] = await Promise.all([0, frames.length - 1, 1].map((i) => pixels(frames[i])));
    const step = apart(first!, second!, inFace);
    expect(apart(last!, first!, inFace)).toBeLessThan(2 * step + 0.2);
  });

  test('the mesh is found again where it was meant to be: the face follows', async () => {
    const { picture, meshes } = await portrait.render([turned]);
    const found = await trackMesh(picture, meshes[0]!, bench.networks);
    const still = await trackMesh(photo, face.points, bench.networks);
    const distance = (points: Float64Array, to: Float64Array): number => {
      let sum = 0;
      for (let i = 0; i < points.length; i += 3) sum += Math.hypot(points[i]! - to[i]!, points[i + 1]! - to[i + 1]!);
      return sum / (points.length / 3);
    };
    expect(found.confidence).toBeGreaterThan(0.8);
    expect(distance(found.points, meshes[0]!)).toBeLessThan(0.5 * distance(still.points, meshes[0]!));
  });

  test('what was held back is told, what is visible is not turned over', async () => {
    const { limits, folds, stretch } = await portrait.render([{ head: { ...headAtRest, yaw: 30, roll: 3 } }]);
    expect(limits.map(({ code }) => code)).toHaveLength(1);
    expect(limits[0]!.code).toMatch(/^head\.(yaw|hidden-side)$/);
    expect(folds).toBeLessThanOrEqual(2);
    expect(stretch).toBeGreaterThan(1);
    expect((await portrait.render([{}])).stretch).toBe(1);
  });

  test('an expression that would tear the skin is held back, and it is told', async () => {
    const everything = Object.fromEntries(blendshapeNames.map((name) => [name, name.startsWith('eye') ? 0 : 1]));
    const { limits, stretch } = await portrait.render([{ blendshapes: everything }]);
    expect(limits).toEqual([{ code: 'mouth.stretch', value: 2.2 }]);
    expect(stretch).toBeLessThanOrEqual(2.21);
    expect((await portrait.render([turned])).limits).toEqual([]);
  });

  test('an order that is cancelled is not carried out', async () => {
    await expect(portrait.render([turned], AbortSignal.abort())).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});

test('two faces in one picture: one moves, the other stays to the bit, or both move', async () => {
  const pair = await tiled(photo, 2, 1);
  const faces = await findFaces(pair, bench.networks);
  expect(faces).toHaveLength(2);
  const half = (data: Uint8Array, right: boolean): number => {
    let sum = 0;
    for (let y = 0; y < pair.height; y++) {
      for (let x = 0; x < pair.width; x++) {
        if (x >= pair.width / 2 !== right) continue;
        const i = (y * pair.width + x) * 3;
        sum += Math.abs(data[i]! - pair.data[i]!);
      }
    }
    return sum / (pair.width * pair.height);
  };
  const one = await open(pair, [faces[0]!], { others: [faces[1]!] });
  const both = await open(pair, faces);
  try {
    const alone = (await one.render([turned])).picture.data;
    expect(half(alone, false)).toBeGreaterThan(0.5);
    expect(half(alone, true)).toBeLessThan(0.02);
    const { picture, meshes } = await both.render([turned, turned]);
    expect(half(picture.data, true)).toBeGreaterThan(0.5);
    expect(meshes).toHaveLength(2);
  } finally {
    await one.close();
    await both.close();
  }
});

test('light that falls on a face is read off it: brighter to the right, from above', async () => {
  const canonical = await canonicalForTest();
  const rig = buildRig(canonical, faceFor(canonical), testPicture);
  // Luma that grows to the viewer's right and upwards over the face, as light from there would make it.
  const data = new Uint8Array(testPicture.width * testPicture.height * 3);
  for (let y = 0; y < testPicture.height; y++) {
    for (let x = 0; x < testPicture.width; x++) {
      const value = 130 + 0.35 * (x - rig.middle[0]) - 0.2 * (y - rig.middle[1]);
      data.fill(
        Math.max(0, Math.min(255, value)),
        (y * testPicture.width + x) * 3,
        (y * testPicture.width + x) * 3 + 3,
      );
    }
  }
  const [, x, y] = estimateLight({ ...testPicture, data }, rig).coefficients;
  expect(x).toBeGreaterThan(0.08);
  expect(y).toBeLessThan(-0.01);
});
