/** Motion tracks as files: what is written comes back, what is wrong is refused with its place, and nothing malformed gets past. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LumiereError } from '../../../../src/engine/errors.ts';
import { meshStep } from '../../../../src/engine/animate/motion/mesh-text.ts';
import { presetTrack } from '../../../../src/engine/animate/motion/preset.ts';
import type { MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { readMotionTrack, writeMotionTrack } from '../../../../src/engine/animate/motion/track-file.ts';
import { parseMotionTrack, trackLimits } from '../../../../src/engine/animate/motion/track-schema.ts';
import { randomStream } from '../../../../src/engine/restore/sound/synth/noise.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-track-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const track: MotionTrack = {
  relativeTo: 'canonical-face',
  rate: { num: 30_000, den: 1001 },
  loops: false,
  source: 'clip',
  frames: [
    {},
    { blendshapes: { jawOpen: 0.25, tongueOut: 1 }, gaze: { x: -3.5, y: 0.25 }, breath: 0.125 },
    {
      head: { yaw: -12.5, pitch: 3, roll: 0.5, x: 1, y: -2, z: 40 },
      mesh: Float32Array.from({ length: 1404 }, (_, i) => ((i % 4000) - 700) * meshStep),
      tracked: false,
    },
  ],
};

/** The smallest file, with some of it replaced. */
const file = (change: object = {}): Record<string, unknown> => ({
  format: 'lumiere-motion',
  version: 1,
  source: 'test',
  relativeTo: 'photo',
  rate: { num: 25, den: 1 },
  loops: true,
  frames: [{}],
  ...change,
});

async function refusal(json: unknown): Promise<LumiereError> {
  const error: unknown = await parseMotionTrack(json).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LumiereError)) throw new Error(`expected a refusal but got ${String(error)}`);
  return error;
}

