/** Pages of the usage log against a plain look through all rows, and that a guild's pages hold no row of another. */
import { expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { createRequest } from '../../src/store/requests.ts';
import type { RequestState } from '../../src/store/rows.ts';
import { exportUsage, listUsage, type UsageFilter } from '../../src/store/usage.ts';
import { usageStats } from '../../src/store/usage-stats.ts';
import { onEachDatabase } from './databases.ts';
import { after, hour, newRequest, start } from './fixtures.ts';

const states: readonly RequestState[] = ['delivered', 'failed', 'held'];

/** 60 requests, some at the same moment, by three members, every fourth of another guild. */
async function fill(db: Database) {
  const rows = [];
  for (let at = 0; at < 60; at += 1) {
    const now = after(Math.floor(at / 2) * hour);
    const guildId = at % 4 === 3 ? 'other' : 'guild';
    const command = at % 3 === 0 ? ('animate' as const) : ('restore' as const);
    const requesterId = `m${at % 3}`;
    const { id } = (
      await createRequest(db, newRequest({ id: newRequestId(now.getTime()), now, guildId, command, requesterId }))
    ).request;
    const state = states[at % 5 < 3 ? at % 5 : 0]!;
    const subjectId = at % 6 === 0 ? 'subject' : undefined;
    if (subjectId !== undefined) {
      const texts = { textVersion: '1', textLocale: 'en' };
      const consent = { id: `c${at}`, kind: 'member', scope: 'photo', state: 'given', requesterId, guildId } as const;
      await db.consent.create({ data: { ...consent, ...texts, subjectId } });
    }
    const data = { state, computeSeconds: at, ...(subjectId !== undefined && { consentId: `c${at}` }) };
    await db.request.update({ where: { id }, data });
    const report = at % 7 === 0 ? (at % 2 === 0 ? ('open' as const) : ('dismissed' as const)) : undefined;
    if (report !== undefined) {
      for (const reporterId of ['a', 'b']) {
        await db.report.create({
          data: { id: `${id}${reporterId}`, requestId: id, reporterId, reason: 'x', state: report },
        });
      }
    }
    rows.push({ id, now, guildId, command, requesterId, state, subjectId, report });
  }
  return rows;
}

const filters: readonly UsageFilter[] = [
  {},
  { requesterId: 'm1' },
  { requesterId: 'm1', states: ['failed', 'held'] },
  { states: ['held'] },
  { states: ['held', 'failed'], command: 'animate' },
  { command: 'animate' },
  { from: after(5 * hour), to: after(20 * hour) },
  { subjectId: 'subject' },
  { subjectId: 'subject', states: ['delivered'], reported: 'any' },
  { reported: 'any' },
  { reported: 'open', requesterId: 'm0' },
  { reported: 'open', command: 'restore', from: after(2 * hour), to: after(40 * hour) },
];

onEachDatabase(({ open }) => {
  it('hold what a look through all rows finds, in order, forwards and back, for every way to filter', async () => {
    const { db } = await open();
    const rows = await fill(db);
    for (const filter of filters) {
      const { requesterId, subjectId, command, states: wanted, from, to, reported } = filter;
      const expected = rows
        .filter((row) => row.guildId === 'guild')
        .filter((row) => requesterId === undefined || row.requesterId === requesterId)
        .filter((row) => subjectId === undefined || row.subjectId === subjectId)
        .filter((row) => command === undefined || row.command === command)
        .filter((row) => wanted === undefined || wanted.includes(row.state))
        .filter((row) => from === undefined || row.now >= from)
        .filter((row) => to === undefined || row.now < to)
        .filter((row) => reported === undefined || (reported === 'any' ? row.report : row.report === 'open'))
        .sort((one, other) => other.now.getTime() - one.now.getTime() || (one.id < other.id ? 1 : -1))
        .map(({ id }) => id);
      const pages: string[][] = [];
      for (let mark: string | undefined; ;) {
        const { rows: page, next, previous } = await listUsage(db, 'guild', filter, { limit: 4, after: mark });
        pages.push(page.map(({ id }) => id));
        if (previous !== undefined) {
          const back = await listUsage(db, 'guild', filter, { limit: 4, before: previous });
          expect(back.rows.map(({ id }) => id)).toEqual(pages.at(-2));
        }
        if (next === undefined) break;
        mark = next;
      }
      expect(pages.flat(), JSON.stringify(filter)).toEqual(expected);
      const exported: string[] = [];
      for await (const row of exportUsage(db, 'guild', filter)) exported.push(row.id);
      expect(exported).toEqual(expected);
    }
    const foreign = rows.find((row) => row.guildId === 'other')!;
    expect(await listUsage(db, 'guild', {}, { limit: 4, after: foreign.id })).toEqual({ rows: [] });
  });

  it('add up day by day, those of the guild alone', async () => {
    const { db } = await open();
    const rows = (await fill(db)).filter((row) => row.guildId === 'guild');
    const { days, members } = await usageStats(db, 'guild', { from: start, to: after(30 * hour) });
    const made = days.reduce((sum, { counts }) => sum + (counts.delivered ?? 0), 0);
    expect([days.length, members, made]).toEqual([2, 3, rows.filter(({ state }) => state === 'delivered').length]);
    expect(days.reduce((sum, day) => sum + day.computeSeconds, 0)).toBe(
      Array.from({ length: 60 }, (_, at) => (at % 4 === 3 ? 0 : at)).reduce((sum, at) => sum + at, 0),
    );
  });
});
