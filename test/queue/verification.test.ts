/** Marks looked up in a log: by bytes, by mark and by likeness, and what is told of the request they lead to. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Marks } from '../../src/engine/provenance/read-marks.ts';
import { verifyMarks } from '../../src/queue/verification.ts';
import { type OpenDatabase, openDatabase } from '../../src/store/database.ts';
import { findMadeByLikeness } from '../../src/store/made-files.ts';
import { scratchFolder } from '../clips.ts';
import { after, finished, finishedRequest, newSha256 } from '../store/fixtures.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let open: OpenDatabase;
/** Of the file that was made, its pictures, and the request. */
const sha256 = newSha256();
const pictures = ['0123456789abcdef', 'fedcba9876543210'];
let made: Awaited<ReturnType<typeof finishedRequest>>;

beforeAll(async () => {
  scratch = await scratchFolder();
  open = await openDatabase({ url: `file:${join(scratch.path, 'log.db')}` });
  const { db } = open;
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

const marks = (fields: Partial<Marks>): Marks => ({ sha256: newSha256(), mediaType: 'video/mp4', ...fields });

it('finds the very file, and says what it was made from', async () => {
  expect(await verifyMarks(marks({ sha256 }), open.db)).toMatchObject({
    madeHere: true,
    certainty: 'certain',
    input: [{ madeHere: false, others: { generator: 'Somebody' } }],
    request: { id: made.id, guildId: 'guild' },
    logRead: true,
  });
});

it('finds the request of a watermark', async () => {
  const watermark = { payload: made.markId!, sync: 9, correlation: 12, falsePositive: 1e-12 };
  expect(await verifyMarks(marks({ watermark }), open.db)).toMatchObject({
    madeHere: true,
    certainty: 'very-likely',
    request: { id: made.id },
  });
});

it('of what only looks alike nothing is told but that', async () => {
  // One bit is another.
  const answer = await verifyMarks(marks({ perceptualHashes: ['0123456789abcdee'] }), open.db);
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
  expect(await findMadeByLikeness(open.db, [...pictures, far[0]!], 8)).toMatchObject({
    requestId: made.id,
    share: 2 / 3,
    distance: 0,
  });
  expect(await findMadeByLikeness(open.db, [pictures[0]!, ...far], 3)).toBeUndefined();
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
