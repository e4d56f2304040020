/** Fetches a file of a request: once when it is asked for, again by the next process when this one ended meanwhile. */
import type { BotServices } from '../discord/command.ts';
import { takeIn } from '../discord/intake.ts';
import type { GivenRole } from '../queue/request-files.ts';
import { inTransaction } from '../store/database.ts';
import { addReference } from '../store/media-references.ts';
import type { FileSource } from './message-files.ts';

export type FetchServices = Pick<BotServices, 'db' | 'media' | 'queue' | 'downloads'>;

/** A file in the media store. */
export interface FetchedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Puts the file into the store and refers to it, so that it stays whatever happens next. A request that its member stops
 * is not fetched to the end. Rejects as `takeIn` does, and with the signal's reason.
 */
export async function fetchFile(
  { requestId, role }: { readonly requestId: string; readonly role: GivenRole },
  { url, bytes: expectedBytes, contentType }: Pick<FileSource, 'url' | 'bytes' | 'contentType'>,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal | undefined },
  { db, media, queue, downloads }: FetchServices,
): Promise<FetchedFile> {
  const mediaType = contentType ?? 'application/octet-stream';
  const ended = new AbortController();
  const leave = queue.onEnded((id) => {
    if (id === requestId) ended.abort();
  });
  try {
    const stop = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    const wanted = { url, maxBytes, mediaType, signal: stop, ...(expectedBytes !== undefined && { expectedBytes }) };
    const fetched = await takeIn(media, wanted, downloads);
    const reference = { requestId, role, ...fetched, mediaType, expiresAt: null };
    await inTransaction(db, (tx) => addReference(tx, reference));
    return fetched;
  } finally {
    leave();
  }
}
