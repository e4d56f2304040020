/** What has had its time goes, in the tables and in the chain; what is needed, or was wanted for good, stays. */
import { expect, it } from 'vitest';

import { auditLog } from '../../src/store/audit.ts';
import { blockUser, liftUserBlock } from '../../src/store/blocks.ts';
import { type Between, standingConsent } from '../../src/store/consent-lookups.ts';
import { giveConsent } from '../../src/store/consent-questions.ts';
import { recordConsent } from '../../src/store/consents.ts';
import { type Database, inTransaction } from '../../src/store/database.ts';
import { claimDelivery, markDelivered } from '../../src/store/deliveries.ts';
import { changeGuildSettings, noteGuildLeft } from '../../src/store/guild-settings.ts';
import type { Prisma } from '../../src/store/generated/sqlite/client.ts';
import { pseudonymOf, sealLog } from '../../src/store/log-chain.ts';
import { feedKey } from '../../src/store/feed-place.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { recordModeratorAction } from '../../src/store/moderator-actions.ts';
import { addReport } from '../../src/store/reports.ts';
import { sweepRetention } from '../../src/store/retention.ts';
import { revokeConsents } from '../../src/store/revocations.ts';
import { seeUser } from '../../src/store/users.ts';
import { onEachDatabase } from './databases.ts';
import { after, finishedRequest, hour, newSha256, runningRequest, start } from './fixtures.ts';

const key = new Uint8Array(32).fill(3);
const day = 24 * hour;
const at = (days: number): Date => after(days * day);

