/**
 * The housekeeping that runs now and then: secrets that expired, results whose time is over, files nobody refers to, and,
 * above the size limit, the oldest results. Never an input or a result that is still needed. Safe to interrupt and to run
 * twice at once.
 */
import { setImmediate } from 'node:timers/promises';

import type { Database, Transaction } from './database.ts';
import { noteUnused } from './media-references.ts';
import { MediaMissing, type MediaStore } from './media-store.ts';
import { activeStates, finalStates } from './request-states.ts';
import { forgetExpiredTokens } from './requests.ts';

export interface SweepOptions {
  readonly now: Date;
  /** Of all files together; absent: no limit. */
  readonly maxBytes?: number | undefined;
  /** How long a file may lie without a reference, because it is put before it is referred to. */
  readonly graceMs?: number;
  /** Encrypted files from before then go even though no key opens them, so that nobody knows whose they are; absent: none. */
  readonly unopenedBefore?: Date;
}

export interface Swept {
  readonly tokens: number;
  readonly expired: number;
  readonly files: number;
  /** Encrypted files that are kept and that no key opens. */
  readonly unopened: number;
  /** Kept after the sweep, by the database's account. */
  readonly bytes: number;
}

const defaultGraceMs = 10 * 60_000;
const leftoverMs = 24 * 60 * 60_000;
const pageSize = 200;

/** Results in these states have reached the requester or wait for /result: they may go when their time is over. */
const expendable = ['delivered', 'kept'] as const;

export async function sweep(db: Database, store: MediaStore, options: SweepOptions): Promise<Swept> {
  const { now } = options;
  const unusedSince = new Date(now.getTime() - (options.graceMs ?? defaultGraceMs));
  const tokens = await forgetExpiredTokens(db, now);
  await dropUseless(db, now);
  const expired = (await expireResults(db, now)) + (await shrink(db, now, options.maxBytes));
  const files = (await removeUnreferenced(db, store, unusedSince)) + (await removeUnknown(db, store, unusedSince));
  const { removed, left: unopened } = await store.clearUnopened(options.unopenedBefore);
  await store.clearLeftovers(new Date(now.getTime() - leftoverMs));
  return { tokens, expired, files: files + removed, unopened, bytes: await bytesKept(db) };
}

/** Bytes of all files that the database knows. */
async function bytesKept(db: Database): Promise<number> {
  const { _sum } = await db.mediaObject.aggregate({ _sum: { bytes: true } });
  return Number(_sum.bytes ?? 0);
}

/**
 * Bytes that may still be put below `maxBytes`, never negative: what is needed counts against it, what the next sweep may
 * remove for want of room does not. For refusing a clip before it is fetched; two that ask at once may both be told yes.
 */
export async function mediaRoom(db: Database, maxBytes: number): Promise<number> {
  const { _sum } = await db.mediaObject.aggregate({
    _sum: { bytes: true },
    where: { references: { some: { request: { state: { notIn: [...expendable, ...finalStates] } } } } },
  });
  return Math.max(0, maxBytes - Number(_sum.bytes ?? 0));
}

/** Inputs and comparisons past their time, and whatever requests that came to nothing still refer to. */
async function dropUseless(db: Database, now: Date): Promise<void> {
  await db.mediaReference.deleteMany({
    where: {
      OR: [
        { role: { not: 'result' }, expiresAt: { lte: now }, request: { state: { notIn: [...activeStates] } } },
        { request: { state: { in: [...finalStates] } } },
      ],
    },
  });
}

async function expireResults(db: Database, now: Date): Promise<number> {
  let expired = 0;
  for (let after = ''; ;) {
    const page = await db.mediaReference.findMany({
      where: {
        role: 'result',
        requestId: { gt: after },
        expiresAt: { lte: now },
        request: { state: { in: [...expendable] } },
      },
      orderBy: { requestId: 'asc' },
      take: pageSize,
    });
    for (const { requestId } of page) {
      if (await dropResult(db, requestId)) expired++;
      await setImmediate(); // SQLite is read and written on this thread: what else waits for it goes between
    }
    if (page.length < pageSize) return expired;
    after = page.at(-1)!.requestId;
  }
}

