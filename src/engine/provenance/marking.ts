/** What is done to every file that was made, once it is whole: the manifest goes in, and what it is known by is taken down. */
import { rm, stat } from 'node:fs/promises';

import { LumiereError } from '../errors.ts';
import { fileSha256 } from '../file-hash.ts';
import { signFile, type Embedded } from './c2pa/sign-file.ts';
import type { MadeThing, Part, UsedFile } from './c2pa/manifest.ts';
import { hashesOfFile } from './frame-hashes.ts';
import type { Identity } from './identity.ts';
import { mediaTypeOf } from './media-type.ts';

/** What an installation marks with. */
export interface Marking {
  readonly identity: Identity;
  /** Version of this program. */
  readonly version: string;
}

/** A file that something was made from. */
export interface UsedPath {
  readonly part: Part;
  readonly path: string;
  /** What marks it carried, in one line. */
  readonly marks?: string | undefined;
  /** Its type and hash, where they were read before the work: it may be gone after it. */
  readonly known?: Pick<UsedFile, 'mediaType' | 'sha256'>;
  /** It was made here and signed: its own manifest goes into the new one. */
  readonly isSigned?: boolean;
}

export interface Marked {
  readonly bytes: number;
  /** Why there is no manifest in it: it is too large for one, and was kept nevertheless. */
  readonly unsigned?: LumiereError;
  /** Of some of its pictures; empty where none could be looked at. */
  readonly perceptualHashes: readonly string[];
}

/**
 * Signs the finished file at `path`. Rejects as `signFile` does, and as reading the files that were used; then the file is removed:
 * a result that cannot be marked is none. With `keepsTooLarge` one that is too large to be signed stays, with its watermark alone.
 */
export async function markFile(
  path: string,
  made: Omit<MadeThing, 'used' | 'version'>,
  options: Marking & {
    readonly used: readonly UsedPath[];
    readonly keepsTooLarge?: boolean;
    /** As `signFile` takes it. */
    readonly mostBytes?: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Marked> {
  const { identity, version, keepsTooLarge = false, mostBytes, signal } = options;
  let bytes: number;
  let unsigned: LumiereError | undefined;
  try {
    const used = await Promise.all(options.used.map(describe));
    const signed = options.used.findIndex(({ isSigned }) => isSigned === true);
    const embedded: Embedded | undefined =
      signed === -1 ? undefined : { file: used[signed]!, path: options.used[signed]!.path };
    const settings = { identity, mostBytes, signal, ...(embedded && { embedded }) };
    bytes = await signFile(path, { ...made, used, version }, settings);
  } catch (error) {
    if (!keepsTooLarge || !(error instanceof LumiereError) || error.code !== 'provenance.file-too-large') {
      await rm(path, { force: true });
      throw error;
    }
    unsigned = error;
    bytes = (await stat(path)).size;
  }
  const perceptualHashes = await hashesOfFile(path, { signal }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    return [];
  });
  return { bytes, perceptualHashes, ...(unsigned && { unsigned }) };
}

async function describe({ part, path, known, marks }: UsedPath): Promise<UsedFile> {
  const file = known ?? { mediaType: await mediaTypeOf(path), sha256: await fileSha256(path) };
  return { part, ...file, ...(marks !== undefined && { marks }) };
}
