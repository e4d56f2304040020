/**
 * The neural back end with stand-in networks of the published ones' inputs and outputs: what goes in where, in which order,
 * and where the painted face comes back. How real weights look, no test here can tell.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import { alignToFfhq } from '../../../../src/engine/animate/neural/alignment.ts';
import { motionPoints, moveHead } from '../../../../src/engine/animate/neural/motion-points.ts';
import { openNeuralPortrait } from '../../../../src/engine/animate/neural/neural-portrait.ts';
import type { MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import { headAtRest } from '../../../../src/engine/animate/motion/track.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import type { Portrait } from '../../../../src/engine/animate/render/portrait.ts';
import type { SessionPool } from '../../../../src/engine/model/session.ts';
import { canonicalForTest, makeFace, plainPhoto } from './made-face.ts';
import {
  featureExtractor,
  generator,
  installStandIns,
  motionExtractor,
  standInMotion,
  stitcher,
  type StandInWeights,
} from './stand-ins.ts';

let canonical: CanonicalFace;
let pool: SessionPool;
const installed: StandInWeights[] = [];

async function install(options: Parameters<typeof installStandIns>[0] = {}): Promise<string> {
  const weights = await installStandIns(options);
  installed.push(weights);
  return weights.modelsDir;
}

let modelsDir: string;
let withRetargeters: string;
/** Opened once: its thread takes a second to start from source. */
let portrait: Portrait;

beforeAll(async () => {
  canonical = await canonicalForTest();
  pool = createSessionPool({ providers: ['cpu'], threads: 1 });
  [modelsDir, withRetargeters] = await Promise.all([install(), install({ retargeting: true })]);
  portrait = await open(modelsDir);
});
afterAll(async () => {
  await portrait.close();
  await pool.close();
  for (const weights of installed) weights.remove();
});

const grey = [100, 120, 140] as const;
const photo = plainPhoto(360, 300, grey);
const placed = { x: 180, y: 150, scale: 7 };
const open = (at: string, seen: Picture = photo, faces = [makeFace(canonical, placed)]) =>
  openNeuralPortrait(seen, faces, { pool, modelsDir: at, seed: 1 });

const pixel = ({ data, width }: Picture, x: number, y: number): readonly number[] => [
  ...data.subarray(3 * (Math.round(y) * width + Math.round(x)), 3 * (Math.round(y) * width + Math.round(x)) + 3),
];

/** Point 0 of what the generator is to be given beyond the photograph's own, for a head that has moved. */
function pointZero(motion: MotionFrame): readonly number[] {
  const face = makeFace(canonical, placed);
  const crop = alignToFfhq(face.points);
  const info = { ...standInMotion, translation: [grey[0] / 255, grey[1] / 255, grey[2] / 255] as const };
  const still = motionPoints(info);
  const moved = motionPoints(
    moveHead(info, motion.head!, { unit: crop.size / 2, scale: face.pose.scale, angle: crop.angle }).info,
  );
  // The stand-in stitcher goes twice as far.
  return [0, 1, 2].map((axis) => 2 * (moved[axis]! - still[axis]!));
}

