/** Mouths that do not rest closed: what a track must add for them, and that others are left alone. */
import { beforeAll, describe, expect, it } from 'vitest';

import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { presetTrack } from '../../../../src/engine/animate/motion/preset.ts';
import { settleMouth } from '../../../../src/engine/animate/motion/settle-mouth.ts';
import type { MotionFrame, MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { makeJaw } from '../../../../src/engine/animate/rig/jaw.ts';
import { measureMouth } from '../../../../src/engine/animate/rig/mouth-measure.ts';
import { visemePoses } from '../../../../src/engine/animate/speech/viseme-poses.ts';
import { canonicalForTest, faceFor } from '../rig/rig-test.ts';

let canonical: CanonicalFace;
/** In head space: lips closed, and laughing with teeth. */
let [calm, laughing] = [new Float64Array(), new Float64Array()];
const gap = (mesh: ArrayLike<number>): number => mesh[3 * 14 + 1]! - mesh[3 * 13 + 1]!;
const width = (mesh: ArrayLike<number>): number => mesh[3 * 291]! - mesh[3 * 61]!;

beforeAll(async () => {
  canonical = await canonicalForTest();
  calm = Float64Array.from(canonical.points);
  makeJaw(canonical, calm, measureMouth(calm)).open(calm, -gap(calm), 0);
  const laugh = { mouthSmileLeft: 0.9, mouthSmileRight: 0.9, jawOpen: 0.4 };
  const moved = makeExpressions(canonical, calm).of({ blendshapes: laugh }).displacements;
  laughing = calm.map((value, i) => value + moved[i]!);
});

const faceOf = (head: Float64Array): Face => {
  const face = faceFor(canonical);
  return { ...face, points: toPicture(face.pose, head) };
};
const track = (...frames: MotionFrame[]): MotionTrack => ({
  relativeTo: 'photo',
  rate: { num: 25, den: 1 },
  loops: true,
  source: 'preset:test',
  frames,
});
/** The mesh that a renderer draws. */
function drawn(head: Float64Array, frame: MotionFrame): Float64Array {
  const { displacements } = makeExpressions(canonical, head).of(frame);
  return head.map((value, i) => value + displacements[i]!);
}

describe('a mouth that rests closed', () => {
  it('is moved by the weights alone', async () => {
    const preset = presetTrack('talk', { rate: { num: 25, den: 1 }, strength: 1, speed: 1, seed: 1 });
    expect(await settleMouth(preset, faceOf(calm), canonical)).toBe(preset);
  });
});

describe('a mouth that laughs', () => {
  it('closes for a P and for a kiss, opens for an A, and rests as it is', async () => {
    const rest = { blendshapes: { eyeBlinkLeft: 1 }, gaze: { x: 2, y: 0 } };
    const said = track(
      rest,
      { blendshapes: visemePoses.PP },
      { blendshapes: { mouthPucker: 0.9 } },
      { blendshapes: visemePoses.aa },
    );
    const settled = await settleMouth(said, faceOf(laughing), canonical);
    const [still, p, kiss, a] = settled.frames;
    expect(gap(laughing)).toBeGreaterThan(0.5);
    expect(still).toBe(rest);
    expect(gap(drawn(laughing, said.frames[1]!))).toBeGreaterThan(0.4);
    expect(gap(drawn(laughing, p!))).toBeLessThan(0.12);
    expect(gap(drawn(laughing, kiss!))).toBeLessThan(0.35);
    expect(width(drawn(laughing, kiss!))).toBeLessThan(width(drawn(laughing, said.frames[2]!)) - 0.2);
    expect(gap(drawn(laughing, a!))).toBeGreaterThan(gap(laughing));
    expect(a!.blendshapes).toBe(said.frames[3]!.blendshapes);
  });

  it('keeps what the mesh did already, and writes no -0', async () => {
    const own = new Float32Array(1404).fill(0.01);
    const settled = await settleMouth(track({ blendshapes: visemePoses.PP, mesh: own }), faceOf(laughing), canonical);
    const without = await settleMouth(track({ blendshapes: visemePoses.PP }), faceOf(laughing), canonical);
    const [one, other] = [settled.frames[0]!.mesh!, without.frames[0]!.mesh!];
    expect(Math.max(...one.map((value, i) => Math.abs(value - other[i]! - 0.01)))).toBeLessThan(1e-6);
    expect(other.some((value) => Object.is(value, -0))).toBe(false);
  });
});
