/** What members, guilds, moderators and the installation leave in the store. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';

import { blockUser, findUserBlock, liftUserBlock } from '../../src/store/blocks.ts';
import { changeGuildSettings, guildSettings, noteGuildLeft } from '../../src/store/guild-settings.ts';
import { readInstallationValue, writeInstallationValue } from '../../src/store/installation-values.ts';
import { answerQuestion, claimAnswer, requestsTakenIn } from '../../src/store/member-requests.ts';
import { addReport } from '../../src/store/reports.ts';
import { IllegalTransition } from '../../src/store/request-states.ts';
import { changeState, createRequest, type NewRequest } from '../../src/store/requests.ts';
import type { RequestState } from '../../src/store/rows.ts';
import { seeUser } from '../../src/store/users.ts';
import { onEachDatabase } from './databases.ts';
import { after, newRequest, start } from './fixtures.ts';

onEachDatabase(({ open }) => {
  it('takes the last answer with the request that goes on by it, and no other', async () => {
    const { db } = await open();
    const { request } = await createRequest(db, newRequest({ command: 'animate' }));
    await changeState(db, request.id, 'asking', { actor: 'bot', now: after(1) });
    await answerQuestion(db, request.id, { subject: 'self' });
    const claim = (face: number) => {
      const reply = { token: `of ${face}`, tokenExpiresAt: after(1000 * face), uploadLimit: face };
      const first = { isPrivate: true, messageId: `answers ${face}` };
      return claimAnswer(
        db,
        request.id,
        { parameters: { face }, reply: { ...reply, ...first } },
        { actor: 'member:1', now: after(2) },
      );
    };
    expect(await claim(1)).toMatchObject({ state: 'received', parameters: { face: 1 } });
    await expect(claim(2)).rejects.toBeInstanceOf(IllegalTransition);
    await answerQuestion(db, request.id, { face: 3 });
    const stored = await db.request.findUniqueOrThrow({ where: { id: request.id }, include: { reply: true } });
    expect(stored).toMatchObject({ parameters: { face: 1 }, reply: { token: 'of 1', questionId: null } });
    expect(stored.reply).toMatchObject({ isPrivate: true, messageId: 'answers 1' });
  });

  it('finds again what is being taken in, and what is asked while that can be shown', async () => {
    const { db } = await open();
    const { request } = await createRequest(db, newRequest({ command: 'animate' }));
    const found = async (ms: number) => (await requestsTakenIn(db, after(ms))).map(({ id }) => id);
    const tokenExpiresAt = after(1000);
    await db.reply.update({ where: { requestId: request.id }, data: { questionId: 'thinking', tokenExpiresAt } });
    expect(await found(2000)).toEqual([request.id]);
    await changeState(db, request.id, 'asking', { actor: 'bot', now: after(1) });
    expect([await found(999), await found(1000)]).toEqual([[request.id], []]);
    await db.reply.update({ where: { requestId: request.id }, data: { token: null } });
    expect(await found(1)).toEqual([]);
  });

  it('keeps what a guild sets, and who set it', async () => {
    const { db } = await open();
    expect(await guildSettings(db, 'g')).toBeUndefined();
    const by = { moderatorId: 'mod', now: after(5) };
    await changeGuildSettings(db, 'g', { userJobsPerDay: 3, restoreRoles: ['1', '2'] }, by);
    await changeGuildSettings(db, 'g', { userJobsPerDay: null, reportHolds: true }, { ...by, now: after(6) });
    expect(await guildSettings(db, 'g')).toMatchObject({
      userJobsPerDay: null,
      restoreRoles: ['1', '2'],
      reportHolds: true,
      updatedBy: 'mod',
      updatedAt: after(6),
    });
    expect(await db.moderatorAction.findMany({ where: { guildId: 'g' }, orderBy: { id: 'desc' } })).toMatchObject([
      { kind: 'changeSettings', moderatorId: 'mod', at: after(6), detail: { userJobsPerDay: null, reportHolds: true } },
      { kind: 'changeSettings', detail: { userJobsPerDay: 3, restoreRoles: ['1', '2'] } },
    ]);
    await noteGuildLeft(db, 'g', after(9));
    expect(await guildSettings(db, 'g')).toMatchObject({ leftAt: after(9), reportHolds: true });
    await noteGuildLeft(db, 'g', null);
    expect(await guildSettings(db, 'g')).toMatchObject({ leftAt: null });
  });

  it('blocks a member in a guild or everywhere, until it is lifted, and writes both down', async () => {
    const { db } = await open();
    const by = (ms: number) => ({ moderatorId: 'mod', reason: 'spam', now: after(ms) });
    const here = { userId: 'm', guildId: 'g' };
    const { block } = await blockUser(db, here, by(1));
    expect(await blockUser(db, here, { ...by(2), reason: 'rude' })).toEqual({ block, stopped: [] });
    expect(await findUserBlock(db, here)).toMatchObject({ reason: 'spam', guildId: 'g' });
    for (const member of [{ userId: 'm', guildId: 'other' }, { userId: 'm' }, { userId: 'n', guildId: 'g' }]) {
      expect(await findUserBlock(db, member)).toBeUndefined();
    }
    await blockUser(db, { userId: 'm' }, by(3));
    expect(await findUserBlock(db, { userId: 'm', guildId: 'other' })).toMatchObject({ guildId: null });
    expect(await liftUserBlock(db, { userId: 'm' }, by(4))).toBe(true);
    expect(await liftUserBlock(db, { userId: 'm' }, by(5))).toBe(false);
    expect(await findUserBlock(db, { userId: 'm' })).toBeUndefined();
    expect(await findUserBlock(db, here)).toMatchObject({ guildId: 'g' });
    expect(await liftUserBlock(db, here, by(6))).toBe(true);
    expect(await findUserBlock(db, here)).toBeUndefined();
    const actions = await db.moderatorAction.findMany({ where: { guildId: 'g' }, orderBy: { id: 'desc' } });
    // What the second one decided and why is there too.
    expect(actions.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['unblockUser', 'spam'],
      ['blockUser', 'rude'],
      ['blockUser', 'spam'],
    ]);
    expect(await db.block.count()).toBe(2); // lifted, not deleted
  });

  it('stops what a blocked member has waiting or running there, and nothing elsewhere', async () => {
    const { db } = await open();
    const made = async (fields: Partial<NewRequest>, to: readonly RequestState[]): Promise<string> => {
      const { id } = (await createRequest(db, newRequest({ requesterId: 'm', guildId: 'g', ...fields }))).request;
      for (const state of to) await changeState(db, id, state, { actor: 'bot', now: start });
      return id;
    };
    const waiting = await made({}, ['waiting']);
    const running = await made({}, ['waiting', 'running']);
    const done = await made({}, ['waiting', 'running', 'delivering']);
    const others = [await made({ requesterId: 'n' }, ['waiting']), await made({ guildId: 'other' }, ['waiting'])];
    const by = { moderatorId: 'mod', reason: 'spam', now: start };
    const { stopped } = await blockUser(db, { userId: 'm', guildId: 'g' }, by);
    expect([...stopped].sort()).toEqual([waiting, running].sort());
    const rows = await db.request.findMany({ where: { id: { in: [waiting, running, done, ...others] } } });
    const left = rows.map(({ id, state, code, cancelAskedAt }) => [id, [state, code, cancelAskedAt]] as const);
    expect(Object.fromEntries(left)).toEqual({
      [waiting]: ['cancelled', 'queue.requester-blocked', null],
      [running]: ['running', 'queue.requester-blocked', start],
      [done]: ['delivering', null, null],
      ...Object.fromEntries(others.map((id) => [id, ['waiting', null, null]])),
    });
  });

  it('blocks once when two moderators press at the same moment', async () => {
    const { db } = await open();
    const by = { moderatorId: 'mod', reason: 'spam', now: start };
    await Promise.all([1, 2, 3].map(() => blockUser(db, { userId: 'm', guildId: 'g' }, by)));
    expect(await db.block.count()).toBe(1);
  });

  it('takes one report a member and result', async () => {
    const { db } = await open();
    const { id } = (await createRequest(db, newRequest())).request;
    const report = (reporterId: string, reason: string) =>
      addReport(db, { id: randomUUID(), requestId: id, reporterId, reason, holds: false, now: start });
    expect(await report('a', 'cruel')).toBe('created');
    expect(await report('a', 'again')).toBe('again');
    expect(await report('b', 'fake')).toBe('created');
    const rows = await db.report.findMany({ orderBy: { reporterId: 'asc' } });
    expect(rows).toMatchObject([
      { reporterId: 'a', reason: 'cruel', state: 'open' },
      { reporterId: 'b', reason: 'fake', state: 'open' },
    ]);
    await expect(
      addReport(db, { id: 'x', requestId: 'none', reporterId: 'a', reason: 'x', holds: false, now: start }),
    ).rejects.toThrow();
  });

  it('remembers members and single values', async () => {
    const { db } = await open();
    await seeUser(db, { id: 'm', locale: 'fr', now: start });
    await seeUser(db, { id: 'm', locale: 'it', now: after(7) });
    expect(await db.user.findMany()).toEqual([{ id: 'm', locale: 'it', createdAt: start, seenAt: after(7) }]);
    expect(await readInstallationValue(db, 'commands')).toBeUndefined();
    await writeInstallationValue(db, 'commands', 'one');
    await writeInstallationValue(db, 'commands', 'two');
    expect(await readInstallationValue(db, 'commands')).toBe('two');
  });
});
