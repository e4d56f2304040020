/** What the manifest in a file says, and whether it holds: read by c2pa-rs, in a thread, without reaching the network. */
import { createReadStream } from 'node:fs';

import { LumiereError } from '../../errors.ts';
import type { Identity } from '../identity.ts';
import { type ManifestReading, untold } from './manifest-reading.ts';
import { withC2pa } from './sign-file.ts';

export type { ManifestReading } from './manifest-reading.ts';

/** A manifest that takes longer is somebody's trap. */
const patienceMs = 30_000;

/** Types that c2pa-rs reads; others carry no manifest that anybody could find. */
const readable = new Set([
  ...['video/mp4', 'video/quicktime', 'image/gif', 'image/webp', 'image/jpeg', 'image/png'],
  ...[
    'image/avif',
    'image/heic',
    'image/heif',
    'image/tiff',
    'audio/mp4',
    'audio/mpeg',
    'audio/wav',
    'video/x-msvideo',
  ],
]);

/**
 * Undefined where the file carries none. A manifest that cannot be read, or only in more than half a minute, is `untold`. Rejects
 * with `job.cancelled`, as reading the file does, and where the reader cannot be started, which is a fault of ours. Any file may
 * be given: what its manifest does to the reader ends with its thread.
 */
export async function readManifest(
  path: string,
  mediaType: string,
  options: { readonly identity: Pick<Identity, 'known'>; readonly signal?: AbortSignal | undefined },
): Promise<ManifestReading | undefined> {
  const { identity, signal } = options;
  if (!readable.has(mediaType) || !(await holdsOne(path, signal))) return undefined;
  const limit = AbortSignal.timeout(patienceMs);
  try {
    return await withC2pa(signal ? AbortSignal.any([signal, limit]) : limit, (thread) =>
      thread.call('read', { path, mediaType, known: identity.known }),
    );
  } catch (error) {
    if (signal?.aborted) throw new LumiereError('job.cancelled', {}, { cause: error });
    if (limit.aborted) return untold;
    throw error;
  }
}

/** How every manifest store begins, in plain bytes whatever the format: its description box and the type that says `c2pa`. */
const storeBegin = Buffer.concat([Buffer.from('jumd'), Buffer.from('6332706100110010800000aa00389b71', 'hex')]);

/** Most files are spared a thread by it. */
async function holdsOne(path: string, signal: AbortSignal | undefined): Promise<boolean> {
  let end = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, ...(signal && { signal }) })) {
      const bytes = Buffer.concat([end, piece as Buffer]);
      if (bytes.includes(storeBegin)) return true;
      end = bytes.subarray(1 - storeBegin.length);
    }
    return false;
  } catch (error) {
    throw signal?.aborted === true ? new LumiereError('job.cancelled', {}, { cause: error }) : error;
  }
}