onEachDatabase(({ open }) => {
  async function delivered(db: Database, days: number, guildId = 'guild'): Promise<string> {
    const { id } = await finishedRequest(db, {}, at(days));
    await db.request.update({ where: { id }, data: { guildId } });
    await claimDelivery(db, 'bot', at(days));
    await markDelivered(db, id, 'bot', { messageId: 'm', now: at(days) });
    return id;
  }
  const keepsTo = (days: number) => ({ now: at(days), key, logDays: 90, guildDays: 7 });

  it('removes rows of the log, actions, agreements, allowances, blocks and members when their time is over', async () => {
    const { db } = await open();
    await startLog(db, key, { isNewKey: true });
    const seal = (): Promise<number> => sealLog(db, key, { now: start, limit: 500 });
    const action = { kind: 'view', moderatorId: 'mod', guildId: 'guild' } as const;
    const old = [];
    for (let n = 0; n < 45; n++) old.push(await delivered(db, n / 100));
    await recordModeratorAction(db, { ...action, now: at(1) });
    await seeUser(db, { id: 'gone', locale: 'fr', now: at(1) });
    const consentOf = (days: number): Promise<string> =>
      inTransaction(db, (tx) =>
        recordConsent(tx, {
          ...{ kind: 'self', requesterId: 'member', subjectId: 'member', guildId: 'guild', photoSha256: newSha256() },
          ...{ textVersion: '1', textLocale: 'en', now: at(days) },
        }),
      );
    const ended = await consentOf(1);
    const used = await consentOf(1);
    const young = await delivered(db, 50);
    await db.request.update({ where: { id: young }, data: { consentId: used } });
    const forGood = await consentOf(1);
    await db.consent.update({ where: { id: forGood }, data: { state: 'refused', scope: 'requester' } });
    const running = await runningRequest(db, { now: at(2) });
    await db.quotaReservation.create({
      data: {
        ...{ requestId: young, userId: 'member', command: 'restore', state: 'settled' },
        reservedSeconds: 1,
        createdAt: at(50),
      },
    });
    const by = { moderatorId: 'mod', reason: 'spam', now: at(1) };
    await blockUser(db, { userId: 'lifted' }, by);
    await liftUserBlock(db, { userId: 'lifted' }, by);
    await blockUser(db, { userId: 'still blocked' }, by);
    await recordModeratorAction(db, { ...action, now: at(100) });
    await seal();

    expect(await sweepRetention(db, keepsTo(89))).toMatchObject({ requests: 0, actions: 0, consents: 0 });
    expect(await sweepRetention(db, keepsTo(91.9))).toMatchObject({ requests: 45, actions: 4, consents: 0 });
    expect((await db.request.findMany({ select: { id: true } })).map(({ id }) => id).sort()).toEqual(
      [running.id, young].sort(),
    );
    expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [] });

    expect(await sweepRetention(db, keepsTo(31 + 91))).toMatchObject({ consents: 1 });
    const consents = await db.consent.findMany({ select: { id: true } });
    expect(consents.map(({ id }) => id).sort()).toEqual([used, forGood].sort());
    expect(consents.map(({ id }) => id)).not.toContain(ended);
    expect(await db.quotaReservation.count()).toBe(0);
    expect(await db.user.count()).toBe(0);
    expect(await db.block.findMany()).toMatchObject([{ userId: 'still blocked' }]);
    const { intact, purged, entries } = await auditLog(db, key);
    expect({ intact, isShort: entries < 30, purged: purged > 200 }).toEqual({
      intact: true,
      isShort: true,
      purged: true,
    });
  });

  it('keeps a server’s rows as long as it says, and no longer than the installation', async () => {
    const { db } = await open();
    const set = (guildId: string, logRetentionDays: number) =>
      changeGuildSettings(db, guildId, { logRetentionDays }, { moderatorId: 'mod', now: at(99) });
    await set('short', 10);
    await set('long', 3000);
    for (const guildId of ['short', 'long', 'guild']) await delivered(db, 1, guildId);
    const young = await delivered(db, 15, 'short');
    const left = async () =>
      (await db.request.findMany()).map(({ guildId, id }) => (id === young ? 'young' : guildId)).sort();
    await sweepRetention(db, keepsTo(20));
    expect(await left()).toEqual(['guild', 'long', 'young']);
    await sweepRetention(db, keepsTo(95));
    expect(await left()).toEqual([]);
  });

  it('waits with what is still to be taken away', async () => {
    const { db } = await open();
    const id = await delivered(db, 1);
    await db.removal.create({ data: { requestId: id, reason: 'queue.erased', nextAttemptAt: at(1) } });
    expect(await sweepRetention(db, keepsTo(100))).toMatchObject({ requests: 0 });
    await db.removal.update({ where: { requestId: id }, data: { state: 'failed' } });
    expect(await sweepRetention(db, keepsTo(100))).toMatchObject({ requests: 1 });
  });

  it('keeps what a member could still have taken away, as long as their agreement stands', async () => {
    const { db } = await open();
    await changeGuildSettings(db, 'guild', { logRetentionDays: 1 }, { moderatorId: 'mod', now: start });
    const between = { subjectId: 'shown', requesterId: 'member', guildId: 'guild' };
    const give = () => giveConsent(db, { ...between, textVersion: '1', textLocale: 'en', now: start });
    const { id: consentId } = await give();
    const make = async (set: Prisma.RequestUncheckedUpdateInput): Promise<string> => {
      const id = await delivered(db, 0);
      await db.request.update({ where: { id }, data: { command: 'animate', consentId, ...set } });
      return id;
    };
    const shown = await make({});
    await make({ state: 'failed' });
    const declared = {
      ...({ kind: 'artwork', declared: 'a painting', photoSha256: newSha256() } as const),
      ...{ requesterId: 'member', guildId: 'guild', textVersion: '1', textLocale: 'en', now: start },
    };
    await make({ consentId: await inTransaction(db, (tx) => recordConsent(tx, declared)) });
    const left = async () => (await db.request.findMany()).map(({ id }) => id);
    expect(await sweepRetention(db, keepsTo(2))).toMatchObject({ requests: 2 });
    expect(await left()).toEqual([shown]);
    const revoked = { subjectId: 'shown', code: 'queue.consent-ended', now: at(3) };
    expect(await revokeConsents(db, [consentId], revoked)).toMatchObject({ requests: [{ id: shown }] });
    await db.removal.update({ where: { requestId: shown }, data: { state: 'done' } });
    await db.delivery.update({ where: { requestId: shown }, data: { state: 'delivered' } });
    await sweepRetention(db, keepsTo(3));
    expect(await left()).toEqual([]);

    const over = await make({ consentId: (await give()).id });
    await sweepRetention(db, keepsTo(29));
    expect(await left()).toEqual([over]);
    await sweepRetention(db, keepsTo(31));
    expect(await left()).toEqual([]);
  });

  it('brings no refusal back with the end of the agreement that followed it', async () => {
    const { db } = await open();
    await startLog(db, key, { isNewKey: true });
    const subjectId = '100000000000000001';
    const between = { subjectId, requesterId: '100000000000000002', guildId: 'guild' };
    const shown = { textVersion: '1', textLocale: 'en' };
    const no = { kind: 'member', scope: 'requester', state: 'refused', ...shown, askedAt: start } as const;
    const refuse = (id: string, days: number, who: Between): Promise<unknown> =>
      db.consent.create({ data: { id, ...no, ...who, decidedAt: at(days) } });
    const said = async (days: number) => {
      const standing = await standingConsent(db, between, { key, now: at(days) });
      return typeof standing === 'object' ? standing.state : standing;
    };
    // The one who asked had been forgotten before they came back.
    await refuse('before', 0, { ...between, requesterId: pseudonymOf(key, between.requesterId) });
    await refuse('other', 0, { ...between, requesterId: 'somebody else' });
    await refuse('elsewhere', 0, { ...between, guildId: 'other' });
    expect(await said(1)).toBe('refused');
    await giveConsent(db, { ...between, ...shown, now: at(2) });
    expect(await said(3)).toBe('given');
    expect(await said(40)).toBeUndefined();
    expect(await sweepRetention(db, keepsTo(125))).toMatchObject({ consents: 2 });
    expect(await said(125)).toBeUndefined();
    expect((await db.consent.findMany()).map(({ id }) => id).sort()).toEqual(['elsewhere', 'other']);

    await giveConsent(db, { ...between, ...shown, now: at(130) });
    await refuse('after', 170, between);
    expect(await sweepRetention(db, keepsTo(300))).toMatchObject({ consents: 1 });
    expect(await said(300)).toBe('refused');
    await sealLog(db, key, { now: at(300), limit: 500 });
    expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [] });
  });

  it('leaves nothing of a server that the bot left, and the log verifies', async () => {
    const { db } = await open();
    await startLog(db, key, { isNewKey: true });
    const by = { moderatorId: 'mod', reason: 'spam', now: start };
    for (const guildId of ['gone-guild', 'stays']) {
      const between = { subjectId: 'shown', requesterId: 'member', guildId };
      const { id: consentId } = await giveConsent(db, { ...between, textVersion: '1', textLocale: 'en', now: start });
      const requestId = await delivered(db, 0, guildId);
      await db.request.update({ where: { id: requestId }, data: { command: 'animate', consentId } });
      const report = {
        id: `of ${guildId}`,
        requestId,
        reporterId: 'another',
        reason: 'words',
        holds: false,
        now: start,
      };
      await addReport(db, report);
      await blockUser(db, { userId: 'blocked', guildId }, by);
      await changeGuildSettings(db, guildId, { logChannelId: 'channel' }, by);
      await db.installationValue.create({ data: { key: feedKey(guildId), value: '{}' } });
    }
    await sealLog(db, key, { now: start, limit: 500 });
    await noteGuildLeft(db, 'gone-guild', start);
    expect(await sweepRetention(db, keepsTo(6))).toMatchObject({ guilds: 0, requests: 0 });
    expect(await sweepRetention(db, keepsTo(8))).toMatchObject({ guilds: 1 });

    const tables = [
      ...[db.request, db.requestEvent, db.delivery, db.deliveryTry, db.reply, db.posting, db.madeFile, db.report],
      ...[db.consent, db.consentEvent, db.block, db.guildSettings, db.moderatorAction, db.quotaReservation],
      ...[db.mediaReference, db.installationValue, db.logEntry],
    ] as unknown as readonly { readonly findMany: () => Promise<unknown[]> }[];
    const left = await Promise.all(tables.map((table) => table.findMany()));
    expect(JSON.stringify(left)).not.toContain('gone-guild');
    // Of the other server.
    const kept = [
      db.request.count(),
      db.consent.count(),
      db.report.count(),
      db.block.count(),
      db.guildSettings.count(),
    ];
    expect(await Promise.all(kept)).toEqual([1, 1, 1, 1, 1]);
    expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [] });
  });
});
