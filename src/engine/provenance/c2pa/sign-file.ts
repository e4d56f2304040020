/** Puts a manifest into a finished file, last of all: whatever encodes or remuxes it afterwards takes the manifest away. */
import { LumiereError } from '../../errors.ts';
import { beginPartialFile } from '../../media/partial-file.ts';
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

/** A used file whose own manifest goes into the new one. */
export interface Embedded {
  readonly file: UsedFile;
  readonly path: string;
}

/**
 * Signs the file at `path` and leaves the signed one in its place; resolves to its size in bytes. Formats: MP4, GIF, WebP, JPEG,
 * PNG. Rejects with `output.unwritable`, `output.disk-full`, `job.cancelled`, or with a fault of ours.
 */
export async function signFile(
  path: string,
  thing: MadeThing,
  options: {
    readonly identity: Identity;
    /** Made here and signed, like the clip that a smaller one was made from. */
    readonly embedded?: Embedded;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<number> {
  const { identity, embedded, signal } = options;
  const ingredients = embedded
    ? [
        {
          path: embedded.path,
          mediaType: embedded.file.mediaType,
          ingredient: JSON.stringify(ingredientOf(embedded.file, thing.used.indexOf(embedded.file), thing)),
        },
      ]
    : [];
  const partial = await beginPartialFile(path);
  try {
    await withC2pa(signal, (thread) =>
      thread.call('sign', {
        path,
        target: partial.path,
        mediaType: thing.mediaType,
        definition: manifestFor(thing, embedded ? [embedded.file] : []),
        ingredients,
        signer: identity.signer,
      }),
    );
    return await partial.commit();
  } finally {
    await partial.discard();
  }
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
