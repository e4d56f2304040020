/** Puts a manifest into a finished file, last of all: whatever encodes or remuxes it afterwards takes the manifest away. */
import { stat } from 'node:fs/promises';

import { LumiereError } from '../../errors.ts';
import { writeWhole } from '../../media/partial-file.ts';
import { type CalledThread, callThread } from '../../thread-calls.ts';
import { signatureBytes } from '../claim-signer.ts';
import type { Identity } from '../identity.ts';
import type { C2paCalls } from './c2pa-calls.ts';
import { ingredientOf, type MadeThing, manifestFor, type UsedFile } from './manifest.ts';

/** Bytes of everything in a manifest but its signature; 3 KiB were measured. */
const statementBytes = 5 * 1024;

/** How many bytes signing may add to a file: what an encoder with a size limit must leave. */
export function manifestRoom(
  { signer }: Pick<Identity, 'signer'>,
  { embedsManifest = false }: { readonly embedsManifest?: boolean } = {},
): number {
  return (signatureBytes(signer) + statementBytes) * (embedsManifest ? 2 : 1);
}

/** c2pa-rs holds the whole signed file in memory, of which WebAssembly has 4 GiB, and lets it double as it grows. */
const mostSignedBytes = 2 ** 30;

/** A used file whose own manifest goes into the new one. */
export interface Embedded {
  readonly file: UsedFile;
  readonly path: string;
}

/**
 * Signs the file at `path` and leaves the signed one in its place; resolves to its size in bytes. Formats: MP4, GIF, WebP, JPEG,
 * PNG. Rejects with `provenance.certificate-expired`, `provenance.file-too-large`, `output.unwritable`, `output.disk-full`,
 * `job.cancelled`, or with a fault of ours.
 */
export async function signFile(
  path: string,
  thing: MadeThing,
  options: {
    readonly identity: Identity;
    /** Made here and signed, like the clip that a smaller one was made from. */
    readonly embedded?: Embedded;
    /** A larger file is not signed. */
    readonly mostBytes?: number | undefined;
    /** Milliseconds since the epoch. */
    readonly now?: () => number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<number> {
  const { identity, embedded, mostBytes = mostSignedBytes, now = Date.now, signal } = options;
  const { expiresAt, path: certificate } = identity;
  if (expiresAt.getTime() <= now()) {
    const at = expiresAt.toISOString().slice(0, 10);
    throw new LumiereError('provenance.certificate-expired', { path: certificate, at });
  }
  const { size } = await stat(path);
  if (size > mostBytes) throw new LumiereError('provenance.file-too-large', { bytes: size, limit: mostBytes });
  const ingredients = embedded
    ? [
        {
          path: embedded.path,
          mediaType: embedded.file.mediaType,
          ingredient: JSON.stringify(ingredientOf(embedded.file, thing.used.indexOf(embedded.file), thing)),
        },
      ]
    : [];
  const signed = await withC2pa(signal, (thread) =>
    thread.call('sign', {
      path,
      mediaType: thing.mediaType,
      definition: manifestFor(thing, embedded ? [embedded.file] : []),
      ingredients,
      signer: identity.signer,
    }),
  );
  await writeWhole(path, signed);
  return signed.length;
}

/** A thread of its own for one piece of work: WebAssembly gives its memory back only when it ends. */
export async function withC2pa<Result>(
  signal: AbortSignal | undefined,
  work: (thread: CalledThread<C2paCalls>) => Promise<Result>,
): Promise<Result> {
  if (signal?.aborted) throw new LumiereError('job.cancelled');
  const thread = callThread<C2paCalls>(new URL('./c2pa-thread.ts', import.meta.url), { name: 'manifests' });
  const stop = (): void => void thread.close(new LumiereError('job.cancelled'));
  signal?.addEventListener('abort', stop);
  try {
    return await work(thread);
  } finally {
    signal?.removeEventListener('abort', stop);
    await thread.close();
  }
}
