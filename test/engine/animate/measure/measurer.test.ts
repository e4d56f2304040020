/** Every measure on a result that is as it should be, and on one with the very fault that it is there to find. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { refineWithAttention } from '../../../../src/engine/animate/face/attention-mesh.ts';
import { eyeAspectRatio } from '../../../../src/engine/animate/face/eye-aspect-ratio.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { findFaces } from '../../../../src/engine/animate/face/find-faces.ts';
import { followFace } from '../../../../src/engine/animate/face/follow-face.ts';
import { personMask } from '../../../../src/engine/animate/face/segmentation.ts';
import { reachOf } from '../../../../src/engine/animate/measure/background.ts';
import { measureLoopSteps } from '../../../../src/engine/animate/measure/loop-step.ts';
import { createMeasurer, type Measurer, type Measures } from '../../../../src/engine/animate/measure/measurer.ts';
import { wanted, type Measure, type MeasureName } from '../../../../src/engine/animate/measure/measures.ts';
import { presetTrack } from '../../../../src/engine/animate/motion/preset.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { loadPhoto } from '../../../../src/engine/media/photo.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { openMeshPortrait } from '../../../../src/engine/animate/render/mesh-portrait.ts';
import type { Portrait } from '../../../../src/engine/animate/render/portrait.ts';
import { decodeFrames } from '../../../../src/engine/media/decode.ts';
import { probe } from '../../../../src/engine/media/probe.ts';
import { divide, rational } from '../../../../src/engine/rational.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { sharedMedia } from '../../../media.ts';
import { paintedPortrait } from '../../../photographs.ts';
import { cartoon, closedLids } from '../face/drawings.ts';
import { drawOver, encoded, openFaceBench, resized, toPicture, type FaceBench } from '../face/face-test.ts';
import { movedPoints, puppetPortrait, slid, trackOf, type Puppet } from './puppet.ts';

const [talking, acting] = [sharedMedia('driving/talking.mp4'), sharedMedia('driving/expressions.mp4')];

let bench: FaceBench;
let photo: Picture;
let face: Face;

beforeAll(async () => {
  bench = await openFaceBench();
  photo = await resized((await loadPhoto(await paintedPortrait(), { longestSide: 4096 })).photo, 0.6);
  face = (await findFaces(photo, bench.networks))[0]!;
});

afterAll(async () => {
  await bench.close();
});

async function measured(portrait: Portrait, track: MotionTrack, loudness?: readonly number[]): Promise<Measures> {
  const measurer = await createMeasurer({ portrait, networks: bench.networks, tracks: [track], loudness });
  for (const [index, frame] of track.frames.entries()) await measurer.see(index, await portrait.render([frame]));
  return measurer.report();
}

async function valueOf(
  name: MeasureName,
  puppet: Puppet,
  frames: readonly MotionFrame[],
  loops = false,
): Promise<Measure> {
  const { table } = await measured(puppetPortrait(photo, face, puppet), trackOf(frames, loops));
  return table.find((row) => row.name === name)!;
}

const passed = (row: Measure): boolean | string => ('missing' in row ? row.missing : row.passed);
const shift = (x: number): MotionFrame => ({ head: { yaw: 0, pitch: 0, roll: 0, x, y: 0, z: 0 } });
const still: readonly MotionFrame[] = Array.from({ length: 6 }, () => ({}));
/** The head slides by up to 12 pixels and back. */
const sliding = Array.from({ length: 12 }, (_, i) => shift(2 * Math.min(i, 12 - i)));
const x = ({ head }: MotionFrame): number => head?.x ?? 0;
const meant = (motion: MotionFrame): Float64Array => movedPoints(face.points, x(motion), 0);
const blurred = (picture: Picture): Promise<Picture> => toPicture(encoded(picture).blur(1.5));

