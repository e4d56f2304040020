/**
 * The closer look at lids, lips and irises, by the real network on a real face: the photograph of an astronaut in the shared
 * media. What it must agree with is the plain mesh and the iris network, which know nothing of it.
 */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refineWithAttention, type RefinedFace } from '../../../../src/engine/animate/face/attention-mesh.ts';
import { attentionEyes, attentionLips } from '../../../../src/engine/animate/face/attention-points.ts';
import { detectFaces } from '../../../../src/engine/animate/face/detector.ts';
import { eyeAspectRatio } from '../../../../src/engine/animate/face/eye-aspect-ratio.ts';
import { carefulMesh, findMesh } from '../../../../src/engine/animate/face/mesh.ts';
import { faceModels, openFaceNetworks, type FaceNetworks } from '../../../../src/engine/animate/face/networks.ts';
import { eyeRegions, lips } from '../../../../src/engine/animate/face/regions.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import type { Session } from '../../../../src/engine/model/session.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { sharedMedia } from '../../../media.ts';
import { installForTest, testModelCache } from '../../../models.ts';
import { findEyes } from './iris-network.ts';

const portrait = sharedMedia('portraits/astronaut.png');

async function load(path: string): Promise<Picture> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The picture with left and right exchanged. */
function mirror({ width, height, data }: Picture): Picture {
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3;
      turned.set(data.subarray(from, from + 3), (y * width + width - 1 - x) * 3);
    }
  }
  return { width, height, data: turned };
}

describe('the points of the mesh with attention', () => {
  test('the lists hold 80 vertices of the lips and 71 of each eye, none twice, and agree with the regions', () => {
    expect(new Set(attentionLips.flat()).size).toBe(80);
    const named = [lips.outerUpper, lips.outerLower, lips.innerUpper, lips.innerLower, lips.corners, lips.innerCorners];
    expect(attentionLips.slice(0, 4).flat().toSorted()).toEqual(named.flat().toSorted());
    expect(attentionLips.slice(4).flat().toSorted()).toEqual([...lips.middleUpper, ...lips.middleLower].toSorted());
    attentionEyes.forEach((vertices, side) => {
      const { lower, upper } = eyeRegions[side]!;
      expect(new Set(vertices).size).toBe(71);
      expect(vertices.slice(0, 16)).toEqual([...lower, ...upper]);
    });
  });
});

