/** What a guild is told: every row once, in whatever order the clocks and transactions of several processes left them. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { type OpenDatabase, openDatabase } from '../../src/store/database.ts';
import { feedEnd, type FeedItem, type FeedPlace, readFeed } from '../../src/store/log-feed.ts';
import { createRequest } from '../../src/store/requests.ts';
import { scratchFolder } from '../clips.ts';
import { newRequest, start } from './fixtures.ts';

const now = start.getTime();
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let opened: OpenDatabase;
let requestId: string;
let from: FeedPlace;

beforeAll(async () => {
  scratch = await scratchFolder();
  opened = await openDatabase({ url: `file:${join(scratch.path, 'lumiere.db')}` });
  requestId = (await createRequest(opened.db, newRequest({ now: start }))).request.id;
});
beforeEach(async () => {
  from = await feedEnd(opened.db);
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

/** The codes told at that time, with rows younger than a second left for later; the next reading goes on after them. */
async function told(at: number, to?: FeedPlace): Promise<(string | null)[]> {
  const until = new Date(now + at - 1000);
  const wish = { guildId: 'guild', from, to, until, most: 5, isTold: () => true };
  const reading = await readFeed(opened.db, wish, new Map());
  from = reading.to;
  return reading.items.map((item: FeedItem) => (item.kind === 'event' ? item.row.code : item.kind));
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
  expect(await told(12_000)).toEqual(['after one that was rolled back']);
});

it('what was being told is read again as it was, whatever the clock says', async () => {
  await event('told', 0);
  await event('after it', 0);
  const to = { ...from, event: from.event + 1 };
  expect(await told(-60_000, to)).toEqual(['told']);
});
