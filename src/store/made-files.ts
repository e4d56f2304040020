/**
 * Files that were made for requests, by their hash, by the mark that they carry, and by how their pictures look: how a file is
 * known again after it, and everything that was stored of it, is gone.
 */
import { setImmediate as breath } from 'node:timers/promises';

import { distanceOf, type ParsedHash, parseHash } from '../engine/provenance/perceptual-hash.ts';
import type { Database, Transaction } from './database.ts';
import type { Command, RequestState } from './rows.ts';

export interface NewMadeFile {
  readonly requestId: string;
  readonly sha256: string;
  /** Of some of its pictures, in their order; 16 hexadecimal digits each. */
  readonly perceptualHashes: readonly string[];
  readonly now: Date;
}

/** What the log knows of a file. Who asked for it is for the guild's moderators alone. */
export interface FoundMade {
  readonly requestId: string;
  readonly command: Command;
  readonly guildId: string | null;
  readonly state: RequestState;
  readonly madeAt: Date;
}

/** Writes down a file that was made. The same again changes nothing. */
export async function recordMadeFile(tx: Transaction, file: NewMadeFile): Promise<void> {
  const { requestId, sha256, perceptualHashes, now } = file;
  await tx.madeFile.upsert({
    where: { sha256_requestId: { sha256, requestId } },
    create: { requestId, sha256, perceptualHashes: [...perceptualHashes], madeAt: now },
    update: {},
  });
}

/** Which files of a request were made here themselves, by the hash of their bytes. */
export async function madeHereAmong(db: Database, requestId: string): Promise<('input' | 'driver' | 'speech')[]> {
  const files = await db.mediaReference.findMany({
    where: { requestId, role: { in: ['input', 'driver', 'speech'] } },
    select: { role: true, sha256: true },
  });
  const made = await db.madeFile.findMany({
    where: { sha256: { in: files.map(({ sha256 }) => sha256) } },
    select: { sha256: true },
  });
  const known = new Set(made.map(({ sha256 }) => sha256));
  return files.flatMap(({ role, sha256 }) =>
    known.has(sha256) && (role === 'input' || role === 'driver' || role === 'speech') ? [role] : [],
  );
}

const told = { id: true, command: true, guildId: true, state: true } as const;

/** The first request that this very file was made for. */
export async function findMadeBySha256(db: Database, sha256: string): Promise<FoundMade | undefined> {
  const found = await db.madeFile.findFirst({
    where: { sha256 },
    orderBy: { madeAt: 'asc' },
    include: { request: { select: told } },
  });
  return found === null ? undefined : describe(found.request, found.madeAt);
}

/** The request whose files carry this mark (48 bits as 12 hexadecimal digits). */
export async function findMadeByMark(db: Database, markId: string): Promise<FoundMade | undefined> {
  const found = await db.request.findUnique({
    where: { markId },
    select: { ...told, createdAt: true, finishedAt: true },
  });
  return found === null ? undefined : describe(found, found.finishedAt ?? found.createdAt);
}

export interface Likeness extends FoundMade {
  /** Share of the pictures asked about that the file has as well, 0 to 1. */
  readonly share: number;
  /** Bits of 64 by which those differ, on average. */
  readonly distance: number;
}

/** A page holds the thread up for some milliseconds. */
const pageSize = 100;

/**
 * The file whose pictures are most like those with `hashes`: a picture counts as the same when at most `mostDistance` of its 64
 * bits differ. Undefined where none has at least half of them. Reads every row, a page at a time, and lets others in between: work
 * for a worker.
 */
export async function findMadeByLikeness(
  db: Database,
  hashes: readonly string[],
  mostDistance: number,
): Promise<Likeness | undefined> {
  let best: { sha256: string; requestId: string; madeAt: Date; share: number; distance: number } | undefined;
  let after: { sha256: string; requestId: string } | undefined;
  const asked = hashes.map(parseHash);
  for (;;) {
    const rows = await db.madeFile.findMany({
      orderBy: [{ sha256: 'asc' }, { requestId: 'asc' }],
      take: pageSize,
      ...(after && { cursor: { sha256_requestId: after }, skip: 1 }),
    });
    for (const { sha256, requestId, madeAt, perceptualHashes } of rows) {
      const found = likenessOf(asked, hashesIn(perceptualHashes), mostDistance);
      if (found.share < leastShare) continue;
      if (!best || found.share > best.share || (found.share === best.share && found.distance < best.distance)) {
        best = { sha256, requestId, madeAt, ...found };
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) break;
    after = { sha256: last.sha256, requestId: last.requestId };
    await breath();
  }
  if (!best) return undefined;
  const request = await db.request.findUnique({ where: { id: best.requestId }, select: told });
  return request === null
    ? undefined
    : { ...describe(request, best.madeAt), share: best.share, distance: best.distance };
}

const leastShare = 0.5;

function likenessOf(
  asked: readonly ParsedHash[],
  known: readonly ParsedHash[],
  mostDistance: number,
): { readonly share: number; readonly distance: number } {
  if (asked.length === 0 || known.length === 0) return { share: 0, distance: 64 };
  const nearest = asked.map((hash) => Math.min(...known.map((other) => distanceOf(hash, other))));
  const same = nearest.filter((distance) => distance <= mostDistance);
  if (same.length === 0) return { share: 0, distance: 64 };
  return { share: same.length / asked.length, distance: same.reduce((sum, one) => sum + one, 0) / same.length };
}

function hashesIn(value: unknown): readonly ParsedHash[] {
  return Array.isArray(value) ? value.filter((hash) => typeof hash === 'string').map(parseHash) : [];
}

function describe(
  { id, command, guildId, state }: { id: string; command: Command; guildId: string | null; state: RequestState },
  madeAt: Date,
): FoundMade {
  return { requestId: id, command, guildId, state, madeAt };
}
