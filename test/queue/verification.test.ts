/** Marks looked up in a log: by bytes, by mark and by likeness, and what is told of the request they lead to. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { mirroredHash } from '../../src/engine/provenance/perceptual-hash.ts';
import type { Marks } from '../../src/engine/provenance/read-marks.ts';
import { type ReadableLog, verifyMarks } from '../../src/queue/verification.ts';
import { type Database, inTransaction, type OpenDatabase, openDatabase } from '../../src/store/database.ts';
import { openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { findMadeByLikeness, madeHereAmong, recordMadeFile } from '../../src/store/made-files.ts';
import { addReference } from '../../src/store/media-references.ts';
import type { MadeFile, Request } from '../../src/store/rows.ts';
import { scratchFolder } from '../clips.ts';
import { after, finished, finishedRequest, madeFileMac, newSha256 } from '../store/fixtures.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let open: OpenDatabase;
let log: ReadableLog;
/** Of the file that was made, its pictures, and the request. */
const sha256 = newSha256();
const pictures = ['0123456789abcdef', 'fedcba9876543210'];
let made: Awaited<ReturnType<typeof finishedRequest>>;

beforeAll(async () => {
  scratch = await scratchFolder();
  open = await openDatabase({ url: `file:${join(scratch.path, 'log.db')}` });
  const { db } = open;
  log = { db, mac: madeFileMac };
  const file = { sha256, bytes: 1000, mediaType: 'video/mp4' };
  made = await finishedRequest(db, finished({ file, perceptualHashes: pictures }));
  const theirs = { isOurs: false, state: 'valid', generator: 'Somebody', sourceTypes: [] };
  const files = [{ role: 'input', madeHere: false, manifest: theirs }];
  await db.request.update({ where: { id: made.id }, data: { inputMarks: { version: 1, files } } });
  // More than a page of others, before and after it by their hashes.
  const others = Array.from({ length: 250 }, (_, at) => {
    const hash = (BigInt(at + 1) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    const perceptualHashes = [hash.toString(16).padStart(16, '0')];
    return { requestId: made.id, sha256: newSha256(), perceptualHashes, madeAt: after(1) };
  });
  await db.madeFile.createMany({ data: others });
});
afterAll(async () => {
  await open.close();
  await scratch.remove();
});

const reading = () => ({ payload: made.markId!, sync: 9, correlation: 12, falsePositive: 1e-12 });
const marks = (fields: Partial<Marks>): Marks => ({ sha256: newSha256(), mediaType: 'video/mp4', ...fields });

it('finds the very file, and says what it was made from', async () => {
  expect(await verifyMarks(marks({ sha256 }), log)).toMatchObject({
    madeHere: true,
    certainty: 'certain',
    input: [{ madeHere: false, others: { generator: 'Somebody' } }],
    request: { id: made.id, guildId: 'guild' },
    logRead: true,
  });
});

it('finds the request of a watermark', async () => {
  // Five bits are others; of one of many pictures, and mirrored.
  for (const hash of ['0123456789abcdff', mirroredHash('0123456789abcdff')]) {
    const watermark = { ...reading(), originalHashes: ['00ff00ff00ff00ff', hash] };
    expect(await verifyMarks(marks({ watermark }), log)).toMatchObject({
      madeHere: true,
      certainty: 'very-likely',
      kind: 'restoration',
      evidence: [{ kind: 'watermark', pictures: 'alike' }],
      request: { id: made.id },
    });
  }
});

it('a mark that was carried over to other pictures leads to no request', async () => {
  const watermark = { ...reading(), originalHashes: ['0f0f0f0ff0f0f0f0', '00ff00ff00ff00ff'] };
  const answer = await verifyMarks(marks({ watermark }), log);
  expect(answer).toMatchObject({
    madeHere: null,
    certainty: 'possible',
    evidence: [{ kind: 'watermark', payload: made.markId, falsePositive: 1e-12, pictures: 'different' }],
    input: [],
  });
  expect([answer.kind, answer.madeAt, answer.altered, answer.request]).toEqual(Array(4).fill(undefined));
});

it('nor does one of which it is not known how it looked, though marked pictures were used', async () => {
  const { db } = open;
  const flat = await finishedRequest(
    db,
    finished({ file: { sha256: newSha256(), bytes: 9, mediaType: 'video/mp4' }, perceptualHashes: [] }),
  );
  const watermark = { ...reading(), payload: flat.markId!, originalHashes: pictures };
  for (const [found, where] of [
    [watermark, log],
    [{ ...reading(), originalHashes: [] }, log],
    [{ ...watermark, payload: made.markId! }, undefined],
  ] as const) {
    const answer = await verifyMarks(marks({ watermark: found }), where);
    expect(answer).toMatchObject({ madeHere: true, certainty: 'very-likely', altered: true });
    expect([answer.evidence[0], answer.kind, answer.madeAt, answer.request]).toEqual([
      { kind: 'watermark', payload: found.payload, falsePositive: 1e-12 },
      ...[undefined, undefined, undefined],
    ]);
  }
});

it('of what only looks alike nothing is told but that', async () => {
  // One bit is another.
  const answer = await verifyMarks(marks({ perceptualHashes: ['0123456789abcdee'] }), log);
  expect(answer).toEqual({
    version: 1,
    madeHere: null,
    certainty: 'possible',
    evidence: [{ kind: 'likeness', share: 1, distance: 1 }],
    input: [],
    logRead: true,
  });
});

it('finds the nearest among many, and nothing where fewer than half of the pictures are known', async () => {
  const far = ['00000000ffffffff', '0f0f0f0ff0f0f0f0'];
  expect(await findMadeByLikeness(open.db, madeFileMac, [...pictures, far[0]!], 8)).toMatchObject({
    found: { requestId: made.id, share: 2 / 3, distance: 0 },
    distrusted: false,
  });
  const { found } = await findMadeByLikeness(open.db, madeFileMac, [pictures[0]!, ...far], 3);
  expect(found).toBeUndefined();
});

it('without a log the file speaks alone', async () => {
  expect(await verifyMarks(marks({ unread: ['watermark'] }), undefined)).toEqual({
    version: 1,
    madeHere: null,
    certainty: 'none',
    evidence: [],
    unread: ['watermark'],
    input: [],
    logRead: false,
  });
});

describe('a row that the key does not bear out', () => {
  const mark = (): Partial<Marks> => ({
    sha256,
    watermark: { ...reading(), originalHashes: pictures },
    perceptualHashes: pictures,
  });
  const where = () => ({ sha256_requestId: { sha256, requestId: made.id } });
  const setMac = (db: Database, mac: string): Promise<unknown> => db.madeFile.update({ where: where(), data: { mac } });
  let row: MadeFile;
  let other: Request;
  beforeAll(async () => {
    row = await open.db.madeFile.findUniqueOrThrow({ where: where() });
    other = await finishedRequest(open.db);
  });
  afterEach(async () => {
    const { command, guildId, markId } = made;
    await open.db.request.update({ where: { id: made.id }, data: { command, guildId, markId } });
    await open.db.madeFile.deleteMany({ where: { sha256 } });
    await open.db.madeFile.create({ data: { ...row, perceptualHashes: pictures } });
  });

  it.each<[string, (db: Database) => Promise<unknown>]>([
    ['no code', (db) => db.madeFile.update({ where: where(), data: { mac: null } })],
    ['half a code', (db) => setMac(db, row.mac!.slice(0, 49))],
    ['a code that names another key', (db) => setMac(db, row.mac!.replace(madeFileMac.keyId, '0'.repeat(16)))],
    ['another time', (db) => db.madeFile.update({ where: where(), data: { madeAt: after(-1000) } })],
    ['another request', (db) => db.madeFile.update({ where: where(), data: { requestId: other.id } })],
    ['a picture more', (db) => db.madeFile.update({ where: where(), data: { perceptualHashes: [...pictures, 'aa'] } })],
    ['another command', (db) => db.request.update({ where: { id: made.id }, data: { command: 'animate' } })],
    ['another guild', (db) => db.request.update({ where: { id: made.id }, data: { guildId: 'theirs' } })],
    ['another mark', (db) => db.request.update({ where: { id: made.id }, data: { markId: '0123456789ab' } })],
  ])('is believed in nothing: %s', async (_, alter) => {
    expect(await verifyMarks(marks({ ...mark() }), log)).toMatchObject({
      certainty: 'certain',
      request: { id: made.id },
    });
    await alter(open.db);
    // The watermark itself is under the key; from which request it is, nobody can be believed.
    const answer = await verifyMarks(marks(mark()), log);
    expect(answer).toMatchObject({ madeHere: true, certainty: 'very-likely', distrusted: true });
    expect(answer.evidence).toEqual([expect.objectContaining({ kind: 'watermark' })]);
    expect([answer.request, answer.madeAt, answer.kind]).toEqual([undefined, undefined, undefined]);
  });

  it('is believed with a code of the version before codes named their key', async () => {
    await setMac(open.db, row.mac!.replace(`${madeFileMac.keyId}:`, ''));
    const answer = await verifyMarks(marks({ sha256 }), log);
    expect([answer.request, answer.distrusted]).toEqual([expect.objectContaining({ id: made.id }), undefined]);
  });

  it('makes nothing of a file that somebody added', async () => {
    const forged = newSha256();
    const { mac } = row;
    await open.db.madeFile.create({ data: { ...row, sha256: forged, perceptualHashes: ['00ff00ff00ff00ff'], mac } });
    for (const found of [{ sha256: forged }, { perceptualHashes: ['00ff00ff00ff00ff'] }]) {
      const answer = await verifyMarks(marks(found), log);
      expect(answer).toMatchObject({ madeHere: false, certainty: 'none', evidence: [], distrusted: true });
    }
    const { id: requestId } = other;
    const input = { sha256: forged, bytes: 5, mediaType: 'video/mp4' };
    await inTransaction(open.db, (tx) => addReference(tx, { requestId, role: 'input', ...input, expiresAt: null }));
    expect(await madeHereAmong(open.db, madeFileMac, requestId)).toEqual({ roles: [], distrusted: true });
    const now = after(0);
    await open.db.madeFile.deleteMany({ where: { sha256: forged } });
    await inTransaction(open.db, (tx) =>
      recordMadeFile(tx, madeFileMac, { requestId: made.id, sha256: forged, perceptualHashes: [], now }),
    );
    expect(await madeHereAmong(open.db, madeFileMac, requestId)).toEqual({ roles: ['input'], distrusted: false });
  });

  it('nor does the key of another installation, or none, bear anything out', async () => {
    for (const mac of [openMadeFileMac(new Uint8Array(32).fill(1)), undefined]) {
      const answer = await verifyMarks(marks({ sha256 }), { db: open.db, mac });
      expect(answer).toMatchObject({ madeHere: false, evidence: [], distrusted: true });
    }
  });
});
