/** A member's wish to be forgotten: what goes, what stays as a stub, when, and that the log still verifies. */
import { beforeEach, expect, it } from 'vitest';

import { auditLog } from '../../src/store/audit.ts';
import {
  blockPicture,
  blockUser,
  findPictureBlock,
  findUserBlock,
  liftPictureBlock,
  liftUserBlock,
} from '../../src/store/blocks.ts';
import {
  askConsent,
  forgetConsentMessage,
  noteConsentMessage,
  settledQuestions,
} from '../../src/store/consent-questions.ts';
import { standingConsent } from '../../src/store/consent-lookups.ts';
import { recordConsent } from '../../src/store/consents.ts';
import { Prisma } from '../../src/store/generated/sqlite/client.ts';
import { type Database, inTransaction } from '../../src/store/database.ts';
import { claimDelivery, markDelivered } from '../../src/store/deliveries.ts';
import { askErasure, continueErasures } from '../../src/store/erase.ts';
import { pseudonymOf, sealLog } from '../../src/store/log-chain.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { recordModeratorAction } from '../../src/store/moderator-actions.ts';
import { exportPersonalData } from '../../src/store/personal-export.ts';
import { addReport } from '../../src/store/reports.ts';
import { changeState, createRequest, finishRequest } from '../../src/store/requests.ts';
import type { Request } from '../../src/store/rows.ts';
import { seeUser } from '../../src/store/users.ts';
import { onEachDatabase } from './databases.ts';
import {
  after,
  finished,
  finishedRequest,
  madeFileMac,
  hour,
  newRequest,
  newSha256,
  runningRequest,
  secretToken,
  start,
} from './fixtures.ts';

const key = new Uint8Array(32).fill(9);
const anna = '100000000000000001';
const bruno = '100000000000000002';
const words = 'a caption with a name in it';