describe('a portrait that networks paint', () => {
  test('at rest is the photograph, byte for byte', async () => {
    const frame = await portrait.render([undefined]);
    expect(frame.picture).toEqual(photo);
    expect(frame.meshes).toEqual([portrait.faces[0]!.points]);
  });

  test('moves its points with the head, and is put back where it was cut out', async () => {
    const motion = { head: { ...headAtRest, yaw: 6, pitch: -4, roll: 3, x: 0.5, y: -0.25, z: 2 } };
    const { picture, limits, meshes } = await portrait.render([motion]);
    const { x, y, size } = alignToFfhq(portrait.faces[0]!.points);
    // Red, green and blue carry x, y and z of point 0: none may change places on its way.
    const expected = pointZero(motion).map((by, axis) => Math.max(0, Math.min(255, grey[axis]! + 255 * by)));
    expected.forEach((value, axis) => {
      expect(Math.abs(pixel(picture, x, y)[axis]! - value)).toBeLessThan(1.01);
      expect(Math.abs(value - grey[axis]!)).toBeGreaterThan(3);
    });
    expect(limits).toEqual([]);
    let outside = 0;
    for (let row = 0; row < photo.height; row += 1) {
      for (let column = 0; column < photo.width; column += 1) {
        if (Math.max(Math.abs(column - x), Math.abs(row - y)) < size / 2) continue;
        outside += 1;
        if (pixel(picture, column, row).some((value, axis) => value !== grey[axis])) {
          throw new Error(`the pixel at ${column}, ${row} has changed`);
        }
      }
    }
    expect(outside).toBeGreaterThan(1000);
    // The mesh was meant to go to the viewer's right and up with the head's shift, the nose further right by the yaw.
    const shift = meshes[0]![3]! - portrait.faces[0]!.points[3]!;
    expect(shift).toBeGreaterThan(0.5 * placed.scale);
  });

  test('asks the retargeters for eyes and lips when they are there, with the openings of the photograph and of the frame', async () => {
    const retargeting = await open(withRetargeters);
    const { x, y } = alignToFfhq(portrait.faces[0]!.points);
    const motion: MotionFrame = { blendshapes: { jawOpen: 0.4 } };
    const [plain, opened] = await Promise.all([portrait.render([motion]), retargeting.render([motion])]);
    const mesh = opened.meshes[0]!;
    const apart = (a: number, b: number): number =>
      Math.hypot(mesh[3 * a]! - mesh[3 * b]!, mesh[3 * a + 1]! - mesh[3 * b + 1]!);
    const wanted = apart(13, 14) / apart(61, 291);
    // The stand-in moves x of point 0 by the opening wanted; the stitcher doubles it.
    expect(pixel(opened.picture, x, y)[0]! - grey[0]).toBeCloseTo(Math.min(155, 2 * 255 * wanted), -1);
    expect(pixel(plain.picture, x, y)[0]).toBe(grey[0]);
    // Nothing that opens or closes: nobody is asked.
    const turned = await retargeting.render([{ blendshapes: { browInnerUp: 0.3 } }]);
    expect(pixel(turned.picture, x, y)[0]).toBe(grey[0]);
    await retargeting.close();
  });

  test('two faces move each by its own motion', async () => {
    const wide = plainPhoto(700, 300, grey);
    const faces = [170, 530].map((x, index) => makeFace(canonical, { ...placed, x, number: index + 1 }));
    const both = await open(modelsDir, wide, faces);
    const at = faces.map(({ points }) => alignToFfhq(points));
    const { picture } = await both.render([undefined, { head: { ...headAtRest, yaw: 8 } }]);
    expect(pixel(picture, at[0]!.x, at[0]!.y)).toEqual([...grey]);
    expect(pixel(picture, at[1]!.x, at[1]!.y)).not.toEqual([...grey]);
    await both.close();
  });

  test('holds back a turn that the generator has not learned, and says so', async () => {
    const { limits } = await portrait.render([{ head: { ...headAtRest, yaw: -70, roll: 30 } }]);
    expect(limits).toEqual([
      { code: 'head.yaw', value: 65 },
      { code: 'head.roll', value: 18 },
    ]);
  });

  test('can be cancelled, and closed', async () => {
    const motion = { head: { ...headAtRest, yaw: 5 } };
    await expect(portrait.render([motion], AbortSignal.abort())).rejects.toMatchObject({ code: 'job.cancelled' });
    const controller = new AbortController();
    const rendering = portrait.render([motion], controller.signal);
    controller.abort();
    await expect(rendering).rejects.toMatchObject({ code: 'job.cancelled' });
    expect((await portrait.render([motion])).picture.width).toBe(photo.width);
    const opening = openNeuralPortrait(photo, [makeFace(canonical, placed)], {
      pool,
      modelsDir,
      seed: 1,
      signal: AbortSignal.abort(),
    });
    await expect(opening).rejects.toMatchObject({ code: 'job.cancelled' });
    const closed = await open(modelsDir);
    await closed.close();
    await expect(closed.render([motion])).rejects.toThrow('closed');
  });
});

describe('files that are other networks', () => {
  const named = (name: string): readonly string[] => ['a', 'b', 'c', 'd', 'e', 'f'].concat(name);
  const order = ['yaw', 'pitch', 'roll', 'scale', 'translation', 'expression', 'motion_points'];

  test.each([
    [
      'a wrong input name',
      { stitcher: stitcher({ source: 'moved' }) },
      "input 'source' is missing, it has 'moved', 'target'",
    ],
    [
      'a wrong input shape',
      { featureExtractor: featureExtractor({ dims: [1, 3, 128, 128] }) },
      "input 'input' is 1 x 3 x 128 x 128, expected 1 x 3 x 256 x 256",
    ],
    [
      'a wrong output shape',
      { generator: generator({ side: 256 }) },
      "output 'painted' is 1 x 3 x 256 x 256, expected 786432 numbers",
    ],
    ['a wrong output type', { generator: generator({ type: 'int32' }) }, "output 'painted' is int32, expected float32"],
    [
      'an output too few',
      { motionExtractor: motionExtractor(order.slice(1)) },
      "it has 6 outputs ('pitch', 'roll', 'scale', 'translation', 'expression', 'motion_points'), expected 7",
    ],
    [
      'outputs in another order without the names that would tell',
      { motionExtractor: motionExtractor([...order].reverse(), named('g')) },
      "output 'a' is 1 x 21 x 3, expected 1 numbers",
    ],
  ])('%s is refused when it is opened', async (_, changed, detail) => {
    const at = await install({ changed });
    const file = `live_portrait_${{ stitcher: 'stitcher', featureExtractor: 'feature_extractor', generator: 'generator', motionExtractor: 'motion_extractor' }[Object.keys(changed)[0] as 'stitcher']}.onnx`;
    await expect(open(at)).rejects.toMatchObject({
      code: 'model.signature',
      params: { model: 'live-portrait', file, detail },
    });
  });

  test('outputs in another order are told apart by the names that the published ones have', async () => {
    const at = await install({ changed: { motionExtractor: motionExtractor([...order].reverse()) } });
    const reversed = await open(at);
    const motion = { head: { ...headAtRest, yaw: 6 } };
    expect((await reversed.render([motion])).picture).toEqual((await portrait.render([motion])).picture);
    await reversed.close();
  });

  test('networks that nobody installed are told as files to vouch for', async () => {
    const empty = await install({ absent: true });
    await expect(open(empty)).rejects.toMatchObject({ code: 'model.hash-unknown', params: { model: 'live-portrait' } });
  });
});