describe('a measure passes what is right and finds its own fault', () => {
  test('motion followed: a still picture does not', async () => {
    const follows = { draw: (motion: MotionFrame) => slid(photo, face, x(motion), 0), mesh: meant };
    const right = (await measured(puppetPortrait(photo, face, follows), trackOf(sliding))).table;
    const wrong = (await measured(puppetPortrait(photo, face, { draw: () => photo, mesh: meant }), trackOf(sliding)))
      .table;
    for (const name of ['motion-followed', 'lips-followed'] as const) {
      expect(passed(right.find((row) => row.name === name)!), name).toBe(true);
      const row = wrong.find((other) => other.name === name)!;
      expect('value' in row && row.value, name).toBeGreaterThan(0.7);
      expect(passed(row), name).toBe(false);
    }
  });

  test('motion followed: without motion there is nothing to follow', async () => {
    expect(passed(await valueOf('motion-followed', { draw: () => photo }, still))).toBe('no-motion');
  });

  test('face found: a blank picture has none', async () => {
    const blank: Picture = { ...photo, data: new Uint8Array(photo.data.length).fill(128) };
    expect(passed(await valueOf('face-found', { draw: () => photo }, still))).toBe(true);
    const half = { draw: (_: MotionFrame, drawn: number) => (drawn % 2 === 0 ? blank : photo) };
    expect(await valueOf('face-found', half, still)).toMatchObject({ value: 0.5, passed: false });
  });

  test('identity: somebody else is not the same', async () => {
    const other = await toPicture(
      encoded(await drawOver({ width: 512, height: 512, data: new Uint8Array(512 * 512 * 3) }, cartoon)).resize(
        photo.width,
        photo.height,
        { fit: 'cover' },
      ),
    );
    const [drawn] = await findFaces(other, bench.networks);
    expect(passed(await valueOf('identity-mean', { draw: () => photo }, still))).toBe(true);
    const stranger = { draw: () => other, mesh: () => drawn!.points };
    expect(passed(await valueOf('identity-mean', stranger, still))).toBe(false);
    expect(passed(await valueOf('identity-least', stranger, still))).toBe(false);
  });

  test('jitter: a head that shakes by itself', async () => {
    const follows = { draw: (motion: MotionFrame) => slid(photo, face, x(motion), 0), mesh: meant };
    expect(passed(await valueOf('jitter', follows, sliding))).toBe(true);
    const shaking = {
      draw: (motion: MotionFrame, drawn: number) => slid(photo, face, x(motion) + (drawn % 2), 0),
      mesh: meant,
    };
    expect(passed(await valueOf('jitter', shaking, sliding))).toBe(false);
    expect(passed(await valueOf('jitter', shaking, sliding.slice(0, 2)))).toBe('too-short');
  });

  test('folds and stretch: the worst frame counts', async () => {
    expect(await valueOf('folds', { draw: () => photo, folds: 3 }, still)).toMatchObject({ value: 3, passed: false });
    expect(passed(await valueOf('folds', { draw: () => photo }, still))).toBe(true);
    expect(passed(await valueOf('stretch', { draw: () => photo, stretch: 2.6 }, still))).toBe(false);
    expect(passed(await valueOf('stretch', { draw: () => photo, stretch: 2.1 }, still))).toBe(true);
  });

  test('sharpness: a soft face', async () => {
    const soft = await blurred(photo);
    expect(await valueOf('sharpness', { draw: () => photo }, still)).toMatchObject({ value: 1, passed: true });
    expect(passed(await valueOf('sharpness', { draw: () => soft }, still))).toBe(false);
  });

  test('sharpness: noise is no detail, and a face that is soft only while it moves is soft', async () => {
    const random = xorshift(7);
    const noisy = { ...photo, data: photo.data.map((value) => Math.max(0, Math.min(255, value + 28 * random() - 14))) };
    expect(passed(await valueOf('sharpness', { draw: () => noisy }, still))).toBe(false);
    const soft = await blurred(photo);
    const resting = Array.from({ length: 40 }, (_, i) => shift(i >= 18 && i < 24 ? 2 : 0));
    const draw = (motion: MotionFrame): Picture => (x(motion) > 0 ? soft : photo);
    expect(passed(await valueOf('sharpness', { draw }, resting))).toBe(false);
  });

  test('seam: a patch with a hard edge', async () => {
    const lighter = photo.data.map((value) => Math.min(255, value + 40));
    const patch = slid({ ...photo, data: lighter }, face, 0, 0);
    const hard = { ...photo, data: photo.data.slice() };
    const [left, top] = [Math.round(face.box.x), Math.round(face.box.y)];
    for (let y = top; y < top + face.box.height; y += 1) {
      const [from, to] = [(y * photo.width + left) * 3, (y * photo.width + left + Math.round(face.box.width)) * 3];
      hard.data.set(patch.data.subarray(from, to), from);
    }
    const soft = await softly(photo, { ...photo, data: lighter });
    expect(passed(await valueOf('seam', { draw: () => soft }, still))).toBe(true);
    expect(passed(await valueOf('seam', { draw: () => hard }, still))).toBe(false);
    expect(passed(await valueOf('seam', { draw: () => photo }, still))).toBe('no-background');
  });

  test('background and rest: one pixel of one frame', async () => {
    const spot = (at: number): Picture => ({ ...photo, data: photo.data.with(at, photo.data[at]! ^ 8) });
    const corner = spot(0);
    const onFace = spot((Math.round(face.box.y + face.box.height / 2) * photo.width + Math.round(face.box.x + 20)) * 3);
    const only = (frame: number, picture: Picture): Puppet => ({
      draw: (_, drawn) => (drawn === frame ? picture : photo),
    });
    expect(await valueOf('background', only(3, corner), still)).toMatchObject({ value: 8, passed: false });
    expect(passed(await valueOf('background', only(3, onFace), still))).toBe(true);
    // The first one drawn is the one at rest.
    expect(await valueOf('rest', only(0, onFace), still)).toMatchObject({ value: 8, passed: false });
    expect(passed(await valueOf('rest', only(3, onFace), still))).toBe(true);
  });

  test('blink: eyes that stay open or half open, and eyes that are truly shut', async () => {
    const shut = await drawOver(photo, closedLids(face, '#c09a5c'));
    const blinking = [0, 0.5, 0.9, 0.5, 0].map((weight): MotionFrame => ({
      blendshapes: { eyeBlinkLeft: weight, eyeBlinkRight: weight },
    }));
    const closes = { draw: ({ blendshapes }: MotionFrame) => (blendshapes?.eyeBlinkLeft === 0.9 ? shut : photo) };
    expect(passed(await valueOf('blink', { draw: () => photo }, blinking))).toBe(false);
    expect(await valueOf('blink', closes, blinking)).toMatchObject({ passed: true });
    expect(passed(await valueOf('blink', closes, still))).toBe('no-blink');
  });

  test.skipIf(talking === undefined || acting === undefined)(
    'blink: the bound parts shut eyes from half shut ones in photographs (driving/*.mp4)',
    async () => {
      const most = wanted.blink.atMost!;
      for (const frame of [222, 223, 224])
        for (const ratio of await eyesOf(talking!, frame)) expect(ratio).toBeLessThan(most);
      // The left eye winks.
      expect((await eyesOf(acting!, 10))[1]).toBeLessThan(most);
      for (const frame of [66, 80])
        for (const ratio of await eyesOf(acting!, frame)) expect(ratio).toBeGreaterThan(most);
    },
  );

  test('loop: a frame that comes out different the second time, and a jump at the end', async () => {
    const right = { draw: (motion: MotionFrame) => slid(photo, face, x(motion), 0), mesh: meant };
    expect(passed(await valueOf('loop', right, sliding, true))).toBe(true);
    expect(passed(await valueOf('loop-step', right, sliding, true))).toBe(true);
    expect(passed(await valueOf('loop', right, sliding))).toBe('no-loop');
    const forgetful = { draw: (_: MotionFrame, drawn: number) => (drawn < 5 ? photo : slid(photo, face, 3, 0)) };
    expect(passed(await valueOf('loop', forgetful, still, true))).toBe(false);
    expect(passed(await valueOf('loop-step', right, sliding.slice(0, 7), true))).toBe(false);
  });

  test('loop: eyes, hair or chest that jump where the mesh does not', async () => {
    const portrait = await openMeshPortrait(photo, [face], {
      canonical: bench.networks.canonical,
      seed: 1,
      mask: (box) => personMask(photo, box, bench.networks),
    });
    const count = 24;
    const round = (drift: (share: number) => MotionFrame): MotionFrame[] =>
      Array.from({ length: count }, (_, i) => {
        const turn = 1 - Math.cos((2 * Math.PI * i) / count);
        return { head: { ...headAtRest, yaw: turn }, ...drift(i / count) };
      });
    const stepOf = async (frames: readonly MotionFrame[]): Promise<number> => {
      const steps = measureLoopSteps(reachOf(face, photo), face.pose.scale);
      for (const frame of frames) await steps.add((await portrait.render([frame])).picture, true);
      return steps.ratio()!;
    };
    try {
      const most = wanted['loop-step'].atMost!;
      expect(await stepOf(round(() => ({})))).toBeLessThan(most);
      expect(await stepOf(round((share) => ({ gaze: { x: 12 * share, y: 0 } })))).toBeGreaterThan(most);
      expect(await stepOf(round((share) => ({ loose: { ...headAtRest, x: 0.6 * share } })))).toBeGreaterThan(most);
      expect(await stepOf(round((share) => ({ breath: 0.5 * share })))).toBeGreaterThan(most);
    } finally {
      await portrait.close();
    }
  });

  test('lips and voice: in time, late, and without any', async () => {
    const [mouth, loudness] = [speaking(0), speaking(0)];
    const draw = (motion: MotionFrame): Promise<Picture> => mouthOpen(motion.blendshapes?.jawOpen ?? 0);
    const frames = (openings: readonly number[]): MotionFrame[] =>
      openings.map((jawOpen) => ({ blendshapes: { jawOpen } }));
    const portrait = (): Portrait => puppetPortrait(photo, face, { draw });
    const rowsOf = async (openings: readonly number[], voice?: readonly number[]): Promise<(boolean | string)[]> => {
      const { table } = await measured(portrait(), trackOf(frames(openings)), voice);
      return (['lips-together', 'lips-late'] as const).map((name) => passed(table.find((row) => row.name === name)!));
    };
    expect(await rowsOf(mouth, loudness)).toEqual([true, true]);
    expect(await rowsOf(speaking(4), loudness)).toEqual([true, false]);
    expect(await rowsOf(mouth)).toEqual(['no-speech', 'no-speech']);
    expect((await rowsOf(Array<number>(50).fill(0), loudness))[0]).toBe(false);
    // Where no face was found there is no mouth, whatever the network answers.
    const blank: Picture = { ...photo, data: new Uint8Array(photo.data.length).fill(128) };
    const { table } = await measured(
      puppetPortrait(photo, face, { draw: () => blank }),
      trackOf(frames(mouth)),
      loudness,
    );
    expect(passed(table.find((row) => row.name === 'lips-together')!)).toBe('too-short');
  });
});

