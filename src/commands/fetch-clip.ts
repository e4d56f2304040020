/** Fetches the clip of a request: once when it is asked for, again by the next process when this one ended meanwhile. */
import type { BotServices } from '../discord/command.ts';
import { takeIn } from '../discord/intake.ts';
import { inTransaction } from '../store/database.ts';
import { addReference } from '../store/media-references.ts';
import type { ClipSource } from './message-clips.ts';

export type FetchServices = Pick<BotServices, 'db' | 'media' | 'queue' | 'downloads'>;

/**
 * Puts the clip into the store and refers to it, so that it stays whatever happens next. A request that its member stops
 * is not fetched to the end. Rejects as `takeIn` does, and with the signal's reason.
 */
export async function fetchClip(
  requestId: string,
  { url, bytes: expectedBytes, contentType }: Pick<ClipSource, 'url' | 'bytes' | 'contentType'>,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal | undefined },
  { db, media, queue, downloads }: FetchServices,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const mediaType = contentType ?? 'application/octet-stream';
  const ended = new AbortController();
  const leave = queue.onEnded((id) => {
    if (id === requestId) ended.abort();
  });
  try {
    const stop = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    const wanted = { url, maxBytes, mediaType, signal: stop, ...(expectedBytes !== undefined && { expectedBytes }) };
    const fetched = await takeIn(media, wanted, downloads);
    const reference = { requestId, role: 'input', ...fetched, mediaType, expiresAt: null } as const;
    await inTransaction(db, (tx) => addReference(tx, reference));
    return fetched;
  } finally {
    leave();
  }
}
