/**
 * Where clips and results are kept, by the SHA-256 of what is in them: the same bytes are kept once. The interface is what
 * an object store (S3) could offer as well; the local folder is the one there is.
 *
 *   ab/abcd…   the files          incoming/   being written          open/   links of files in use
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { copyFile, link, mkdir, open as openFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { LumiereError } from '../engine/errors.ts';

export interface PutOptions {
  /** For stores that serve files over HTTP; a folder has no use for it. */
  readonly mediaType: string;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
  /** When these bytes were last put. */
  readonly storedAt: Date;
}

export interface MediaStore {
  /**
   * Keeps a stream or a copy of a file; all of it or nothing. Rejects with MediaTooLarge above `maxBytes`, with
   * `output.disk-full` or `output.unwritable`, with `job.cancelled` when the signal fires, or with the stream's own error.
   */
  put(
    source: AsyncIterable<Uint8Array> | { readonly path: string },
    options: PutOptions,
  ): Promise<{ sha256: string; bytes: number }>;
  /** A local path to read it from, valid until `release` even if the file is removed meanwhile. Rejects with MediaMissing. */
  open(sha256: string): Promise<{ readonly path: string; readonly release: () => Promise<void> }>;
  /** Removes a file, unless it was put again after `notPutSince`. Resolves to whether it was there and is gone. */
  remove(sha256: string, notPutSince?: Date): Promise<boolean>;
  files(): AsyncIterable<StoredFile>;
  bytesStored(): Promise<number>;
  /** Removes what interrupted work left behind: half-written files and links older than `before`. */
  clearLeftovers(before: Date): Promise<void>;
}

/** A stream had more bytes than it was allowed. */
export class MediaTooLarge extends Error {
  override readonly name = 'MediaTooLarge';
  readonly limit: number;

  constructor(limit: number) {
    super(`more than ${limit} bytes`);
    this.limit = limit;
  }
}

/** The file is not in the store: its time was over, or it was removed. */
export class MediaMissing extends Error {
  override readonly name = 'MediaMissing';
  readonly sha256: string;

  constructor(sha256: string) {
    super(`no file ${sha256} in the media store`);
    this.sha256 = sha256;
  }
}

const hashPattern = /^[0-9a-f]{64}$/;

/**
 * The media store in a folder, which is made when missing. Several processes may use the same one. `now` in milliseconds
 * since 1970: files are dated by it, so that their age is told by the clock the sweep goes by.
 */
export function localMediaStore(options: { readonly folder: string; readonly now?: () => number }): MediaStore {
  const now = options.now ?? Date.now;
  const incoming = join(options.folder, 'incoming');
  const opened = join(options.folder, 'open');
  const passing = (folder: string): string => join(folder, `${now()}-${randomUUID()}`);
  const place = (sha256: string): string => {
    if (!hashPattern.test(sha256)) throw new MediaMissing(sha256);
    return join(options.folder, sha256.slice(0, 2), sha256);
  };

  async function put(source: Parameters<MediaStore['put']>[0], { maxBytes, signal }: PutOptions) {
    const unfinished = passing(incoming);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      await mkdir(incoming, { recursive: true });
      // Opened before the bytes are asked for: a stream that is stopped while it opens its file makes it afterwards.
      const file = await openFile(unfinished, 'wx');
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
        file.createWriteStream({ flush: true }),
        signal === undefined ? {} : { signal },
      );
      const sha256 = hash.digest('hex');
      const at = new Date(now());
      await utimes(unfinished, at, at);
      await mkdir(join(options.folder, sha256.slice(0, 2)), { recursive: true });
      await rename(unfinished, place(sha256)); // over the same bytes, if they were there: its new time says it is wanted again
      return { sha256, bytes };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw signal?.aborted === true ? new LumiereError('job.cancelled', {}, { cause: error }) : writeError(error);
    }
  }

  async function open(sha256: string) {
    const path = passing(opened);
    await mkdir(opened, { recursive: true });
    try {
      await linkOrCopy(place(sha256), path);
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? new MediaMissing(sha256) : writeError(error);
    }
    return { path, release: () => rm(path, { force: true }) };
  }

  async function remove(sha256: string, notPutSince?: Date) {
    const aside = passing(incoming);
    await mkdir(incoming, { recursive: true });
    try {
      await rename(place(sha256), aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
    // Looked at only when it is out of reach, so that it cannot be put again between the look and the removal.
    const wantedAgain = notPutSince !== undefined && (await stat(aside)).mtime > notPutSince;
    if (wantedAgain) await rename(aside, place(sha256));
    else await rm(aside, { force: true });
    return !wantedAgain;
  }

  async function* files(): AsyncGenerator<StoredFile> {
    for (const folder of await entries(options.folder)) {
      if (!folder.isDirectory() || !/^[0-9a-f]{2}$/.test(folder.name)) continue;
      for (const file of await entries(join(options.folder, folder.name))) {
        if (!hashPattern.test(file.name)) continue;
        const found = await sizeAndTime(join(options.folder, folder.name, file.name));
        if (found !== undefined) yield { sha256: file.name, ...found };
      }
    }
  }

  return {
    put,
    open,
    remove,
    files,
    bytesStored: async () => {
      let sum = 0;
      for await (const { bytes } of files()) sum += bytes;
      return sum;
    },
    clearLeftovers: async (before) => {
      for (const folder of [incoming, opened]) {
        for (const { name } of await entries(folder)) {
          if (Number.parseInt(name, 10) < before.getTime()) await rm(join(folder, name), { force: true });
        }
      }
    },
  };
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

function writeError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new LumiereError('output.disk-full', {}, { cause: error });
  }
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
async function sizeAndTime(path: string): Promise<{ bytes: number; storedAt: Date } | undefined> {
  try {
    const { size, mtime } = await stat(path);
    return { bytes: size, storedAt: mtime };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