describe('a motion track', () => {
  it('comes back as it was written', async () => {
    const path = join(folder, 'round.json');
    await writeMotionTrack(path, track);
    const back = await readMotionTrack(path);
    expect(back).toEqual({
      ...track,
      frames: [
        track.frames[0],
        track.frames[1],
        { ...track.frames[2], mesh: expect.any(Float32Array) as Float32Array },
      ],
    });
    const [before, after] = [track.frames[2]!.mesh!, back.frames[2]!.mesh!];
    expect(Math.max(...before.map((value, i) => Math.abs(value - after[i]!)))).toBeLessThan(1e-6);
  });

  it('of a preset comes back to a hundred thousandth', async () => {
    const path = join(folder, 'painting.json');
    const preset = presetTrack('painting', { rate: { num: 25, den: 1 }, strength: 1, speed: 1, seed: 4 });
    await writeMotionTrack(path, preset);
    const back = await readMotionTrack(path);
    expect(back.frames).toHaveLength(preset.frames.length);
    preset.frames.forEach(({ head, blendshapes = {} }, k) => {
      expect(back.frames[k]!.head?.yaw ?? 0).toBeCloseTo(head?.yaw ?? 0, 4);
      expect(back.frames[k]!.blendshapes?.mouthSmileLeft ?? 0).toBeCloseTo(blendshapes.mouthSmileLeft ?? 0, 4);
    });
    expect(await readFile(path, 'utf8')).not.toMatch(/-0[,}]|NaN|null/);
  });

  it('fills in what a head leaves out, and reduces the rate', async () => {
    const read = await parseMotionTrack(file({ rate: { num: 50, den: 2 }, frames: [{ head: { roll: 2 } }] }));
    expect(read.rate).toEqual({ num: 25, den: 1 });
    expect(read.frames[0]!.head).toEqual({ yaw: 0, pitch: 0, roll: 2, x: 0, y: 0, z: 0 });
  });

  it.each<[string, unknown, string]>([
    ['no object', [], '-'],
    ['null', null, '-'],
    ['another format', file({ format: 'bvh' }), 'format'],
    ['a version below 1', file({ version: 0 }), 'version'],
    ['no frames', file({ frames: [] }), 'frames'],
    ['more frames than allowed', file({ frames: Array(trackLimits.frames + 1).fill({}) }), 'frames'],
    ['a rate of 0', file({ rate: { num: 0, den: 1 } }), 'rate.num'],
    ['a rate that is absurd', file({ rate: { num: 2 ** 30, den: 1 } }), 'rate'],
    ['a rate with a fraction', file({ rate: { num: 29.97, den: 1 } }), 'rate.num'],
    ['an unknown key', file({ script: 'x' }), '-'],
    ['an unknown key in a frame', file({ frames: [{}, { eval: 1 }] }), 'frames.1'],
    ['an unknown blendshape', file({ frames: [{ blendshapes: { jawOpenWide: 1 } }] }), 'frames.0.blendshapes'],
    ['a weight above 1', file({ frames: [{ blendshapes: { jawOpen: 1.01 } }] }), 'frames.0.blendshapes.jawOpen'],
    [
      'a weight that is no number',
      file({ frames: [{ blendshapes: { jawOpen: '1' } }] }),
      'frames.0.blendshapes.jawOpen',
    ],
    ['an angle beyond a turn', file({ frames: [{ head: { yaw: 181 } }] }), 'frames.0.head.yaw'],
    ['a head in the camera', file({ frames: [{ head: { z: -60 } }] }), 'frames.0.head.z'],
    ['an infinite angle', file({ frames: [{ head: { yaw: Infinity } }] }), 'frames.0.head.yaw'],
    ['a mesh too short', file({ frames: [{ mesh: 'AAAA' }] }), 'frames.0.mesh'],
    ['a mesh that is no base64', file({ frames: [{ mesh: '!'.repeat(3744) }] }), 'frames.0.mesh'],
    [
      'a mesh that leaves the face',
      file({ frames: [{ mesh: Buffer.alloc(2808, 0x7f).toString('base64') }] }),
      'frames.0.mesh',
    ],
    ['tracked true', file({ frames: [{ tracked: true }] }), 'frames.0.tracked'],
    ['a source without end', file({ source: 'x'.repeat(101) }), 'source'],
  ])('is refused for %s', async (_, json, place) => {
    const { code, params } = await refusal(json);
    expect(code).toBe('track.invalid');
    expect(params['place']).toBe(place);
    expect(String(params['wrong']).length).toBeGreaterThan(5);
  });

  it('of a later version says so', async () => {
    const { code, params } = await refusal(file({ version: 2, frames: 'whatever it is then' }));
    expect([code, params]).toEqual(['track.version', { version: 2, known: 1 }]);
  });

  it('is refused as a file that is missing, too large, or no JSON', async () => {
    await expect(readMotionTrack(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'input.not-found' });
    await expect(readMotionTrack(folder)).rejects.toMatchObject({ code: 'input.unreadable' });
    const text = join(folder, 'text.json');
    await writeFile(text, '{"format": "lumiere-motion",');
    await expect(readMotionTrack(text)).rejects.toMatchObject({ code: 'track.not-json' });
    await truncate(text, trackLimits.bytes + 1);
    await expect(readMotionTrack(text)).rejects.toMatchObject({ code: 'track.too-large' });
  });

  it('lets nothing malformed past, whatever is changed in it', async () => {
    const path = join(folder, 'fuzz.json');
    await writeMotionTrack(path, track);
    const sound = await readFile(path, 'utf8');
    const random = randomStream(7, 'fuzz');
    const pick = (count: number): number => Math.floor(random() * count);
    const pieces = ['1e999', '-1', 'null', '{}', '[]', '"', '0.5', '\\u0000', '__proto__', ',', '}', ']', '9999999999'];
    let refused = 0;
    for (let turn = 0; turn < 600; turn++) {
      const at = pick(sound.length);
      const cut = pick(3) === 0 ? pick(40) : 0;
      const text = sound.slice(0, at) + pieces[pick(pieces.length)]! + sound.slice(at + cut);
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        refused++;
        continue;
      }
      // Whatever is let in has only numbers within their ranges.
      const read = await parseMotionTrack(json).catch((error: unknown) => {
        expect(error).toBeInstanceOf(LumiereError);
        return undefined;
      });
      if (read === undefined) refused++;
      for (const { blendshapes = {}, head, mesh } of read?.frames ?? []) {
        expect(Object.values(blendshapes).every((weight) => weight >= 0 && weight <= 1)).toBe(true);
        expect(Object.values(head ?? {}).every((value) => Math.abs(value as number) <= 500)).toBe(true);
        expect(mesh?.every((value) => Math.abs(value) <= trackLimits.displacement) ?? true).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(300);
    expect(({} as Record<string, unknown>)['frames']).toBeUndefined();
  });

  it('that lasts too long is refused, however few its frames', async () => {
    const frames = Array(trackLimits.seconds + 1).fill({});
    const { code, params } = await refusal(file({ rate: { num: 1, den: 1 }, frames }));
    expect([code, params]).toEqual(['track.too-long', { seconds: 121, limit: 120 }]);
    expect((await parseMotionTrack(file({ rate: { num: 2, den: 1 }, frames }))).frames).toHaveLength(121);
    const path = join(folder, 'slow.json');
    const written = writeMotionTrack(path, {
      ...track,
      rate: { num: 1, den: 1 },
      frames: frames as MotionTrack['frames'],
    });
    await expect(written).rejects.toMatchObject({ code: 'track.too-long' });
  });

  it('is written within what is read: beyond it is held at the limit, or refused', async () => {
    const path = join(folder, 'beyond.json');
    const far = { yaw: 0, pitch: 0, roll: -200, x: 600, y: 0, z: 700 };
    await writeMotionTrack(path, {
      ...track,
      frames: [
        { head: far, mesh: new Float32Array(1404).fill(10), gaze: { x: 95, y: -95 }, blendshapes: { jawOpen: 1.2 } },
        { head: { ...far, z: -59.9 }, mesh: new Float32Array(1404).fill(-10), breath: -6 },
      ],
    });
    const [first, second] = (await readMotionTrack(path)).frames;
    expect(first).toMatchObject({
      head: { roll: -180, x: 500, z: 500 },
      gaze: { x: 90, y: -90 },
      blendshapes: { jawOpen: 1 },
    });
    expect(first!.mesh![0]).toBeCloseTo(8, 2);
    expect(second).toMatchObject({ head: { z: -55 }, breath: -5 });
    expect(second!.mesh![0]).toBeCloseTo(-8, 2);
    const slow = writeMotionTrack(join(folder, 'slide-show.json'), { ...track, rate: { num: 1, den: 2 } });
    await expect(slow).rejects.toMatchObject({ code: 'track.invalid', params: { place: 'rate' } });
    await expect(readFile(join(folder, 'slide-show.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
