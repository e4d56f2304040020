/** Who needs which file of the media store, and until when. A file nobody refers to is removed by the sweep. */
import type { Database, Transaction } from './database.ts';
import type { MediaRole } from './rows.ts';

/** A file as the media store returned it. */
export interface KeptFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
}

/**
 * Refers to a file that was put into the media store. A request has one file of each role: another one takes its place.
 * `expiresAt` null: until it is dropped.
 */
export async function addReference(
  tx: Transaction,
  reference: KeptFile & { readonly requestId: string; readonly role: MediaRole; readonly expiresAt: Date | null },
): Promise<void> {
  const { requestId, role, sha256, mediaType, expiresAt } = reference;
  await tx.mediaObject.upsert({
    where: { sha256 },
    create: { sha256, bytes: BigInt(reference.bytes), mediaType },
    update: { mediaType }, // takes the row's lock, so that a sweep that is about to remove it waits and finds the reference
  });
  await tx.mediaReference.upsert({
    where: { requestId_role: { requestId, role } },
    create: { requestId, role, sha256, expiresAt },
    update: { sha256, expiresAt },
  });
  // The file is here: its address, a secret, is not needed again.
  await tx.mediaSource.deleteMany({ where: { requestId, role } });
}

/** Notes a file that was put and that nobody needs after all, so that it is removed with those nobody refers to any more. */
export async function noteUnused(tx: Database | Transaction, { sha256, bytes, mediaType }: KeptFile): Promise<void> {
  await tx.mediaObject.upsert({ where: { sha256 }, create: { sha256, bytes: BigInt(bytes), mediaType }, update: {} });
}

/** Drops a request's references, of all roles or of those named. */
export async function dropReferences(tx: Transaction, requestId: string, roles?: readonly MediaRole[]): Promise<void> {
  await tx.mediaReference.deleteMany({
    where: { requestId, ...(roles === undefined ? {} : { role: { in: [...roles] } }) },
  });
}
