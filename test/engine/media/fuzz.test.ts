/**
 * Sound clips with bytes changed, cut out, doubled or made huge, always the same ones: each must end within five seconds in
 * frames or in an error with a code, and leave no process behind. `npm run test:long` tries more, `LUMIERE_FUZZ=1000 npx vitest run …` as many as are named.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import { LumiereError, type ErrorCode } from '../../../src/engine/errors.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { makeClip, picture, scratchFolder, soundClip } from '../../clips.ts';
import { isLong } from '../../long.ts';
import { shippedLimits } from '../../patient.ts';
import { processesNaming } from '../../processes.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

const mostMs = 5000;
const count = Number(process.env['LUMIERE_FUZZ'] ?? (isLong ? 200 : 24));

/** Marsaglia's xorshift: the same numbers on every machine. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(sound: Buffer, seed: number): Buffer {
  const next = numbers(seed * 2654435761 + 1);
  let bytes = Buffer.from(sound);
  // Half of the changes fall into the first and last parts, where the tables are.
  const place = (): number => {
    const end = Math.min(800, bytes.length);
    return [next(end), bytes.length - 1 - next(end), next(bytes.length), next(bytes.length)][next(4)]!;
  };
  for (let changes = 1 + next(6); changes > 0; changes -= 1) {
    const at = place();
    const length = 1 + next(64);
    switch (next(6)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes.fill([0, 0xff, 0x7f, 0x80][next(4)]!, at, at + Math.min(length, 8));
        break;
      case 2:
        for (let index = at; index < Math.min(bytes.length, at + length); index += 1) bytes[index] = next(256);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
        break;
      default:
        if (next(4) === 0) bytes = bytes.subarray(0, at);
    }
    if (bytes.length === 0) break;
  }
  return bytes;
}

async function outcome(path: string): Promise<ErrorCode | 'frames'> {
  try {
    const clip = await probe(path, { limits: shippedLimits });
    let frames = 0;
    for await (const frame of decodeFrames(clip, { limits: shippedLimits })) {
      expect(frame.data.length).toBe(clip.video.width * clip.video.height * 3);
      // A clip of one second that now claims hours is let run for a while, and then left, as a person would.
      if ((frames += 1) > 300) break;
    }
    return 'frames';
  } catch (error) {
    if (!(error instanceof LumiereError)) throw error;
    return error.code;
  }
}

describe('damaged at random', () => {
  const webp = async (): Promise<string> => {
    const colors = [0, 80, 160, 240].map((r) => ({ r, g: 100, b: 50 }));
    const stills = colors.map((background) =>
      sharp({ create: { width: 64, height: 48, channels: 3, background } })
        .png()
        .toBuffer(),
    );
    const path = join(scratch.path, 'sound.webp');
    await sharp(await Promise.all(stills), { join: { animated: true } })
      .webp({ delay: [100, 50, 200, 80] })
      .toFile(path);
    return path;
  };
  const clips: readonly [ending: string, sound: () => Promise<string>][] = [
    ['mp4', soundClip],
    ['gif', () => makeClip('gif', picture('testsrc2=s=64x48:r=10:d=1'))],
    [
      'webm',
      () =>
        makeClip('webm', [
          ...picture('testsrc2=s=64x48:r=25:d=1'),
          ...picture('sine=d=1'),
          '-c:v',
          'vp9',
          '-cpu-used',
          '8',
          '-deadline',
          'realtime',
        ]),
    ],
    ['webp', webp],
  ];

  it.each(clips)('%s', async (ending, sound) => {
    const bytes = await readFile(await sound());
    const outcomes = new Map<string, number>();
    const slow: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const seed = (next += 1);
        const path = join(scratch.path, `${seed}.${ending}`);
        await writeFile(path, mutate(bytes, seed));
        const begin = performance.now();
        const result = await outcome(path);
        if (performance.now() - begin > mostMs) slow.push(path);
        outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    expect([...outcomes.values()].reduce((sum, value) => sum + value, 0)).toBe(count);
    // On a busy machine one may be late for no fault of the clip; what a clip costs, it costs every time.
    for (const path of slow) {
      let least = Infinity;
      for (let attempt = 0; attempt < 5 && least >= mostMs; attempt += 1) {
        const begin = performance.now();
        await outcome(path);
        least = Math.min(least, performance.now() - begin);
      }
      expect(least, path).toBeLessThan(mostMs);
    }
    // The changes bite: some break the clip and some do not.
    expect(outcomes.size).toBeGreaterThan(1);
    if (process.platform === 'linux') expect(processesNaming(scratch.path)).toEqual([]);
  });
});
