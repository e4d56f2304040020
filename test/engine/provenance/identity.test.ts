/** The identity in its folder: made once, renewed in time, closed to others; an operator's looked at closely; words on marks. */
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { examineIdentity } from '../../../src/cli/doctor-identity-check.ts';
import { LumiereError } from '../../../src/engine/errors.ts';
import { knownSourceType } from '../../../src/engine/provenance/c2pa/source-types.ts';
import { openIdentity, openRecognition } from '../../../src/engine/provenance/identity.ts';
import { writeKeyFileOnce } from '../../../src/engine/provenance/key-file.ts';
import { markFile } from '../../../src/engine/provenance/marking.ts';
import { mediaTypeOfHead } from '../../../src/engine/provenance/media-type.ts';
import { describeMarks } from '../../../src/engine/provenance/read-marks.ts';
import { leavingRoom } from '../../../src/engine/provenance/room.ts';
import { createTranslate } from '../../../src/locale.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { operatorFiles, type Wanted } from './operator-files.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

const year = 365.25 * 24 * 3_600_000;

describe('an installation’s own certificate', () => {
  it('stays for half its time, then another of the same authority signs; the first is still known', async () => {
    const folder = join(scratch.path, 'own');
    const start = Date.now();
    const first = await openIdentity(folder, undefined, () => start);
    expect(first).toMatchObject({ signedBy: 'installation', path: join(folder, 'c2pa-signing.pem') });
    const later = await openIdentity(folder, undefined, () => start + 4.9 * year);
    expect(later.fingerprint).toBe(first.fingerprint);
    const renewed = await openIdentity(folder, undefined, () => start + 5.1 * year);
    expect(renewed.fingerprint).not.toBe(first.fingerprint);
    expect(renewed.expiresAt.getTime()).toBeGreaterThan(first.expiresAt.getTime() + 5 * year);
    expect(renewed.known).toHaveLength(2);
    expect(new Set(renewed.known.map(({ authority }) => authority)).size).toBe(1);
    expect(renewed.watermarkKey).toEqual(first.watermarkKey);
    expect((await stat(renewed.path)).mode & 0o777).toBe(0o600);
    expect(await openRecognition(folder)).toMatchObject({ watermarkKey: first.watermarkKey, known: renewed.known });
    await rm(join(folder, 'certificates'), { recursive: true });
    const [kept] = (await openRecognition(folder)).known;
    expect(renewed.known).toContainEqual(kept);
  });

  it('is skipped and told of by who only looks where one of them is damaged; who signs is told what to do', async () => {
    const folder = join(scratch.path, 'damaged');
    const { known } = await openIdentity(folder);
    const pem = ['-----BEGIN CERTIFICATE-----', 'AAAA', '-----END CERTIFICATE-----', ''].join('\n');
    const paths = ['0', '1'].map((digit) => join(folder, 'certificates', `${digit.repeat(64)}.pem`));
    await writeFile(paths[0]!, pem);
    await writeFile(paths[1]!, '');
    const damaged = paths.map((path) => ({ code: 'provenance.certificate-damaged', params: { path } }));
    expect(await openRecognition(folder)).toMatchObject({ known, damaged });
    await expect(openIdentity(folder)).rejects.toMatchObject(damaged[0]!);
    const own = join(folder, 'c2pa-signing.pem');
    await writeFile(own, (await readFile(own, 'utf8')).replaceAll(/(BEGIN PRIVATE KEY-----)[^-]+/g, '$1\nAAAA\n'));
    const wrong = { code: 'provenance.signing-key-damaged', params: { path: own } };
    expect(await openRecognition(folder)).toMatchObject({ known, damaged: [...damaged, wrong] });
    for (const path of paths) await rm(path);
    await expect(openIdentity(folder)).rejects.toMatchObject(wrong);
  });

  it('is not made by who only looks', async () => {
    const folder = join(scratch.path, 'nothing');
    expect(await openRecognition(folder)).toEqual({ watermarkKey: undefined, known: [], damaged: [] });
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('keys that are no files, or not this user’s', () => {
  const unreadable = (path: string): object => ({
    code: 'provenance.keys-unreadable',
    params: { path: expect.stringContaining(path) as string },
  });

  it.each([
    ['a file in the place of the folder', '', writeFile],
    ['a folder in the place of a key', 'watermark.key', mkdir],
    ['a file in the place of the known certificates', 'certificates', writeFile],
  ] as const)('%s: everybody who opens them is told which', async (what, name, make) => {
    const dataDir = join(scratch.path, what);
    const folder = join(dataDir, 'keys');
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await (make as (path: string, text?: string) => Promise<unknown>)(path, make === writeFile ? '' : undefined);
    const told = unreadable(name === '' ? join(folder, 'watermark.key') : path);
    await expect(openIdentity(folder)).rejects.toMatchObject(told);
    await expect(openRecognition(folder)).rejects.toMatchObject(told);
    const [check] = await examineIdentity({ dataDir, certificate: undefined }, createTranslate('en'), Date.now());
    expect(check).toMatchObject({
      id: 'identity',
      state: 'missing',
      params: { reason: expect.stringContaining('cannot be read') as string },
    });
  });

  it('a folder that cannot be made', async () => {
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    await expect(writeKeyFileOnce(join(file, 'keys', 'watermark.key'), 'text')).rejects.toMatchObject({
      code: 'provenance.keys-unwritable',
      params: { path: join(file, 'keys') },
    });
  });
});

describe('an operator’s files', () => {
  it.each<readonly [string, Wanted]>([
    ['certificate-expired', { from: -3, until: -1 }],
    ['certificate-early', { from: 1, until: 3 }],
    ['certificate-usage', { usage: 'serverAuth' }],
    ['certificate-usage', { isAuthority: true }],
    ['certificate-order', { order: 'alone' }],
    ['key-mismatch', { order: 'reversed' }],
    ['key-unfit', { key: 'smallRsa' }],
  ])('%s: %j', async (code, wanted) => {
    const files = await operatorFiles(scratch.path, 'bad', wanted);
    await expect(openIdentity(join(scratch.path, 'bad'), files)).rejects.toMatchObject({ code: `provenance.${code}` });
  });

  it('certificate-unreadable and not-pem', async () => {
    const files = await operatorFiles(scratch.path, 'torn', {});
    const missing = { ...files, key: join(scratch.path, 'none') };
    const code = (name: string): object => ({ code: `provenance.${name}` });
    await expect(openIdentity(join(scratch.path, 'torn'), missing)).rejects.toMatchObject(
      code('certificate-unreadable'),
    );
    for (const path of [files.key, files.certificate]) {
      const text = await readFile(path, 'utf8');
      await writeFile(path, 'no PEM');
      await expect(openIdentity(join(scratch.path, 'torn'), files)).rejects.toMatchObject(code('not-pem'));
      await writeFile(path, text);
    }
    expect(await openIdentity(join(scratch.path, 'torn'), files)).toMatchObject({ signedBy: 'operator' });
  });
});

describe('what doctor says of it', () => {
  const t = createTranslate('en');
  const examine = async (name: string, wanted?: Wanted): Promise<string[]> => {
    const files = wanted && (await operatorFiles(scratch.path, name, wanted));
    const config = { dataDir: join(scratch.path, name), certificate: files };
    const checks = await examineIdentity(config, t, Date.now());
    return checks.map(({ id, state, params }) => `[${state}] ${t(`doctor.${id}.${state}`, params)}`);
  };

  it('an operator’s: until when, soon over, or why it cannot sign', async () => {
    expect(await examine('good', { until: 31 })).toEqual([expect.stringMatching(/^\[ok\] .*signed by .*good.*until/)]);
    expect(await examine('soon', { until: 29 })).toEqual([expect.stringMatching(/^\[note\] .*expires on \d{4}-/)]);
    expect(await examine('over', { from: -3, until: -1 })).toEqual([
      expect.stringMatching(/^\[missing\] results cannot be signed: .*expired on/),
    ]);
  });

  it('its own: not made yet, and made', async () => {
    expect(await examine('fresh')).toEqual([expect.stringMatching(/^\[note\] .*does not exist yet/)]);
    await openIdentity(join(scratch.path, 'fresh', 'keys'));
    expect(await examine('fresh')).toEqual([expect.stringMatching(/^\[ok\] .*made here/)]);
  });
});

it('a result that is too large for a manifest is removed, or kept as it is where that is wanted', async () => {
  await mkdir(scratch.path, { recursive: true });
  const clip = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=1'), ...h264]);
  const path = join(scratch.path, 'large.mp4');
  const identity = await openIdentity(join(scratch.path, 'keys'));
  const made = { kind: 'restoration', mediaType: 'video/mp4', edits: [], now: new Date() } as const;
  const options = { identity, version: '1.2.3', used: [{ part: 'clip', path: clip }], mostBytes: 100 } as const;
  await copyFile(clip, path);
  const kept = await markFile(path, made, { ...options, keepsTooLarge: true });
  expect(kept.unsigned).toMatchObject({ code: 'provenance.file-too-large', params: { bytes: kept.bytes, limit: 100 } });
  expect(await readFile(path)).toEqual(await readFile(clip));
  await expect(markFile(path, made, options)).rejects.toMatchObject({ code: 'provenance.file-too-large' });
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('words on marks that go into a manifest of ours', () => {
  it('say nothing that a stranger chose', () => {
    const strangers = { isOurs: false, state: 'valid', sourceTypes: ['trainedAlgorithmicMedia'] } as const;
    expect(describeMarks({ manifest: { ...strangers, ...{ generator: 'Chosen words' } } })).toBe(
      'Carried a C2PA manifest of somebody else (valid): trainedAlgorithmicMedia',
    );
    expect(describeMarks({ manifest: { isOurs: true, state: 'altered', sourceTypes: [] }, watermark: {} })).toBe(
      'Carried a manifest of this installation (altered). Carried the invisible watermark of this installation',
    );
    expect(describeMarks({})).toBeUndefined();
  });

  it('know IPTC’s types alone', () => {
    const place = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
    expect(knownSourceType(`${place}digitalCapture`)).toBe('digitalCapture');
    for (const other of [`${place}chosen`, 'http://elsewhere.example/digitalCapture', 'digitalCapture', '']) {
      expect([other, knownSourceType(other)]).toEqual([other, undefined]);
    }
  });
});

it('room for a manifest is taken from a limit, and who asked is told of the whole', async () => {
  expect(await leavingRoom(1000, 300, (bytes) => Promise.resolve(bytes))).toBe(700);
  for (const limit of [100, 300]) {
    const none = leavingRoom(limit, 300, () => Promise.reject(new Error('worked for nothing')));
    await expect(none).rejects.toMatchObject({ code: 'output.size-unreachable', params: { limit } });
  }
  const tooMuch = (): Promise<never> =>
    Promise.reject(new LumiereError('output.size-unreachable', { limit: 700, least: 900 }));
  await expect(leavingRoom(1000, 300, tooMuch)).rejects.toMatchObject({ params: { limit: 1000, least: 900 } });
});

it.each<readonly [string, string]>([
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\0\0\0\x20ftypisom', 'video/mp4'],
  ['\0\0\0\x20ftypqt  ', 'video/quicktime'],
  ['\0\0\0\x20ftypM4A ', 'audio/mp4'],
  ['RIFF\0\0\0\0AVI ', 'video/x-msvideo'],
  ['RIFF\0\0\0\0WAVE', 'audio/wav'],
  ['\x1aE\xdf\xa3', 'video/webm'],
  ['OggS', 'application/ogg'],
  ['nothing', 'application/octet-stream'],
])('%j begins a file of %s', (head, mediaType) => {
  expect(mediaTypeOfHead(new Uint8Array(Buffer.alloc(64).fill(head, 0, head.length, 'latin1')))).toBe(mediaType);
});