describe.skipIf(portrait === undefined)('lids, lips and irises of a photograph (needs ../shared/media)', () => {
  const pool = createSessionPool();
  let photo: Picture;
  let networks: FaceNetworks;
  let attention: Session;
  let iris: Session;
  let points: Float64Array;
  let refined: RefinedFace;
  let eyeWidth: number;

  const at = (vertex: number): readonly [number, number] => [points[3 * vertex]!, points[3 * vertex + 1]!];
  const apart = (a: readonly [number, number], b: readonly [number, number]): number =>
    Math.hypot(a[0] - b[0], a[1] - b[1]);

  beforeAll(async () => {
    for (const id of [...faceModels, 'iris']) await installForTest(id);
    networks = await openFaceNetworks(pool, testModelCache);
    ({ attention } = networks);
    iris = await pool.open({ id: 'iris', model: (await installForTest('iris')).network! });
    photo = await load(portrait!);
    const [detection] = await detectFaces(photo, networks);
    ({ points } = await carefulMesh(photo, await findMesh(photo, detection!, networks), networks));
    refined = await refineWithAttention(photo, points, attention, { careful: true });
    eyeWidth = apart(at(eyeRegions[0].outer), at(eyeRegions[0].inner));
  });

  afterAll(() => pool.close());

  test('its points lie where the plain mesh has them', () => {
    const distances = [...refined.lips].map(([vertex, point]) => apart(point, at(vertex)));
    expect(distances).toHaveLength(80);
    expect(Math.max(...distances)).toBeLessThan(0.25 * eyeWidth);
    for (const { lids, around } of refined.eyes) {
      expect(lids.size + around.size).toBe(71);
      for (const [vertex, point] of [...lids, ...around]) expect(apart(point, at(vertex))).toBeLessThan(0.3 * eyeWidth);
    }
  });

  test('each eye is its own: lids and iris agree with the iris network', async () => {
    const seen = await findEyes(photo, points, iris, { careful: true });
    refined.eyes.forEach((eye, side) => {
      expect(apart(eye.iris, seen[side]!.iris)).toBeLessThan(0.06 * eyeWidth);
      expect(Math.abs(eye.irisRadius / seen[side]!.irisRadius - 1)).toBeLessThan(0.1);
      const [mine, theirs] = [eyeAspectRatio(eye, side as 0 | 1), eyeAspectRatio(seen[side]!, side as 0 | 1)];
      expect(Math.abs(mine - theirs)).toBeLessThan(0.08);
    });
    // The subject's right eye is the viewer's left one.
    expect(refined.eyes[0].iris[0]).toBeLessThan(refined.eyes[1].iris[0]);
  });

  test('the mirror image gives the mirrored points', async () => {
    const { width } = photo;
    const turned = new Float64Array(points.length);
    networks.canonical.mirror.forEach((other, vertex) => {
      turned.set([width - 1 - points[3 * other]!, points[3 * other + 1]!, points[3 * other + 2]!], 3 * vertex);
    });
    const seen = await refineWithAttention(mirror(photo), turned, attention, { careful: true });
    const back = ([x, y]: readonly [number, number]): readonly [number, number] => [width - 1 - x, y];
    const mirrorOf = (vertex: number): number => networks.canonical.mirror[vertex]!;
    for (const [vertex, point] of refined.lips) {
      expect(apart(back(seen.lips.get(mirrorOf(vertex))!), point)).toBeLessThan(0.02 * eyeWidth);
    }
    for (const side of [0, 1] as const) {
      for (const [vertex, point] of refined.eyes[side].lids) {
        const other = seen.eyes[1 - side]!.lids.get(mirrorOf(vertex))!;
        expect(apart(back(other), point)).toBeLessThan(0.02 * eyeWidth);
      }
    }
  });

  test('a mesh that is off by a fiftieth of the face moves nothing much: steadier than the iris network', async () => {
    const { lids: before } = refined.eyes[0];
    const shifted = points.map((value, index) => value + (index % 3 === 0 ? 0.02 * 3 * eyeWidth : 0));
    const [again, first, second] = await Promise.all([
      refineWithAttention(photo, shifted, attention, { careful: true }),
      findEyes(photo, points, iris, { careful: true }),
      findEyes(photo, shifted, iris, { careful: true }),
    ]);
    const moved = (from: ReadonlyMap<number, readonly [number, number]>, to: typeof from): number =>
      Math.max(...[...from].map(([vertex, point]) => apart(point, to.get(vertex)!)));
    const mine = moved(before, again.eyes[0].lids);
    expect(mine).toBeLessThan(0.03 * eyeWidth);
    expect(mine).toBeLessThan(moved(first[0].lids, second[0].lids));
  });

  test('six crops of a large picture do not hold this thread for long', async () => {
    const scale = 4096 / photo.width;
    const image = sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } });
    const large: Picture = {
      width: 4096,
      height: Math.round(photo.height * scale),
      data: await image
        .resize(4096, Math.round(photo.height * scale), { fit: 'fill' })
        .raw()
        .toBuffer(),
    };
    const there = points.map((value) => value * scale);
    const work = (): Promise<unknown> => refineWithAttention(large, there, attention, { careful: true });
    await work();
    const { longestMs, stack } = await longestBlock(work);
    expect(longestMs, stack.join(' < ')).toBeLessThan(mostBlockMs);
  });

  test('it can be cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(refineWithAttention(photo, points, attention, { signal })).rejects.toMatchObject({
      code: 'job.cancelled',
    });
  });
});
