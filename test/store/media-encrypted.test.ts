/** The media store with a key: nothing readable lies about, whatever was done to a file is found, keys can change. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { localMediaStore } from '../../src/store/local-media-store.ts';
import { MediaDamaged, MediaMissing, type MediaStore } from '../../src/store/media-store.ts';
import { scratchFolder } from '../clips.ts';
import { bytesStored } from './bytes-stored.ts';

const mediaType = 'video/mp4';
const key = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
/** Of a chunk: 64 KiB and its tag. */
const sealedChunk = 65_552;
const header = 80;

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let made = 0;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

const storeIn = (folder: string, keys: readonly Uint8Array[]): MediaStore => localMediaStore({ folder, keys });
const newFolder = (): string => join(scratch.path, `store-${made++}`);

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const put = async (store: MediaStore, bytes: Uint8Array): Promise<string> =>
  (await store.put(whole(bytes), { mediaType })).sha256;

async function read(store: MediaStore, sha256: string): Promise<Buffer> {
  const { path, release } = await store.open(sha256);
  return readFile(path).finally(release);
}

it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 300_000])(
  'keeps %i bytes so that neither content nor hash can be read, and gives them back',
  async (length) => {
    const folder = newFolder();
    const store = storeIn(folder, [key]);
    const bytes = Buffer.alloc(length, 'a recognisable face ');
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect(await put(store, bytes)).toBe(hash);
    expect(await put(store, bytes)).toBe(hash);
    const [path = '', ...others] = await filesIn(folder);
    expect(others).toEqual([]);
    const kept = await readFile(path);
    expect(path).not.toContain(hash);
    expect(kept.includes('recognisable')).toBe(false);
    expect(kept.includes(Buffer.from(hash, 'hex'))).toBe(false);
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await read(store, hash)).equals(bytes)).toBe(true);
    expect(await filesIn(folder)).toEqual([path]); // the decrypted copy is gone again
    expect(await bytesStored(store)).toBe(length);
    for await (const file of store.files()) expect(file).toMatchObject({ sha256: hash, bytes: length });
    expect(await store.remove(hash)).toBe(true);
    await expect(store.open(hash)).rejects.toThrow(MediaMissing);
  },
);

it('finds a file that was altered, cut, lengthened, put together anew or exchanged', async () => {
  const folder = newFolder();
  const store = storeIn(folder, [key]);
  const bytes = randomBytes(200_000);
  const hash = await put(store, bytes);
  const [path = ''] = await filesIn(folder);
  const good = await readFile(path);
  const isFound = async (bad: Buffer): Promise<void> => {
    await writeFile(path, bad);
    await expect(store.open(hash)).rejects.toThrow(MediaDamaged);
    expect(await filesIn(folder)).toEqual([path]); // nor is a half of it left decrypted
  };
  for (const at of [3, 12, 30, 70, header, header + sealedChunk, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at]! ^= 1;
    await isFound(bad);
  }
  const chunk = (index: number): Buffer =>
    good.subarray(header + index * sealedChunk, header + (index + 1) * sealedChunk);
  const head = good.subarray(0, header);
  await isFound(good.subarray(0, -1));
  await isFound(good.subarray(0, header + 2 * sealedChunk)); // at the border of a chunk
  await isFound(head);
  await isFound(Buffer.alloc(0));
  await isFound(Buffer.concat([good, Buffer.alloc(40)]));
  await isFound(Buffer.concat([head, chunk(1), chunk(0), chunk(2), chunk(3)]));
  await isFound(Buffer.concat([head, chunk(0), chunk(0), chunk(2), chunk(3)]));
  await isFound(Buffer.concat([head, chunk(0), chunk(1), chunk(3)]));
  await writeFile(path, good);
  expect((await read(store, hash)).equals(bytes)).toBe(true);

  const other = await put(store, randomBytes(200_000));
  const otherPath = (await filesIn(folder)).find((file) => file !== path)!;
  await copyFile(otherPath, path);
  await expect(store.open(hash)).rejects.toThrow(MediaDamaged);
  expect((await read(store, other)).length).toBe(200_000);
  await truncate(otherPath, 10);
  expect(await bytesStored(store)).toBe(200_000); // what cannot be read is not counted, and not removed
});

it('reads what was kept before there was a key, or with an earlier one, and encrypts with the new one', async () => {
  const folder = newFolder();
  const [plain, early, again] = [randomBytes(1000), randomBytes(1000), randomBytes(1000)];
  const plainHash = await put(storeIn(folder, []), plain);
  const againHash = await put(storeIn(folder, []), again);
  const earlyHash = await put(storeIn(folder, [key]), early);
  const store = storeIn(folder, [newKey, key]);
  expect((await read(store, plainHash)).equals(plain)).toBe(true);
  expect((await read(store, earlyHash)).equals(early)).toBe(true);
  const hashes = [];
  for await (const { sha256 } of store.files()) hashes.push(sha256);
  expect(hashes.sort()).toEqual([plainHash, againHash, earlyHash].sort());

  await put(store, again);
  const kept = await Promise.all((await filesIn(folder)).map((path) => readFile(path)));
  expect(kept.filter((bytes) => bytes.includes(again.subarray(0, 32)))).toEqual([]); // no plain copy stays
  expect((await read(storeIn(folder, [newKey]), againHash)).equals(again)).toBe(true);
  await expect(storeIn(folder, [newKey]).open(earlyHash)).rejects.toThrow(MediaMissing);
  await expect(storeIn(folder, []).open(earlyHash)).rejects.toThrow(MediaMissing);
  for (const hash of [plainHash, earlyHash]) expect(await store.remove(hash)).toBe(true);
  expect(await filesIn(folder)).toHaveLength(1);
});

it('counts what no key opens, and removes it only when it is older than it is told', async () => {
  const folder = newFolder();
  const at = (time: number, keys: readonly Uint8Array[]): MediaStore =>
    localMediaStore({ folder, keys, now: () => time });
  const [oldHash, youngHash] = [
    await put(at(1000, [key]), randomBytes(10)),
    await put(at(9000, [key]), randomBytes(10)),
  ];
  const plainHash = await put(at(1000, []), randomBytes(10));
  expect(await at(9000, [key]).clearUnopened(new Date(9000))).toEqual({ removed: 0, left: 0 });
  for (const keys of [[], [newKey]]) expect(await at(9000, keys).clearUnopened()).toEqual({ removed: 0, left: 2 });
  expect(await at(9000, [newKey]).clearUnopened(new Date(5000))).toEqual({ removed: 1, left: 1 });
  const store = at(9000, [key]);
  await expect(store.open(oldHash)).rejects.toThrow(MediaMissing);
  for (const hash of [youngHash, plainHash]) await expect(read(store, hash)).resolves.toHaveLength(10);
});

it('clears what a process that is gone had decrypted, and not what one has in use', async () => {
  const folder = newFolder();
  const store = storeIn(folder, [key]);
  const hash = await put(store, randomBytes(1000));
  const { path, release } = await store.open(hash);
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  const left = path.replace(`-${process.pid}.`, `-${gone.pid}.`);
  await copyFile(path, left);
  const before = path.replace(/\.[0-9a-f]{8}-/, '.00000000-'); // our own number, of an earlier start
  await copyFile(path, before);
  await mkdir(join(folder, 'incoming'), { recursive: true });
  await store.clearLeftovers(new Date(0));
  expect(await readdir(join(folder, 'open'))).toEqual([path.split('/').at(-1)]);
  await release();
});
