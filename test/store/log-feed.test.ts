/** What a guild is told: every row once, in whatever order the clocks and transactions of several processes left them. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { type OpenDatabase, openDatabase } from '../../src/store/database.ts';
import { feedEnd, type FeedPlace } from '../../src/store/feed-place.ts';
import { type FeedGaps, type FeedItem, readFeed } from '../../src/store/log-feed.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { createRequest } from '../../src/store/requests.ts';
import { scratchFolder } from '../clips.ts';
import { newRequest, start } from './fixtures.ts';

const now = start.getTime();
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let opened: OpenDatabase;
let requestId: string;
let from: FeedPlace;
/** As the process that reads knows them. */
let gaps: FeedGaps;

beforeAll(async () => {
  scratch = await scratchFolder();
  opened = await openDatabase({ url: `file:${join(scratch.path, 'lumiere.db')}` });
  requestId = (await createRequest(opened.db, newRequest({ now: start }))).request.id;
});
beforeEach(async () => {
  from = await feedEnd(opened.db);
  gaps = new Map();
});
afterAll(async () => {
  await opened.close();
  await scratch.remove();
});

/** An event as its writer's clock dates it, in milliseconds from now. */
async function event(code: string, at: number, id?: number): Promise<void> {
  const row = { requestId, to: 'failed', actor: 'bot', code, at: new Date(now + at) } as const;
  await opened.db.requestEvent.create({ data: { ...row, ...(id !== undefined && { id }) } });
}

/** A report of that moment, in milliseconds from now: its writer took the moment and the id, then waited for its turn. */
async function report(reason: string, at: number): Promise<string> {
  const row = { id: newRequestId(now + at), requestId, reporterId: reason, reason, createdAt: new Date(now + at) };
  return (await opened.db.report.create({ data: row })).id;
}

/** The codes told at that time, with rows younger than a second left for later; the next reading goes on after them. */
async function told(at: number, to?: FeedPlace): Promise<(string | null)[]> {
  const until = new Date(now + at - 1000);
  const wish = { guildId: 'guild', from, to, until, gaps, most: 5, isTold: () => true };
  const reading = await readFeed(opened.db, wish, new Map());
  from = reading.to;
  return reading.items.map((item: FeedItem) => {
    return item.kind === 'event' ? item.row.code : item.kind === 'report' ? item.row.reason : item.kind;
  });
}

it('a row that is too young keeps those after it back, and none is passed over', async () => {
  await event('young', 0);
  await event('of a clock that is behind', -2000);
  expect(await told(0)).toEqual([]);
  expect(await told(2000)).toEqual(['of a clock that is behind', 'young']);
  await event('of a clock that is ahead', 5000);
  expect(await told(2000)).toEqual([]);
  expect(await told(6000)).toEqual(['of a clock that is ahead']);
});

it('a clock that is wrong by days keeps nothing back', async () => {
  await event('of another day', 86_400_000);
  await event('after it', 0);
  expect(await told(2000)).toEqual(['after it', 'of another day']);
});

it('a number that is left out is waited for, and given up', async () => {
  await event('later', 0, from.event + 2);
  expect(await told(3000)).toEqual([]);
  await event('written before, and committed after', 0, from.event + 1);
  expect(await told(3000)).toEqual(['written before, and committed after', 'later']);
  await event('after one that was rolled back', 0, from.event + 2);
  expect(await told(3000)).toEqual([]);
  expect(await told(32_000)).toEqual([]);
  expect(await told(33_000)).toEqual(['after one that was rolled back']);
});

it('a number that is left out is waited for since it was seen, however long ago its row was begun', async () => {
  const first = from.event + 1;
  await event('later', 0, first + 1);
  await event('later still', 0, first + 3);
  expect(await told(60_000)).toEqual([]);
  expect(await told(89_000)).toEqual([]);
  await event('waited a minute for its turn', 0, first);
  expect(await told(89_000)).toEqual(['waited a minute for its turn', 'later']);
  // What is left out after it was seen at the same time.
  expect(await told(90_000)).toEqual(['later still']);
  // Whoever begins does not wait for what nobody can be writing any more.
  await event('of an hour ago', 0, first + 9);
  expect(await told(3_600_000)).toEqual(['of an hour ago']);
});

it('a report that is seen after a later one is told, and each once', async () => {
  await report('later', 500);
  expect(await told(1000)).toEqual([]);
  expect(await told(2000)).toEqual(['later']);
  await report('waited five minutes for its turn', 0);
  const before = from;
  expect(await told(300_000)).toEqual(['waited five minutes for its turn']);
  const to = from;
  expect(await told(301_000)).toEqual([]);
  // What was being told is read again as it was, and nothing beside it.
  await report('of the same time', 100);
  from = before;
  expect(await told(301_000, to)).toEqual(['waited five minutes for its turn']);
  from = to;
  expect(await told(301_000)).toEqual(['of the same time']);
  // After ten minutes none is looked for any more, and none remembered.
  expect(await told(603_000)).toEqual([]);
  expect(from).toEqual(await feedEnd(opened.db));
});

it('more reports than a message has lines for come in several, and none is left out', async () => {
  const reasons = Array.from({ length: 12 }, (_, at) => `report ${at}`);
  for (const [at, reason] of reasons.entries()) await report(reason, 1000 + at);
  const all = [await told(3000), await told(3000), await told(3000), await told(3000)];
  expect(all.map(({ length }) => length)).toEqual([5, 5, 2, 0]);
  expect(all.flat()).toEqual(reasons);
  // Long after, as a channel is told that was shut.
  from = { ...from, report: '', reports: [] };
  const late = [await told(900_000), await told(900_000), await told(900_000), await told(900_000)].flat();
  expect(late.filter((reason) => reason?.startsWith('report '))).toEqual(reasons);
});

it('what was being told is read again as it was, whatever the clock says', async () => {
  await event('told', 0);
  await event('after it', 0);
  const to = { ...from, event: from.event + 1 };
  expect(await told(-60_000, to)).toEqual(['told']);
});