/** How far the eyes are open in a frame of a clip, as the measure sees them. */
async function eyesOf(clip: string, frame: number): Promise<readonly number[]> {
  const { video } = await probe(clip);
  const at = divide(rational(2 * frame + 1, 2), video.rate);
  for await (const picture of decodeFrames(await probe(clip), { from: at })) {
    const { points } = (await followFace(bench.networks).next(picture))!;
    const { eyes } = await refineWithAttention(picture, points, bench.networks.attention);
    return [eyeAspectRatio(eyes[0], 0), eyeAspectRatio(eyes[1], 1)];
  }
  throw new Error(`no frame ${frame}`);
}

/** Numbers from 0 to 1 that are the same in every run. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How far the mouth is open, frame by frame, `late` frames behind the voice. */
function speaking(late: number): number[] {
  return Array.from({ length: 50 }, (_, i) => {
    const t = i - late;
    return Math.max(0, Math.sin(t * 0.55) * Math.sin(t * 0.13 + 0.4));
  });
}

const mouths = new Map<number, Promise<Picture>>();

/** A dark opening between the lips. */
function mouthOpen(amount: number): Promise<Picture> {
  const step = Math.round(amount * 8) / 8;
  const [mx, my] = [(face.points[39]! + face.points[42]!) / 2, (face.points[40]! + face.points[43]!) / 2];
  const cm = face.pose.scale;
  const opening =
    step === 0
      ? ''
      : `<ellipse cx="${mx}" cy="${my + step * cm}" rx="${1.8 * cm}" ry="${1.3 * step * cm}" fill="#1d0b08" stroke="#a0402c" stroke-width="${cm / 2}"/>`;
  const known = mouths.get(step) ?? drawOver(photo, opening);
  mouths.set(step, known);
  return known;
}