/** Removes the oldest results until the rest fits; what is still needed may leave it above the limit. */
async function shrink(db: Database, now: Date, maxBytes: number | undefined): Promise<number> {
  if (maxBytes === undefined) return 0;
  let removed = 0;
  let after = '';
  while ((await bytesReferred(db)) > maxBytes) {
    const oldest = await db.mediaReference.findFirst({
      where: { role: 'result', requestId: { gt: after }, request: { state: { in: [...expendable] } } },
      orderBy: { requestId: 'asc' },
    });
    if (oldest === null) return removed;
    after = oldest.requestId;
    if (await dropResult(db, after)) {
      await db.request.update({ where: { id: after }, data: { resultExpiresAt: now } }); // and is not offered any more
      removed++;
    }
    await setImmediate();
  }
  return removed;
}

async function bytesReferred(db: Database): Promise<number> {
  const { _sum } = await db.mediaObject.aggregate({ _sum: { bytes: true }, where: { references: { some: {} } } });
  return Number(_sum.bytes ?? 0);
}

/**
 * Only the files go: the request keeps its state, since its message, if it has one, is still to be seen and can still be taken
 * away. False when the request moved on meanwhile: then its result is needed after all.
 */
async function dropResult(db: Database, requestId: string): Promise<boolean> {
  const { count } = await db.mediaReference.deleteMany({
    where: { requestId, request: { state: { in: [...expendable] } } },
  });
  return count > 0;
}

/**
 * Removes the files that nobody refers to, by the rows. The row goes first: a file without a row is found by `removeUnknown`,
 * a row without a file would be a broken promise.
 *
 * @param notedBefore leaves rows alone that were written since: their files may be too young to go with them.
 */
export async function removeUnreferenced(
  db: Database,
  store: MediaStore,
  unusedSince: Date,
  notedBefore?: Date,
): Promise<number> {
  const young = notedBefore === undefined ? {} : { createdAt: { lte: notedBefore } };
  const where = { references: { none: {} }, ...young };
  const objects = await db.mediaObject.findMany({ where });
  let removed = 0;
  for (const { sha256, bytes, mediaType } of objects) {
    await setImmediate();
    if (store.isHeld(sha256) || !(await forget(db, sha256))) continue;
    if (await store.remove(sha256, unusedSince)) removed++;
    // Put again meanwhile: noted anew, it goes in a later round.
    else if (await isThere(store, sha256)) await noteUnused(db, { sha256, bytes: Number(bytes), mediaType });
  }
  return removed;
}

async function isThere(store: MediaStore, sha256: string): Promise<boolean> {
  try {
    await (await store.open(sha256)).release();
    return true;
  } catch (error) {
    if (error instanceof MediaMissing) return false;
    throw error;
  }
}

/** Deletes the row unless somebody refers to it by now. */
async function forget(db: Database | Transaction, sha256: string): Promise<boolean> {
  try {
    const { count } = await db.mediaObject.deleteMany({ where: { sha256, references: { none: {} } } });
    return count > 0;
  } catch (error) {
    const referred = error instanceof Error && 'code' in error && error.code === 'P2003';
    if (referred) return false;
    throw error;
  }
}

/** Files that were put and never referred to, because whoever put them died or thought better of it. */
async function removeUnknown(db: Database, store: MediaStore, unusedSince: Date): Promise<number> {
  let removed = 0;
  let unused: string[] = [];
  const removeThose = async (): Promise<void> => {
    const known = await db.mediaObject.findMany({ where: { sha256: { in: unused } }, select: { sha256: true } });
    const kept = new Set(known.map(({ sha256 }) => sha256));
    for (const sha256 of unused) {
      if (kept.has(sha256) || store.isHeld(sha256)) continue;
      if (await store.remove(sha256, unusedSince)) removed++;
    }
    unused = [];
  };
  for await (const { sha256, storedAt } of store.files()) {
    if (storedAt > unusedSince) continue;
    unused.push(sha256);
    if (unused.length === pageSize) await removeThose();
  }
  await removeThose();
  return removed;
}
