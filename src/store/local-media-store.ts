/**
 * The media store in a local folder:
 *
 *   ab/abcd…   the files          incoming/   being written          open/   links of files in use
 *
 * With a key they are encrypted (src/store/media-cipher.ts) and lie under names that say nothing: ab/abcd….sealed. What is in
 * use is then a decrypted copy, and incoming/ and open/ are the only places where a file lies as it is.
 */
import { createHash } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { copyFile, link, mkdir, open as openFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { isDiskFull } from '../engine/disk-error.ts';
import { LumiereError } from '../engine/errors.ts';
import { createSealer, openChunks, readSealedHeader, SealBroken, sealedFrom, sealedName } from './media-cipher.ts';
import { isLeftover, passingName } from './media-leftovers.ts';
import {
  MediaDamaged,
  MediaMissing,
  type MediaStore,
  MediaTooLarge,
  type PutOptions,
  type StoredFile,
} from './media-store.ts';

const hashPattern = /^[0-9a-f]{64}$/;
const sealedPattern = /^[0-9a-f]{64}\.sealed$/;

export interface LocalMediaOptions {
  readonly folder: string;
  /** Milliseconds since 1970: files are dated by it, so that their age is told by the clock the sweep goes by. */
  readonly now?: () => number;
  /** 32 bytes each. The first encrypts; all decrypt. What was kept without a key is read as it is. None: nothing is encrypted. */
  readonly keys?: readonly Uint8Array[];
}

/** The media store in a folder, which is made when missing. Several processes may use the same one, with the same keys. */
export function localMediaStore(options: LocalMediaOptions): MediaStore {
  const { now = Date.now, keys = [] } = options;
  const [sealingKey] = keys;
  const incoming = join(options.folder, 'incoming');
  const opened = join(options.folder, 'open');
  /** Each hold by itself: several may need the same file. */
  const holds = new Map<symbol, string>();
  const passing = (folder: string): string => join(folder, passingName(now()));
  const within = (name: string): string => join(options.folder, name.slice(0, 2), name);
  /** Where it may lie, the likeliest first. */
  const places = (sha256: string): string[] => {
    if (!hashPattern.test(sha256)) throw new MediaMissing(sha256);
    return [...keys.map((key) => within(`${sealedName(key, sha256)}.sealed`)), within(sha256)];
  };

  async function put(source: Parameters<MediaStore['put']>[0], { maxBytes, signal }: PutOptions) {
    const unfinished = passing(incoming);
    const hash = createHash('sha256');
    const sealer = sealingKey === undefined ? undefined : createSealer(sealingKey);
    let bytes = 0;
    try {
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      // Opened before the bytes are asked for: a stream that is stopped while it opens its file makes it afterwards.
      const file = await openFile(unfinished, 'wx', 0o600);
      await pipeline(
        'path' in source ? createReadStream(source.path) : Readable.from(source, { objectMode: false }),
        async function* measured(chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            bytes += chunk.byteLength;
            if (maxBytes !== undefined && bytes > maxBytes) throw new MediaTooLarge(maxBytes);
            hash.update(chunk);
            yield chunk;
          }
        },
        (chunks: AsyncIterable<Uint8Array>) => (sealer === undefined ? chunks : sealer.seal(chunks)),
        file.createWriteStream({ flush: true, start: sealer === undefined ? 0 : sealedFrom }),
        signal === undefined ? {} : { signal },
      );
      const sha256 = hash.digest('hex');
      if (sealer !== undefined) await writeStart(unfinished, sealer.header(sha256, bytes));
      const at = new Date(now());
      await utimes(unfinished, at, at);
      const [place = '', ...others] = places(sha256);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(unfinished, place); // over the same bytes, if they were there: its new time says it is wanted again
      for (const other of others) await rm(other, { force: true }); // from before there was this key
      return { sha256, bytes };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw signal?.aborted === true ? new LumiereError('job.cancelled', {}, { cause: error }) : writeError(error);
    }
  }

  async function open(sha256: string) {
    await mkdir(opened, { recursive: true, mode: 0o700 });
    for (const place of places(sha256)) {
      const path = passing(opened);
      const release = (): Promise<void> => rm(path, { force: true });
      try {
        await (place.endsWith('.sealed') ? decrypt(place, path, sha256) : linkOrCopy(place, path));
        return { path, release };
      } catch (error) {
        if (codeOf(error) === 'ENOENT') continue;
        await release();
        throw error instanceof SealBroken ? new MediaDamaged(sha256, { cause: error }) : writeError(error);
      }
    }
    throw new MediaMissing(sha256);
  }

  async function decrypt(from: string, to: string, sha256: string): Promise<void> {
    const file = await openFile(from, 'r');
    try {
      const sealed = await readSealedHeader(file, keys);
      if (sealed.sha256 !== sha256) throw new SealBroken('another file lies in its place');
      const plain = await openFile(to, 'wx', 0o600);
      await pipeline(openChunks(file, sealed), plain.createWriteStream());
    } finally {
      await file.close();
    }
  }

  async function remove(sha256: string, notPutSince?: Date) {
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    let isGone = false;
    for (const place of places(sha256)) if (await removeFrom(place, notPutSince)) isGone = true;
    return isGone;
  }

  async function removeFrom(place: string, notPutSince: Date | undefined): Promise<boolean> {
    const aside = passing(incoming);
    try {
      await rename(place, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
    // Looked at only when it is out of reach, so that it cannot be put again between the look and the removal.
    const wantedAgain = notPutSince !== undefined && (await stat(aside)).mtime > notPutSince;
    if (wantedAgain) await rename(aside, place);
    else await rm(aside, { force: true });
    return !wantedAgain;
  }

  async function* paths(): AsyncGenerator<{ readonly path: string; readonly name: string }> {
    for (const folder of await entries(options.folder)) {
      if (!folder.isDirectory() || !/^[0-9a-f]{2}$/.test(folder.name)) continue;
      for (const { name } of await entries(join(options.folder, folder.name))) {
        yield { path: join(options.folder, folder.name, name), name };
      }
    }
  }

  async function* files(): AsyncGenerator<StoredFile> {
    for await (const { path, name } of paths()) {
      const found = hashPattern.test(name)
        ? await lookAtPlain(path, name)
        : sealedPattern.test(name) && (await lookAtSealed(path, keys));
      if (found !== false && found !== undefined && found !== 'unopened') yield found;
    }
  }

  async function clearUnopened(before?: Date) {
    let removed = 0;
    let left = 0;
    if (before !== undefined) await mkdir(incoming, { recursive: true, mode: 0o700 });
    for await (const { path, name } of paths()) {
      if (!sealedPattern.test(name) || (await lookAtSealed(path, keys)) !== 'unopened') continue;
      if (before !== undefined && (await removeFrom(path, before))) removed++;
      else left++;
    }
    return { removed, left };
  }

  return {
    put,
    open,
    hold: (sha256) => {
      const mine = Symbol();
      holds.set(mine, sha256);
      return () => void holds.delete(mine);
    },
    isHeld: (sha256) => [...holds.values()].includes(sha256),
    remove,
    files,
    clearUnopened,
    clearLeftovers: async (before) => {
      for (const folder of [incoming, opened]) {
        for (const { name } of await entries(folder)) {
          if (isLeftover(name, before)) await rm(join(folder, name), { force: true });
        }
      }
    },
  };
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

function writeError(error: unknown): unknown {
  if (isDiskFull(error)) return new LumiereError('output.disk-full', {}, { cause: error });
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const path = error instanceof Error && 'path' in error ? String(error.path) : '';
    return new LumiereError('output.unwritable', { path }, { cause: error });
  }
  return error;
}

/** A second name for the same bytes costs nothing; file systems without such links get a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    await copyFile(from, to);
  }
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined when it is gone. */
async function lookAtPlain(path: string, sha256: string): Promise<StoredFile | undefined> {
  try {
    const { size, mtime } = await stat(path);
    return { sha256, bytes: size, storedAt: mtime };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined when it is gone. Nobody can say whose it is when no key opens it. */
async function lookAtSealed(path: string, keys: readonly Uint8Array[]): Promise<StoredFile | 'unopened' | undefined> {
  try {
    const file = await openFile(path, 'r');
    try {
      const { sha256, bytes } = await readSealedHeader(file, keys);
      return { sha256, bytes, storedAt: (await file.stat()).mtime };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SealBroken) return 'unopened';
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeStart(path: string, bytes: Uint8Array): Promise<void> {
  const file = await openFile(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