onEachDatabase(({ open }) => {
  let db: Database;
  beforeEach(async () => {
    ({ db } = await open());
    await startLog(db, key, { isNewKey: true });
  });
  const seal = (): Promise<number> => sealLog(db, key, { now: start, limit: 500 });
  const go = (now = after(hour)): Promise<string[]> => continueErasures(db, { key, now });

  async function deliveredRequest(requesterId: string, subjectId?: string): Promise<Request> {
    const parameters = {
      version: 1,
      caption: words,
      ...(subjectId !== undefined && { subject: { memberId: subjectId } }),
    };
    const running = await runningRequest(db, { requesterId, parameters, inputName: 'holiday-with-anna.jpg' });
    const photoSha256 = newSha256();
    const consent = {
      kind: 'self',
      requesterId,
      subjectId: subjectId ?? requesterId,
      guildId: 'guild',
      photoSha256,
    } as const;
    const shown = { textVersion: '1', textLocale: 'fr', now: start };
    const consentId = await inTransaction(db, (tx) => recordConsent(tx, { ...consent, ...shown }));
    await db.request.update({ where: { id: running.id }, data: { consentId, inputSha256: photoSha256 } });
    await finishRequest(db, running.id, finished(), start);
    await claimDelivery(db, 'bot', start);
    await markDelivered(db, running.id, 'bot', { channelId: 'channel', messageId: 'message', now: start });
    return db.request.findUniqueOrThrow({ where: { id: running.id } });
  }

  /** Every row of every table that speaks of requests and members, as text. */
  async function dump(): Promise<string> {
    const tables = [
      db.request.findMany(),
      db.requestEvent.findMany(),
      db.consent.findMany(),
      db.consentEvent.findMany(),
      db.report.findMany(),
      db.block.findMany(),
      db.moderatorAction.findMany(),
      db.user.findMany(),
      db.reply.findMany(),
      db.delivery.findMany(),
      db.posting.findMany(),
      db.guildSettings.findMany(),
      db.purge.findMany(),
      db.logEntry.findMany(),
      db.logSalt.findMany(),
      db.installationValue.findMany(),
    ];
    return JSON.stringify(await Promise.all(tables));
  }

  it('takes a member out of what they asked for and what shows them; the stub stays, and the log verifies', async () => {
    await seeUser(db, { id: anna, locale: 'fr', now: start });
    const own = await deliveredRequest(anna);
    const shows = await deliveredRequest(bruno, anna);
    const others = await deliveredRequest(bruno);
    await addReport(db, {
      id: 'report',
      requestId: others.id,
      reporterId: anna,
      reason: words,
      holds: false,
      now: start,
    });
    const action = { kind: 'view', moderatorId: 'mod', guildId: 'guild', now: start } as const;
    await recordModeratorAction(db, { ...action, targetUserId: anna, reason: words, detail: { note: words } });
    await seal();
    const hashBefore = (await db.request.findUniqueOrThrow({ where: { id: own.id } })).inputSha256;

    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([]); // their results are still to be taken away
    const removals = await db.removal.findMany({ where: { state: 'waiting', reason: 'queue.erased' } });
    expect(removals.map(({ requestId }) => requestId).sort()).toEqual([own.id, shows.id].sort());
    expect(await db.mediaReference.findMany()).toMatchObject([{ requestId: others.id }]);
    expect((await db.delivery.findUniqueOrThrow({ where: { requestId: own.id } })).messageId).toBe('message');
    await seal();
    await db.removal.updateMany({ data: { state: 'done' } });
    await db.delivery.updateMany({ where: { state: 'waiting' }, data: { state: 'delivered' } });
    expect(await go()).toEqual([anna]);
    expect(await go()).toEqual([]);

    const left = await dump();
    expect(left).not.toContain(anna);
    expect(left.match(new RegExp(words, 'g'))).toHaveLength(1); // of the request that is not theirs
    const pseudonym = pseudonymOf(key, anna);
    expect(await db.request.findUniqueOrThrow({ where: { id: own.id } })).toMatchObject({
      state: 'removed',
      requesterId: pseudonym,
      channelId: pseudonym,
      inputName: null,
      parameters: {},
      inputSha256: hashBefore,
    });
    expect(await db.request.findUniqueOrThrow({ where: { id: shows.id } })).toMatchObject({
      requesterId: bruno,
      state: 'removed',
    });
    expect(await db.request.findUniqueOrThrow({ where: { id: others.id } })).toMatchObject({ state: 'delivered' });
    expect(await db.consent.count({ where: { subjectId: pseudonym, state: 'revoked' } })).toBe(2);
    await seal();
    const files = { rows: await db.madeFile.count(), isChecked: true };
    expect(files.rows).toBeGreaterThan(0);
    expect(await auditLog(db, key, { madeFileMac })).toMatchObject({ intact: true, faults: [], files });

    // The salts are gone: what was sealed cannot be guessed any more, and nobody can put another name there.
    const salts = await db.logSalt.findMany({ where: { salt: { startsWith: 'erased:' } } });
    expect(new Set(salts.map(({ field }) => field))).toEqual(
      new Set(['actor', 'requester', 'channel', 'parameters', 'subject', 'target', 'reason', 'detail']),
    );
    await db.request.update({ where: { id: own.id }, data: { requesterId: bruno } });
    expect((await auditLog(db, key)).faults).toMatchObject([
      { kind: 'row-altered', fields: ['requester'], subject: own.id },
    ]);
  });

  it('stops what waits and runs, waits until a worker has, and leaves what was asked later', async () => {
    const running = await runningRequest(db, { requesterId: anna });
    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([]);
    expect((await db.request.findUniqueOrThrow({ where: { id: running.id } })).cancelAskedAt).not.toBeNull();
    await changeState(db, running.id, 'cancelled', { actor: 'worker:one', now: after(2) });
    const later = await runningRequest(db, { requesterId: anna, now: after(5) });
    expect(await go()).toEqual([anna]);
    const rows = await db.request.findMany({ orderBy: { createdAt: 'asc' } });
    expect(rows).toMatchObject([
      { id: running.id, requesterId: pseudonymOf(key, anna) },
      { id: later.id, requesterId: anna, state: 'running', cancelAskedAt: null },
    ]);
    await seal();
    expect((await auditLog(db, key)).intact).toBe(true);
  });

  it('leaves their name nowhere, however it came there', async () => {
    // Named before anybody was asked.
    const refused = await runningRequest(db, { parameters: { version: 1, subject: { memberId: anna } } });
    await changeState(db, refused.id, 'failed', { actor: 'worker:one', now: start });
    // Filters of an export.
    const filter = { format: 'csv', subjectId: anna };
    await recordModeratorAction(db, {
      kind: 'export',
      moderatorId: 'mod',
      guildId: 'guild',
      detail: filter,
      now: start,
    });
    // What they took back, of somebody who was forgotten before them.
    const shows = await deliveredRequest(bruno, anna);
    await db.request.update({ where: { id: shows.id }, data: { inputMarks: { version: 1, files: [] } } });
    await seal();
    await askErasure(db, bruno, after(1));
    await go();
    await db.removal.updateMany({ data: { state: 'done' } });
    await db.delivery.updateMany({ where: { state: 'waiting' }, data: { state: 'delivered' } });
    expect(await go()).toEqual([bruno]);
    await db.requestEvent.create({
      data: { requestId: shows.id, from: 'removed', to: 'removed', actor: `member:${anna}` },
    });
    await seal();

    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([anna]);
    const left = await dump();
    expect(left).not.toContain(anna);
    expect(left).not.toContain(bruno);
    expect(await db.request.count({ where: { inputMarks: { not: Prisma.DbNull } } })).toBe(0);
    expect(await db.moderatorAction.count({ where: { kind: 'export', moderatorId: 'mod' } })).toBe(1);
    await seal();
    expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [] });
  });

  it('is not stopped by a result that was reported before and after an earlier deletion, and stops no others', async () => {
    const { id: requestId } = await deliveredRequest(bruno);
    const report = (id: string, reporterId: string) =>
      db.report.create({ data: { id, requestId, reporterId, reason: words, createdAt: start } });
    await report('first', pseudonymOf(key, anna));
    await report('second', anna);
    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([anna]);
    expect(await db.report.findMany()).toMatchObject([{ id: 'first', reporterId: pseudonymOf(key, anna) }]);

    // One that cannot be gone on with, before another in order.
    await askErasure(db, anna, after(1));
    await askErasure(db, bruno, after(1));
    await db.installationValue.update({ where: { key: `erase:${anna}` }, data: { value: 'no time' } });
    await expect(go()).rejects.toThrow('1 of 2');
    expect((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state).toBe('removed');
  });

  it('frees nobody of a refusal to be asked again, and brings no agreement back', async () => {
    const between = { subjectId: anna, requesterId: bruno, guildId: 'guild' };
    const said = { ...between, kind: 'member', scope: 'requester', textVersion: '1', textLocale: 'fr' } as const;
    await db.consent.create({ data: { ...said, id: 'no', state: 'refused', askedAt: start, decidedAt: start } });
    const other = { ...said, guildId: 'other', id: 'yes', state: 'given' } as const;
    await db.consent.create({ data: { ...other, askedAt: start, decidedAt: start } });
    for (const one of [bruno, anna]) {
      await askErasure(db, one, after(1));
      expect(await go()).toEqual([one]);
      expect(await standingConsent(db, between, { key, now: after(2) })).toBe('refused');
      expect(await standingConsent(db, { ...between, guildId: 'other' }, { key, now: after(2) })).toBeUndefined();
    }
  });

  it('leaves agreements of later, ends a question with its request, and waits for the message that asked', async () => {
    const ask = async (now: Date) => {
      const { request } = await createRequest(db, newRequest({ requesterId: bruno, now }));
      const asked = { requestId: request.id, kind: 'member', subjectId: anna, photoSha256: newSha256() } as const;
      const shown = { textVersion: '1', textLocale: 'fr', answerBy: after(hour), now };
      const { id } = await askConsent(db, { ...asked, ...shown });
      await noteConsentMessage(db, id, { channelId: 'channel', messageId: `message ${now.getTime()}` });
      return { id, requestId: request.id };
    };
    const before = await ask(start);
    const later = await ask(after(5));
    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([]);
    const states = async (id: string) => (await db.request.findUniqueOrThrow({ where: { id } })).state;
    expect(await states(before.requestId)).toBe('cancelled');
    expect(await states(later.requestId)).toBe('asking');
    await db.delivery.updateMany({ where: { state: 'waiting' }, data: { state: 'delivered' } });
    expect(await go()).toEqual([]);
    const [settled, ...others] = await settledQuestions(db);
    expect([settled?.id, others]).toEqual([before.id, []]);
    await forgetConsentMessage(db, settled!);
    expect(await go()).toEqual([anna]);
    const consents = await db.consent.findMany({ orderBy: { askedAt: 'asc' } });
    expect(consents).toMatchObject([
      { state: 'expired', subjectId: pseudonymOf(key, anna) },
      { state: 'asked', subjectId: anna },
    ]);
  });

  it('frees nobody of a block', async () => {
    await blockUser(db, { userId: anna, guildId: 'guild' }, { moderatorId: 'mod', reason: 'spam', now: start });
    await askErasure(db, anna, start);
    expect(await go()).toEqual([anna]);
    expect(await dump()).not.toContain(anna);
    const asked = { userId: anna, guildId: 'guild', alias: pseudonymOf(key, anna) };
    expect(await findUserBlock(db, asked)).toMatchObject({ reason: '', createdBy: 'mod' });
    expect(await findUserBlock(db, { ...asked, userId: bruno, alias: pseudonymOf(key, bruno) })).toBeUndefined();
  });

  it('leaves no words about them, and no block in their name as a moderator', async () => {
    const own = await deliveredRequest(anna);
    const shows = await deliveredRequest(bruno, anna);
    await db.request.update({ where: { id: own.id }, data: { inputHash: 'ab'.repeat(8) } });
    const by = { moderatorId: 'mod', reason: words, requestId: own.id, now: start };
    const picture = { perceptualHash: 'ab'.repeat(8), guildId: 'guild' };
    const {
      block: { id: blockId },
    } = await blockPicture(db, picture, by);
    await blockUser(db, { userId: anna, guildId: 'guild' }, by);
    await liftPictureBlock(db, { blockId, guildId: 'guild' }, by);
    await blockPicture(db, picture, by);
    const report = { reporterId: 'a third', reason: words, holds: false, now: start };
    await addReport(db, { ...report, id: 'of theirs', requestId: own.id });
    await addReport(db, { ...report, id: 'of what shows them', requestId: shows.id });
    const byThem = { moderatorId: anna, reason: 'spam', now: start };
    await blockUser(db, { userId: 'a fourth', guildId: 'guild' }, byThem);
    await blockUser(db, { userId: 'a fifth', guildId: 'guild' }, { ...byThem, moderatorId: 'mod' });
    await liftUserBlock(db, { userId: 'a fifth', guildId: 'guild' }, byThem);
    await seal();
    await askErasure(db, anna, after(1));
    await go();
    await db.removal.updateMany({ data: { state: 'done' } });
    await db.delivery.updateMany({ where: { state: 'waiting' }, data: { state: 'delivered' } });
    expect(await go()).toEqual([anna]);

    const left = await dump();
    for (const text of [words, 'holiday-with-anna']) expect(left).not.toContain(text);
    const said = await db.moderatorAction.findMany({ where: { moderatorId: anna }, orderBy: { id: 'asc' } });
    expect(said).toMatchObject([{ targetUserId: 'a fourth' }, { targetUserId: 'a fifth' }]); // for its time
    const names = await db.block.findMany({ where: { OR: [{ createdBy: anna }, { liftedBy: anna }] } });
    expect(names).toEqual([]);
    expect(await findPictureBlock(db, picture)).toMatchObject({ reason: '' });
    await seal();
    expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [] });
  });

  it('waits with what names them while that runs', async () => {
    const parameters = { version: 1, subject: { memberId: anna } };
    const failed = await runningRequest(db, { parameters });
    await changeState(db, failed.id, 'failed', { actor: 'worker:one', now: start });
    const running = await runningRequest(db, { parameters });
    await askErasure(db, anna, after(1));
    expect(await go()).toEqual([]);
    await changeState(db, running.id, 'failed', { actor: 'worker:one', now: start });
    expect(await go()).toEqual([anna]);
    expect(await dump()).not.toContain(anna);
  });

  it('exports all that is held, with no secret and no name of those who reported', async () => {
    await seeUser(db, { id: anna, locale: 'fr', now: start });
    const own = await deliveredRequest(anna);
    const shows = await deliveredRequest(bruno, anna);
    const more = [];
    for (let n = 0; n < 60; n++) more.push((await finishedRequest(db)).id);
    await db.request.updateMany({ where: { id: { in: more } }, data: { requesterId: anna } });
    await addReport(db, {
      id: 'report',
      requestId: own.id,
      reporterId: bruno,
      reason: 'between us',
      holds: false,
      now: start,
    });
    await blockUser(db, { userId: anna }, { moderatorId: 'the-moderator', reason: 'spam', now: start });
    const decided = { requestId: own.id, from: 'delivered', to: 'held', actor: 'moderator:the-moderator' } as const;
    await db.requestEvent.create({ data: decided });
    const outsider = { id: 'outsider', kind: 'outsider', scope: 'photo', state: 'given', requesterId: anna } as const;
    const shown = { textVersion: '1', textLocale: 'fr', decidedBy: 'the-moderator' };
    await db.consent.create({ data: { ...outsider, ...shown } });
    const subject = { kind: 'member', memberId: anna };
    const named = await runningRequest(db, {
      requesterId: bruno,
      parameters: { version: 1, caption: 'of b', subject },
    });
    const looked = { kind: 'view', moderatorId: 'the-moderator', guildId: 'guild', now: start } as const;
    await recordModeratorAction(db, { ...looked, detail: { subjectId: anna, requesterId: bruno } });
    let text = '';
    for await (const piece of exportPersonalData(db, anna, { key, now: start })) text += piece;
    const held = JSON.parse(text) as Record<string, readonly Record<string, unknown>[]>;
    expect(held['member']).toMatchObject({ id: anna, locale: 'fr' });
    expect(held['requests']!.map(({ id }) => id).sort()).toEqual([own.id, ...more].sort());
    const whole = held['requests']!.find(({ id }) => id === own.id);
    expect(whole).toMatchObject({
      inputName: 'holiday-with-anna.jpg',
      parameters: { caption: words },
      reports: [{ state: 'open' }],
    });
    expect(held['requestsThatShowThem']).toMatchObject([{ id: shows.id }]);
    expect(held['requestsThatShowThem']![0]).not.toHaveProperty('inputName');
    expect(held['requestsThatNameThem']).toMatchObject([{ id: named.id, state: 'running', subject }]);
    expect(Object.keys(held['requestsThatNameThem']![0]!)).not.toContain('parameters');
    expect(held['moderatorActionsThatNameThem']).toMatchObject([{ kind: 'view', guildId: 'guild' }]);
    expect(held['agreements']).toHaveLength(3);
    expect(held['agreements']).toContainEqual(expect.objectContaining({ decidedBy: 'moderator' }));
    expect(held['agreements']).toContainEqual(expect.objectContaining({ decidedBy: anna }));
    expect(held['blocks']).toMatchObject([{ reason: 'spam' }]);
    expect(held['moderatorActionsAboutThem']).toMatchObject([{ kind: 'blockUser' }]);
    for (const secret of [secretToken, 'between us', 'the-moderator', 'of b']) expect(text).not.toContain(secret);
    text = '';
    for await (const piece of exportPersonalData(db, 'nobody', { key, now: start })) text += piece;
    expect(JSON.parse(text)).toMatchObject({ member: { id: 'nobody' }, requests: [], quota: [] });
  });
});
