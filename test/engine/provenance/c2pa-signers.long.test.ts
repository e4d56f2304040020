/** Who signed: certificates of every kind an operator may bring, expired ones, and chains of ours in the hands of others. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { MadeThing } from '../../../src/engine/provenance/c2pa/manifest.ts';
import { type ManifestReading, readManifest } from '../../../src/engine/provenance/c2pa/read-manifest.ts';
import { manifestRoom, signFile } from '../../../src/engine/provenance/c2pa/sign-file.ts';
import { type Identity, openIdentity } from '../../../src/engine/provenance/identity.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { operatorFiles, type Wanted } from './operator-files.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let unsigned: string;

const thing: MadeThing = {
  kind: 'restoration',
  mediaType: 'video/mp4',
  used: [{ part: 'clip', mediaType: 'video/mp4', sha256: 'ab'.repeat(32) }],
  edits: [],
  markId: '0123456789ab',
  version: '1.2.3',
  now: new Date('2026-05-04T03:02:01Z'),
};
const day = 24 * 3_600_000;

beforeAll(async () => {
  scratch = await scratchFolder();
  unsigned = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=1'), ...h264, '-movflags', '+faststart']);
});
afterAll(() => scratch.remove());

async function operator(name: string, wanted: Wanted, now?: () => number): Promise<Identity> {
  return openIdentity(join(scratch.path, `keys-${name}`), await operatorFiles(scratch.path, name, wanted), now);
}

async function signed(name: string, identity: Identity, now?: () => number): Promise<string> {
  const path = join(scratch.path, `${name}.mp4`);
  await copyFile(unsigned, path);
  await signFile(path, thing, { identity, ...(now && { now }) });
  return path;
}

const read = (path: string, identity: Pick<Identity, 'known'>): Promise<ManifestReading | undefined> =>
  readManifest(path, 'video/mp4', { identity });

describe('an operator’s certificate', () => {
  it.each<readonly [string, Wanted]>([
    ['for e-mail', { usage: 'emailProtection' }],
    ['for documents', { usage: 'documentSigning' }],
    ['for claims', { usage: 'claimSigning' }],
    ['of RSA', { key: 'rsa' }],
    ['of Ed25519', { key: 'ed25519' }],
    ['of P-384', { key: 'p384' }],
  ])('%s signs what is known as ours, within the room that was kept', async (name, wanted) => {
    const identity = await operator(name, wanted);
    const path = await signed(name, identity);
    expect(await read(path, identity)).toMatchObject({ isOurs: true, state: 'valid', problems: [], signer: name });
    const grown = (await readFile(path)).length - (await readFile(unsigned)).length;
    expect(grown).toBeLessThanOrEqual(manifestRoom(identity));
  });

  it('of the same authority, but another’s, is not ours', async () => {
    const identity = await operator('one', {});
    const path = await signed('one', identity);
    const other = identity.known.map((certificate) => ({ ...certificate, serial: '12345' }));
    expect(await read(path, { known: other })).toMatchObject({ isOurs: false, state: 'valid' });
  });
});

describe('an expired certificate', () => {
  it('signs no more', async () => {
    const identity = await operator('late', { until: 1 });
    const path = join(scratch.path, 'late.mp4');
    await copyFile(unsigned, path);
    await expect(signFile(path, thing, { identity, now: () => Date.now() + 2 * day })).rejects.toMatchObject({
      code: 'provenance.certificate-expired',
    });
    expect(await readFile(path)).toEqual(await readFile(unsigned));
  });

  it('has signed what is ours still, and that it expired is told', async () => {
    const then = (): number => Date.now() - 10 * day;
    const identity = await operator('past', { from: -30, until: -2 }, then);
    const path = await signed('past', identity, then);
    expect(await read(path, identity)).toMatchObject({
      isOurs: true,
      isExpired: true,
      state: 'valid',
      markId: '0123456789ab',
    });
    const changed = await readFile(path);
    changed[changed.indexOf('mdat', 0, 'latin1') + 100]! ^= 1;
    await writeFile(path, changed);
    expect(await read(path, identity)).toMatchObject({ isOurs: true, isExpired: true, state: 'altered' });
    const stranger = await operator('present', {});
    expect(await read(path, stranger)).toMatchObject({ isOurs: false });
  });
});

describe('our chain in other hands', () => {
  it.each<readonly [string, Wanted, () => number]>([
    ['valid', {}, Date.now],
    ['expired', { from: -30, until: -2 }, () => Date.now() - 10 * day],
  ])('%s: what another key signed with it is not ours, whatever it says', async (name, wanted, now) => {
    const identity = await operator(`forged-${name}`, wanted, now);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const forger = { ...identity, signer: { ...identity.signer, privateKey: key } };
    const found = await read(await signed(`forged-${name}`, forger, now), identity);
    expect(found).toMatchObject({ isOurs: false, state: 'altered' });
    expect(found).not.toHaveProperty('kind');
    expect(found).not.toHaveProperty('markId');
  });

  it('a certificate with the number and the names of ours is not ours', async () => {
    const identity = await operator('real', {});
    const double = await operator('double', {});
    const known = identity.known.map(({ authority, validUntil }) => ({
      authority,
      validUntil,
      serial: double.known[0]!.serial,
    }));
    expect(await read(await signed('double', double), { known })).toMatchObject({ isOurs: false });
  });
});

describe('a file that was changed after it was signed', () => {
  it('is still known as ours with what its manifest says while only its content is another', async () => {
    const identity = await operator('content', {});
    const path = await signed('content', identity);
    const changed = await readFile(path);
    changed[changed.indexOf('mdat', 0, 'latin1') + 100]! ^= 1;
    await writeFile(path, changed);
    expect(await read(path, identity)).toMatchObject({ isOurs: true, state: 'altered', markId: '0123456789ab' });
  });

  it('with another number of its watermark does not have that number believed', async () => {
    const identity = await operator('number', {});
    const path = await signed('number', identity);
    const changed = await readFile(path);
    changed[changed.indexOf('0123456789ab', 0, 'latin1')] = '9'.charCodeAt(0);
    await writeFile(path, changed);
    const found = await read(path, identity);
    expect(found).toMatchObject({ state: 'altered' });
    expect(found).not.toHaveProperty('markId');
  });
});
