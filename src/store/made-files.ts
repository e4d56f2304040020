/**
 * Files that were made for requests, by their hash, by the mark that they carry, and by how their pictures look: how a file is
 * known again after it, and everything that was stored of it, is gone.
 */
import { setImmediate as breath } from 'node:timers/promises';

import { distanceOf, isHash, type ParsedHash, parseHash } from '../engine/provenance/perceptual-hash.ts';
import type { Database, Transaction } from './database.ts';
import type { MadeFileFacts, MadeFileMac } from './made-file-mac.ts';
import { madeFilesAfter } from './made-file-pages.ts';
import type { Command, MadeFile, Request } from './rows.ts';

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
  /** The animation that it is, or was made from: its request. */
  readonly animationId: string | undefined;
  readonly command: Command;
  readonly guildId: string | null;
  readonly madeAt: Date;
}

export interface LookedUp<Found = FoundMade> {
  readonly found: Found | undefined;
  /** There is a row that speaks for it and is not believed: it was altered, or not written by this installation. */
  readonly distrusted: boolean;
}

/** Undefined where its key is not at hand: then no row is believed. */
type Mac = MadeFileMac | undefined;

const bound = { command: true, guildId: true, markId: true, madeFromId: true } as const;
const withRequest = { request: { select: bound } } as const;

/** Writes down a file that was made. The same again changes nothing. */
export async function recordMadeFile(tx: Transaction, mac: MadeFileMac, file: NewMadeFile): Promise<void> {
  const { requestId, sha256, now: madeAt } = file;
  const row = { requestId, sha256, perceptualHashes: [...file.perceptualHashes], madeAt };
  const request = await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: bound });
  await tx.madeFile.upsert({
    where: { sha256_requestId: { sha256, requestId } },
    create: { ...row, mac: mac.of({ ...row, request }) },
    update: {},
  });
}

const givenRoles = ['input', 'driver', 'speech'] as const;

export interface MadeHere {
  readonly roles: (typeof givenRoles)[number][];
  /** The animation that the clip or photograph is, or was made from: its request. */
  readonly animationId: string | undefined;
  readonly distrusted: boolean;
}

/** Which files of a request were made here themselves, by the hash of their bytes. */
export async function madeHereAmong(db: Database, mac: MadeFileMac, requestId: string): Promise<MadeHere> {
  const files = await db.mediaReference.findMany({
    where: { requestId, role: { in: [...givenRoles] } },
    select: { role: true, sha256: true },
  });
  const rows = await db.madeFile.findMany({
    where: { sha256: { in: files.map(({ sha256 }) => sha256) } },
    include: withRequest,
  });
  const { believed, distrusted } = sifted(rows, mac);
  const known = new Set(believed.map(({ sha256 }) => sha256));
  const input = files.find(({ role }) => role === 'input');
  const made = oldestFirst(believed.filter(({ sha256 }) => sha256 === input?.sha256));
  return {
    animationId: made.map(animationOf).find((id) => id !== undefined),
    roles: givenRoles.filter((role) => files.some((file) => file.role === role && known.has(file.sha256))),
    distrusted,
  };
}

/**
 * The animations that this very file is, or was made from, by their requests' ids; rows that are not believed count as well: where
 * the key is not at hand, for refusing alone.
 */
export async function animationsOfFile(db: Database, sha256: string): Promise<string[]> {
  const rows = await db.madeFile.findMany({ where: { sha256 }, include: withRequest });
  return [...new Set(rows.map(animationOf).filter((id) => id !== undefined))];
}

/** The first request that this very file was made for. */
export async function findMadeBySha256(db: Database, mac: Mac, sha256: string): Promise<LookedUp> {
  return firstOf(await db.madeFile.findMany({ where: { sha256 }, include: withRequest }), mac);
}

/** The request whose files carry this mark (48 bits as 12 hexadecimal digits). */
export async function findMadeByMark(db: Database, mac: Mac, markId: string): Promise<LookedUp> {
  return firstOf(await db.madeFile.findMany({ where: { request: { markId } }, include: withRequest }), mac);
}

function firstOf(rows: readonly WithOrigin[], mac: Mac): LookedUp {
  const { believed, distrusted } = sifted(rows, mac);
  const [first] = oldestFirst(believed);
  return { found: first && describe(first), distrusted };
}

function oldestFirst<Row extends MadeFile>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => a.madeAt.getTime() - b.madeAt.getTime());
}

type WithOrigin = MadeFile & MadeFileFacts & { readonly request: Pick<Request, 'madeFromId'> };

function animationOf({ requestId, request: { command, madeFromId } }: WithOrigin): string | undefined {
  return command === 'animate' ? requestId : (madeFromId ?? undefined);
}

function sifted<Row extends MadeFile & MadeFileFacts>(
  rows: readonly Row[],
  mac: Mac,
): { readonly believed: readonly Row[]; readonly distrusted: boolean } {
  const believed = rows.filter((row) => isBelieved(row, mac));
  return { believed, distrusted: believed.length < rows.length };
}

const isBelieved = (row: MadeFile & MadeFileFacts, mac: Mac): boolean => mac?.fits(row) ?? false;

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
  mac: Mac,
  hashes: readonly string[],
  mostDistance: number,
): Promise<LookedUp<Likeness>> {
  let best: Likeness | undefined;
  let distrusted = false;
  let last: MadeFile | undefined;
  const asked = hashes.map(parseHash);
  for (;;) {
    const rows = await db.madeFile.findMany({ ...madeFilesAfter(last), take: pageSize });
    for (const { sha256, requestId, perceptualHashes } of rows) {
      const like = likenessOf(asked, hashesIn(perceptualHashes), mostDistance);
      if (like.share < leastShare) continue;
      const where = { sha256_requestId: { sha256, requestId } };
      const row = await db.madeFile.findUnique({ where, include: withRequest });
      if (!row) continue;
      if (!isBelieved(row, mac)) distrusted = true;
      else if (!best || like.share > best.share || (like.share === best.share && like.distance < best.distance)) {
        best = { ...describe(row), ...like };
      }
    }
    last = rows.at(-1);
    if (rows.length < pageSize) break;
    await breath();
  }
  return { found: best, distrusted };
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

/** Of a row that nobody has borne out yet: what is no hash is passed over. */
function hashesIn(value: unknown): readonly ParsedHash[] {
  return Array.isArray(value) ? value.filter(isHash).map(parseHash) : [];
}

function describe(row: WithOrigin): FoundMade {
  const { requestId, madeAt, request } = row;
  const { command, guildId } = request;
  return { requestId, animationId: animationOf(row), command, guildId, madeAt };
}
