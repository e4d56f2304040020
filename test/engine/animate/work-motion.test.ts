/** The motion that each face is given: played, heard or read, and fitted to the mouth that it has in the photograph. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Face } from '../../../src/engine/animate/face/face.ts';
import { toPicture } from '../../../src/engine/animate/face/pose.ts';
import type { MotionTrack } from '../../../src/engine/animate/motion/track.ts';
import { prepareMotion } from '../../../src/engine/animate/prepare-motion.ts';
import { type AnimateRequest, defaultAnimation, type MotionSource } from '../../../src/engine/animate/request.ts';
import { makeExpressions } from '../../../src/engine/animate/rig/expression.ts';
import { makeJaw } from '../../../src/engine/animate/rig/jaw.ts';
import { measureMouth } from '../../../src/engine/animate/rig/mouth-measure.ts';
import { makeMotion } from '../../../src/engine/animate/work-motion.ts';
import { makeClip, picture } from '../../clips.ts';
import { installForTest, testModelCache } from '../../models.ts';
import { type FaceBench, openFaceBench } from './face/face-test.ts';
import { faceFor } from './rig/rig-test.ts';

let bench: FaceBench;
/** Heads in head space, lips closed and laughing, and both as faces of one photograph. */
let heads: readonly [Float64Array, Float64Array];
let faces: readonly Face[];
const gap = (mesh: ArrayLike<number>): number => mesh[3 * 14 + 1]! - mesh[3 * 13 + 1]!;

beforeAll(async () => {
  await installForTest('visemes-en');
  bench = await openFaceBench();
  const { canonical } = bench.networks;
  const calm = Float64Array.from(canonical.points);
  makeJaw(canonical, calm, measureMouth(calm)).open(calm, -gap(calm), 0);
  const laugh = { mouthSmileLeft: 0.9, mouthSmileRight: 0.9, jawOpen: 0.4 };
  const moved = makeExpressions(canonical, calm).of({ blendshapes: laugh }).displacements;
  heads = [calm, calm.map((value, i) => value + moved[i]!)];
  const face = faceFor(canonical);
  faces = heads.map((head) => ({ ...face, points: toPicture(face.pose, head) }));
});
afterAll(async () => {
  await bench.close();
});

const { signal } = new AbortController();

async function tracksFor(motion: MotionSource): Promise<readonly MotionTrack[]> {
  const request: AnimateRequest = { ...defaultAnimation, label: 'made', motion };
  const prepared = await prepareMotion(request, signal);
  const options = { networks: bench.networks, modelsDir: testModelCache, signal };
  return (await makeMotion(faces, request, prepared, options)).tracks;
}

/** How far the lips of each face are apart in each frame, drawn. */
function gaps(tracks: readonly MotionTrack[]): number[][] {
  return tracks.map(({ frames }, i) => {
    const expressions = makeExpressions(bench.networks.canonical, heads[i]!);
    return frames.map((frame) => gap(heads[i]!) + gap(expressions.of(frame).displacements));
  });
}

describe('a photograph that laughs', () => {
  it('brings its lips together for a kiss, and one with closed lips is given the weights alone', async () => {
    const tracks = await tracksFor({ kind: 'preset', name: 'kiss' });
    const [, laughing] = gaps(tracks);
    expect(laughing![0]!).toBeGreaterThan(0.5);
    expect(Math.min(...laughing!)).toBeLessThan(0.35);
    expect(tracks[0]!.frames.every(({ mesh }) => mesh === undefined)).toBe(true);
  });

  it('lets its smile go while it speaks', async () => {
    const voice = `aevalsrc='0.5*(mod(t*120,1)-0.5)*pow(max(0,sin(2*PI*2.1*t)),2)':s=22050`;
    const path = await makeClip('wav', [...picture(voice), '-t', '3', '-ac', '1', '-ar', '22050']);
    const [calm, laughing] = await tracksFor({ kind: 'speech', path, style: 'speak' });
    expect(calm!.frames.every(({ mesh }) => mesh === undefined)).toBe(true);
    expect(laughing!.frames.filter(({ mesh }) => mesh !== undefined).length).toBeGreaterThan(20);
  });
});