/** One picture fading into another around the face. */
async function softly(outside: Picture, inside: Picture): Promise<Picture> {
  const data = new Uint8Array(outside.data.length);
  const [cx, cy] = [face.box.x + face.box.width / 2, face.box.y + face.box.height / 2];
  for (let i = 0; i < data.length; i += 1) {
    const pixel = Math.floor(i / 3);
    const away = Math.hypot((pixel % outside.width) - cx, Math.floor(pixel / outside.width) - cy) / face.box.width;
    const share = Math.max(0, Math.min(1, 1.6 - 2 * away));
    data[i] = Math.round(outside.data[i]! * (1 - share) + inside.data[i]! * share);
  }
  return Promise.resolve({ ...outside, data });
}

test('no frame holds this thread for long, however large', async () => {
  const large = await resized(photo, 4096 / photo.width);
  const [there] = await findFaces(large, bench.networks);
  const frame = slid(large, there!, 3, 0);
  const rendered = { picture: frame, meshes: [movedPoints(there!.points, 3, 0)], limits: [], folds: 0, stretch: 1 };
  const portrait = puppetPortrait(large, there!, { draw: () => large });
  const shut = trackOf([{ blendshapes: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } }, {}], true);
  const { networks } = bench;
  const open = (): Promise<Measurer> => createMeasurer({ portrait, networks, tracks: [shut] });
  const { longestMs, stack } = await longestBlock(async () => {
    const measurer = await open();
    for (const index of [0, 1]) await measurer.see(index, rendered);
  });
  expect(longestMs, stack.join(' < ')).toBeLessThan(mostBlockMs);
});

test('the mesh renderer is measured whole', async () => {
  const portrait = await openMeshPortrait(photo, [face], {
    canonical: bench.networks.canonical,
    seed: 1,
    mask: (box) => personMask(photo, box, bench.networks),
  });
  try {
    const track = presetTrack('painting', { rate: { num: 25, den: 1 }, seconds: 2, strength: 1, speed: 1, seed: 1 });
    const { table, realism } = await measured(portrait, track);
    const rows = Object.fromEntries(table.map((row) => [row.name, passed(row)]));
    expect(rows).toMatchObject({
      ...{ 'motion-followed': true, 'face-found': true, 'identity-mean': true, 'identity-least': true },
      ...{ background: true, rest: true, loop: true, 'loop-step': true, 'lips-late': 'no-speech' },
    });
    expect(realism.score).toBeGreaterThan(75);
  } finally {
    await portrait.close();
  }
});
