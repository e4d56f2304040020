/** The media store in a real folder: what is put is all there or not at all, and stays readable while somebody reads it. */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { localMediaStore } from '../../src/store/local-media-store.ts';
import { MediaMissing, type MediaStore, MediaTooLarge } from '../../src/store/media-store.ts';
import { scratchFolder } from '../clips.ts';
import { bytesStored } from './bytes-stored.ts';

const root = join(import.meta.dirname, '..', '..');
const mediaType = 'video/mp4';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function* inPieces(bytes: Uint8Array, size = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let made = 0;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

function newStore(now = () => 1_000_000): { folder: string; store: MediaStore } {
  const folder = join(scratch.path, `store-${made++}`);
  return { folder, store: localMediaStore({ folder, now }) };
}

/** Every file under the folder, by its path in it. */
async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}

describe('putting', () => {
  it('keeps a stream under the hash of its bytes, and the same bytes once', async () => {
    const { folder, store } = newStore();
    const bytes = randomBytes(100_000);
    const hash = sha256(bytes);
    expect(await store.put(inPieces(bytes), { mediaType })).toEqual({ sha256: hash, bytes: 100_000 });
    const path = join(scratch.path, 'source');
    await writeFile(path, bytes);
    expect(await store.put({ path }, { mediaType })).toEqual({ sha256: hash, bytes: 100_000 });
    expect(await filesIn(folder)).toEqual([join(hash.slice(0, 2), hash)]);
    expect(await readFile(join(folder, hash.slice(0, 2), hash))).toEqual(bytes);
    expect(await readFile(path)).toEqual(bytes); // a copy was taken
    expect(await bytesStored(store)).toBe(100_000);
  });

  it('keeps the same bytes once when four put them at the same moment', async () => {
    const { folder, store } = newStore();
    const bytes = randomBytes(50_000);
    const all = await Promise.all([1, 2, 3, 4].map(() => store.put(inPieces(bytes), { mediaType })));
    expect(new Set(all.map((put) => put.sha256))).toEqual(new Set([sha256(bytes)]));
    expect(await filesIn(folder)).toHaveLength(1);
  });

  it('keeps nothing of a stream that is too long, and stops reading it', async () => {
    const { folder, store } = newStore();
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1000;
        yield await Promise.resolve(new Uint8Array(1000));
      }
    }
    await expect(store.put(endless(), { mediaType, maxBytes: 5000 })).rejects.toEqual(new MediaTooLarge(5000));
    expect(read).toBeLessThan(200_000);
    expect(await filesIn(folder)).toEqual([]);
    const exact = new Uint8Array(5000);
    expect(await store.put(inPieces(exact), { mediaType, maxBytes: 5000 })).toMatchObject({ bytes: 5000 });
  });

  it('keeps nothing of a stream that breaks, and passes its error on', async () => {
    const { folder, store } = newStore();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(1000));
      throw new Error('connection lost');
    }
    await expect(store.put(broken(), { mediaType })).rejects.toThrow('connection lost');
    expect(await filesIn(folder)).toEqual([]);
  });

  it('stops when told, even while the stream gives nothing', async () => {
    const { folder, store } = newStore();
    const stop = new AbortController();
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      stop.abort();
      await new Promise(() => undefined);
    }
    const put = store.put(stuck(), { mediaType, signal: stop.signal });
    await expect(put).rejects.toMatchObject({ code: 'job.cancelled' });
    expect(await filesIn(folder)).toEqual([]);
  });

  it('says that the disk is full, and keeps nothing', async () => {
    const { folder } = newStore();
    // A limit on the size of files is the full disk that needs no disk.
    const script = `
      import { localMediaStore } from ${JSON.stringify(join(root, 'src/store/local-media-store.ts'))};
      const put = (bytes) => localMediaStore({ folder: ${JSON.stringify(folder)} })
        .put((async function* () { for (let i = 0; i < bytes / 1000; i++) yield new Uint8Array(1000); })(), { mediaType: 'x' });
      console.log((await put(20000)).bytes);
      console.log(await put(2000000).catch((error) => error.code));`;
    const words = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)('bash', ['-c', 'ulimit -f 256; exec "$0" "$@"', ...words], {
      cwd: root,
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    expect(stdout).toBe('20000\noutput.disk-full\n');
    expect(await filesIn(folder)).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() === 0)('says that the folder may not be written', async () => {
    const { folder, store } = newStore();
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o555);
    await expect(store.put(inPieces(new Uint8Array(1)), { mediaType })).rejects.toMatchObject({
      code: 'output.unwritable',
    });
    await chmod(folder, 0o755);
  });

  it('leaves nothing that counts when its process is killed', async () => {
    const { folder, store } = newStore();
    const script = `
      import { localMediaStore } from ${JSON.stringify(join(root, 'src/store/local-media-store.ts'))};
      await localMediaStore({ folder: ${JSON.stringify(folder)}, now: () => 1000 }).put((async function* () {
        for (let i = 0; i < 100; i++) yield new Uint8Array(10000);
        await new Promise((resolve) => setTimeout(resolve, 50));
        process.kill(process.pid, 'SIGKILL');
      })(), { mediaType: 'x' });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: root });
    const signal = await new Promise((resolve) =>
      child.once('exit', (_, reason) => {
        resolve(reason);
      }),
    );
    expect(signal).toBe('SIGKILL');
    expect(await bytesStored(store)).toBe(0);
    expect(await filesIn(join(folder, 'incoming'))).toHaveLength(1);
    await store.clearLeftovers(new Date(0)); // however young it is
    expect(await filesIn(folder)).toEqual([]);
  });
});

describe('reading and removing', () => {
  it('gives a path that stays good after the file was removed, until it is released', async () => {
    const { folder, store } = newStore();
    const bytes = randomBytes(3000);
    const put = await store.put(inPieces(bytes), { mediaType });
    const { path, release } = await store.open(put.sha256);
    expect(await store.remove(put.sha256)).toBe(true);
    expect(await store.remove(put.sha256)).toBe(false);
    await expect(store.open(put.sha256)).rejects.toEqual(new MediaMissing(put.sha256));
    expect(await readFile(path)).toEqual(bytes);
    await release();
    await release();
    expect(existsSync(path)).toBe(false);
    expect(await filesIn(folder)).toEqual([]);
  });

  it('does not remove what was put again since', async () => {
    let now = 1_000_000;
    const { store } = newStore(() => now);
    const { sha256: hash } = await store.put(inPieces(new Uint8Array(10)), { mediaType });
    now = 2_000_000;
    await store.put(inPieces(new Uint8Array(10)), { mediaType });
    expect(await store.remove(hash, new Date(1_500_000))).toBe(false);
    await (await store.open(hash)).release();
    expect(await store.remove(hash, new Date(2_000_000))).toBe(true);
  });

  it('lists what is kept with its size and time, and nothing else', async () => {
    const { folder, store } = newStore();
    const [one, two] = [
      await store.put(inPieces(randomBytes(5)), { mediaType }),
      await store.put(inPieces(randomBytes(7)), { mediaType }),
    ];
    await store.open(one.sha256);
    await writeFile(join(folder, 'notes.txt'), 'x');
    const found = [];
    for await (const file of store.files()) found.push(file);
    const storedAt = new Date(1_000_000);
    expect(found.sort((a, b) => a.bytes - b.bytes)).toEqual([
      { ...one, storedAt },
      { ...two, storedAt },
    ]);
    expect(await bytesStored(store)).toBe(12);
  });

  it('takes no path for a hash', async () => {
    const { store } = newStore();
    const outside = '../../etc/passwd';
    await expect(store.open(outside)).rejects.toBeInstanceOf(MediaMissing);
    await expect(store.remove(outside)).rejects.toBeInstanceOf(MediaMissing);
  });

  it('is empty before anything was put', async () => {
    const { store } = newStore();
    expect(await bytesStored(store)).toBe(0);
    await store.clearLeftovers(new Date());
    await expect(store.open('a'.repeat(64))).rejects.toBeInstanceOf(MediaMissing);
    expect(await store.remove('a'.repeat(64))).toBe(false);
  });
});
