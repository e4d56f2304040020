/** Manifests: signed last, read by two implementations that share no code, and found wrong when one bit is. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MadeThing } from '../../../src/engine/provenance/c2pa/manifest.ts';
import { type ManifestReading, readManifest } from '../../../src/engine/provenance/c2pa/read-manifest.ts';
import { manifestRoom, signFile } from '../../../src/engine/provenance/c2pa/sign-file.ts';
import { type Identity, openIdentity } from '../../../src/engine/provenance/identity.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { readIndependently } from './independent-reader.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let identity: Identity;
let stranger: Identity;
let unsigned: string;
let signed: string;

const thing: MadeThing = {
  kind: 'restoration',
  mediaType: 'video/mp4',
  used: [
    { part: 'clip', mediaType: 'video/mp4', sha256: 'ab'.repeat(32), marks: 'Carried a C2PA manifest by Somebody' },
  ],
  edits: [{ action: 'enlarged', description: 'Enlarged 4 times by a neural network' }],
  markId: '0123456789ab',
  version: '1.2.3',
  now: new Date('2026-05-04T03:02:01Z'),
};

const read = (path: string, mediaType = 'video/mp4', by = identity): Promise<ManifestReading | undefined> =>
  readManifest(path, mediaType, { identity: by });

beforeAll(async () => {
  scratch = await scratchFolder();
  identity = await openIdentity(join(scratch.path, 'keys'));
  stranger = await openIdentity(join(scratch.path, 'other-keys'));
  unsigned = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=1'), ...h264, '-movflags', '+faststart']);
  signed = join(scratch.path, 'signed.mp4');
  await copyFile(unsigned, signed);
  await signFile(signed, thing, { identity });
});
afterAll(() => scratch.remove());

describe('a signed clip', () => {
  it('says what it is, by what and when, to whoever holds the key, and to others all but that it is theirs', async () => {
    const known = {
      state: 'valid',
      problems: [],
      generator: 'Lumière 1.2.3',
      sourceTypes: ['compositeWithTrainedAlgorithmicMedia'],
      at: new Date('2026-05-04T03:02:01Z'),
    };
    expect(await read(signed)).toMatchObject({ ...known, isOurs: true, kind: 'restoration', markId: '0123456789ab' });
    const others = await read(signed, 'video/mp4', stranger);
    expect(others).toMatchObject({ ...known, isOurs: false });
    expect(others).not.toHaveProperty('kind');
    expect(await read(unsigned)).toBeUndefined();
  });

  it('is read where no certificate is known, and nobody is trusted', async () => {
    expect(await read(signed, 'video/mp4', { ...stranger, known: [] })).toMatchObject({
      isOurs: false,
      state: 'valid',
      generator: 'Lumière 1.2.3',
    });
  });

  it('is read by another implementation: the file holds, and nobody vouches for the signer', async () => {
    const found = await readIndependently(new Uint8Array(await readFile(signed)));
    expect(found?.codes).toEqual(
      expect.arrayContaining(['claimSignature.validated', 'assertion.bmffHash.match', 'assertion.hashedURI.match']),
    );
    expect(found?.codes.filter((code) => /mismatch|missing|malformed|failure/i.test(code))).toEqual([]);
    expect(await readIndependently(new Uint8Array(await readFile(unsigned)))).toBeUndefined();
  });

  it('grows by no more than what was kept free for it', async () => {
    const grown = (await readFile(signed)).length - (await readFile(unsigned)).length;
    expect(grown).toBeGreaterThan(2000);
    expect(grown).toBeLessThanOrEqual(manifestRoom(identity));
  });

  it('says that nobody may train with it, and names its input by what it is and by its hash alone', async () => {
    const text = await readFile(signed, 'latin1');
    for (const words of ['cawg.ai_generative_training', 'notAllowed', `urn:sha256:${'ab'.repeat(32)}`, 'by Somebody']) {
      expect([words, text.includes(words)]).toEqual([words, true]);
    }
  });
});

describe('one flipped bit', () => {
  it('is found wherever it is: in the pictures, in the index, in the manifest', async () => {
    const bytes = await readFile(signed);
    const box = (name: string): [number, number] => {
      const at = bytes.indexOf(name, 0, 'latin1') - 4;
      return [at, bytes.readUInt32BE(at)];
    };
    const spots: [string, number][] = [];
    for (const [name, [from, length]] of Object.entries({ mdat: box('mdat'), moov: box('moov'), uuid: box('uuid') })) {
      // Behind the names and sizes: a box that is called otherwise is another matter.
      for (let index = 0; index < 3; index += 1)
        spots.push([name, from + 60 + Math.floor(((length - 70) * index) / 3)]);
    }
    // Anywhere, by a fixed seed, but in the first box: C2PA leaves a file's type out of its hash.
    const [, typeBytes] = box('ftyp');
    for (let index = 0, seed = 7; index < 4; index += 1) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      spots.push(['anywhere', typeBytes + Math.floor((seed / 2 ** 32) * (bytes.length - typeBytes))]);
    }
    const path = join(scratch.path, 'flipped.mp4');
    const missed: string[] = [];
    for (const [name, at] of spots) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      await writeFile(path, changed);
      const found = await read(path);
      if (found?.state === 'valid' && found.isOurs) missed.push(`${name} at ${at}`);
    }
    expect(missed).toEqual([]);
  });
});

describe('other formats', () => {
  it.each(['gif', 'webp', 'jpeg', 'png'] as const)(
    'a signed %s holds, and does not when it is changed',
    async (format) => {
      const mediaType = `image/${format}`;
      const path = join(scratch.path, `still.${format}`);
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
      await sharp({ create: { width: 64, height: 48, channels: 3, noise, background: '#345' } })
        .toFormat(format)
        .toFile(path);
      await signFile(path, { ...thing, kind: 'animation', mediaType }, { identity });
      expect(await read(path, mediaType)).toMatchObject({ isOurs: true, state: 'valid', kind: 'animation' });
      const bytes = await readFile(path);
      if (format === 'jpeg' || format === 'png') {
        expect((await readIndependently(new Uint8Array(bytes)))?.codes).toContain('claimSignature.validated');
      }
      bytes[bytes.length - 40]! ^= 4;
      await writeFile(path, bytes);
      expect((await read(path, mediaType))?.state).not.toBe('valid');
    },
  );
});

it('a smaller encoding carries the manifest of what it was made from', async () => {
  const path = join(scratch.path, 'smaller.mp4');
  await copyFile(unsigned, path);
  const file = { part: 'result', mediaType: 'video/mp4', sha256: 'cd'.repeat(32) } as const;
  const refit: MadeThing = { ...thing, used: [file], edits: [{ action: 'refitted', description: 'Encoded again' }] };
  const bytes = await signFile(path, refit, { identity, embedded: { file, path: signed } });
  expect(await read(path)).toMatchObject({ isOurs: true, state: 'valid' });
  expect(await readFile(path, 'latin1')).toContain('Enlarged 4 times');
  expect(bytes - (await readFile(unsigned)).length).toBeLessThanOrEqual(
    manifestRoom(identity, { embedsManifest: true }),
  );
});

it('a manifest that is somebody’s trap ends with its thread', async () => {
  const bytes = await readFile(signed);
  const path = join(scratch.path, 'cut.mp4');
  await writeFile(path, bytes.subarray(0, bytes.indexOf('c2pa', 0, 'latin1') + 200));
  expect(await read(path)).toMatchObject({ isOurs: false, state: 'untold' });
});
