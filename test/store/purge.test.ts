/** Append-only tables: the database itself refuses changes, whoever asks, but for a purge that says so. */
import { expect, it } from 'vitest';

import { claimDelivery, markDelivered } from '../../src/store/deliveries.ts';
import { recordModeratorAction } from '../../src/store/moderator-actions.ts';
import { purge } from '../../src/store/purge.ts';
import { purgeRequests } from '../../src/store/retention.ts';
import { askCancel, createRequest } from '../../src/store/requests.ts';
import { onEachDatabase, type TestDatabases } from './databases.ts';
import { after, finishedRequest, hour, newRequest, runningRequest, start } from './fixtures.ts';

const why = { actor: 'operator', reason: 'retention', now: start, key: new Uint8Array(32) };

async function withLog(open: TestDatabases['open']) {
  const { db } = await open();
  const { id } = await finishedRequest(db);
  await claimDelivery(db, 'bot', start);
  await markDelivered(db, id, 'bot', { messageId: 'm', now: start });
  await recordModeratorAction(db, { kind: 'view', moderatorId: 'mod', guildId: 'guild', requestId: id, now: start });
  return { db, id };
}

onEachDatabase(({ dialect, open }) => {
  /** Prisma takes an ABORT of SQLite's triggers for a broken foreign key, and drops its words. */
  const refusal = dialect === 'sqlite' ? /Foreign key constraint violated/ : /is append-only/;

  it.each(['RequestEvent', 'DeliveryTry', 'ModeratorAction'])(
    'refuses to change or remove rows of %s',
    async (table) => {
      const { db, id } = await withLog(open);
      const column = { RequestEvent: 'actor', DeliveryTry: 'outcome', ModeratorAction: 'moderatorId' }[table]!;
      const words = new RegExp(`${table} is append-only`);
      for (const sql of [
        `UPDATE "${table}" SET "${column}" = 'somebody else'`,
        `DELETE FROM "${table}"`,
        `DELETE FROM "${table}" WHERE "id" = 1`,
        ...(dialect === 'postgresql' ? [`TRUNCATE "${table}"`] : [`REPLACE INTO "${table}" SELECT * FROM "${table}"`]),
      ]) {
        await expect(db.$executeRawUnsafe(sql), sql).rejects.toThrow(words);
      }
      if (table !== 'ModeratorAction') await expect(db.request.delete({ where: { id } })).rejects.toThrow(refusal);
      const [{ n, other } = { n: 0, other: 0 }] = await db.$queryRawUnsafe<{ n: unknown; other: unknown }[]>(
        `SELECT COUNT(*) AS n, SUM(CASE WHEN "${column}" = 'somebody else' THEN 1 ELSE 0 END) AS other FROM "${table}"`,
      );
      expect([Number(n) > 0, Number(other)]).toEqual([true, 0]);
    },
  );

  it('lets a purge through, which stays on record', async () => {
    const { db, id } = await withLog(open);
    const anonymous = (): Promise<number> =>
      purge(db, why, async (tx) => {
        const { count } = await tx.requestEvent.updateMany({ where: { requestId: id }, data: { actor: 'member:?' } });
        return count;
      });
    expect(await anonymous()).toBe(5);
    expect(await db.requestEvent.count({ where: { actor: 'member:?' } })).toBe(5);
    expect(await db.purge.findMany()).toMatchObject([{ ...record(why), endedAt: start, removed: 5 }]);
    await expect(db.$executeRawUnsafe('DELETE FROM "Purge"')).rejects.toThrow(/Purge is append-only/);
    await expect(db.$executeRawUnsafe('UPDATE "Purge" SET "endedAt" = NULL')).rejects.toThrow(/Purge is append-only/);
    await expect(db.requestEvent.deleteMany()).rejects.toThrow(refusal);
  });

  it('undoes a purge that fails, and opens the tables to nobody else meanwhile', async () => {
    const { db } = await withLog(open);
    const before = await db.requestEvent.count();
    let elsewhere: Promise<unknown> = Promise.resolve();
    const failing = purge(db, why, async (tx) => {
      await tx.requestEvent.deleteMany();
      elsewhere = db.moderatorAction.deleteMany().catch((error: unknown) => error);
      throw new Error('lost heart');
    });
    await expect(failing).rejects.toThrow('lost heart');
    expect(String(await elsewhere)).toMatch(refusal);
    expect(await db.requestEvent.count()).toBe(before);
    expect(await db.purge.count()).toBe(0);
  });

  it('removes requests that have ended with all that is theirs, of a time or of a guild, and no others', async () => {
    const { db, id } = await withLog(open);
    const young = (await createRequest(db, newRequest({ now: after(hour) }))).request;
    await askCancel(db, young.id, 'bot', after(hour));
    const atWork = await runningRequest(db);
    const elsewhere = (await createRequest(db, newRequest({ guildId: 'other', now: after(hour) }))).request;
    await askCancel(db, elsewhere.id, 'bot', after(hour));
    expect(await purgeRequests(db, { createdBefore: after(1) }, why)).toBe(1);
    expect(await db.request.findUnique({ where: { id } })).toBeNull();
    expect(await db.requestEvent.count({ where: { requestId: id } })).toBe(0);
    expect(await db.mediaReference.count({ where: { requestId: id } })).toBe(0);
    expect(await db.deliveryTry.count()).toBe(0);
    expect(await purgeRequests(db, { guildId: 'guild' }, { ...why, now: after(hour) })).toBe(1);
    const left = await db.request.findMany({ select: { id: true } });
    expect(left.map((row) => row.id).sort()).toEqual([atWork.id, elsewhere.id].sort());
    await expect(purgeRequests(db, {}, why)).rejects.toThrow('not offered');
    expect(await db.moderatorAction.count()).toBe(1);
  });
});

const record = ({ actor, reason, now }: typeof why) => ({ actor, reason, startedAt: now });
