/** The outbox: who claims what, for how long, and what each try leaves behind. */
import { expect, it } from 'vitest';

import { type Database, inTransaction } from '../../src/store/database.ts';
import {
  askRefit,
  claimDelivery,
  ClaimLost,
  defaultLeaseMs,
  finishRefit,
  listRefits,
  markDelivered,
  markFetched,
  markKept,
  moveToPlace,
  recordTry,
  renewClaim,
} from '../../src/store/deliveries.ts';
import { holdIn, releaseResult } from '../../src/store/moderation.ts';
import { claimRemoval, endRemoval } from '../../src/store/removal-steps.ts';
import { removeResult, withdrawResult } from '../../src/store/removals.ts';
import { changeState, finishRequest } from '../../src/store/requests.ts';
import type { RequestState } from '../../src/store/rows.ts';
import { inProcesses, onEachDatabase } from './databases.ts';
import { after, finishedRequest, hour, newSha256, runningRequest, secretToken, start } from './fixtures.ts';

const stored = (db: Database, requestId: string) =>
  db.delivery.findUniqueOrThrow({
    where: { requestId },
    include: { request: true, tries: { orderBy: { id: 'asc' } } },
  });

onEachDatabase(({ newUrl, open }) => {
  it('claims what has been due longest, with all that a sender needs', async () => {
    const { db } = await open();
    const late = await finishedRequest(db, {}, after(1000));
    const early = await finishedRequest(db, {}, start);
    const first = await claimDelivery(db, 'bot', after(1000));
    expect(first).toMatchObject({
      requestId: early.id,
      kind: 'result',
      place: 'interaction',
      attempts: 0,
      interrupted: false,
      tries: [],
      request: { resultSha256: early.resultSha256, reply: { token: secretToken, uploadLimit: 10_485_760 } },
    });
    expect((await claimDelivery(db, 'bot', after(1000)))?.requestId).toBe(late.id);
    expect(await claimDelivery(db, 'bot', after(1000))).toBeUndefined();
  });

  it('waits for the time of the next try, and for a held result to be released', async () => {
    const { db } = await open();
    const { id } = await finishedRequest(db);
    await claimDelivery(db, 'bot', start);
    await recordTry(db, id, 'bot', { problem: 'discord.unavailable', nextAttemptAt: after(5000), now: after(1) });
    expect(await claimDelivery(db, 'bot', after(4999))).toBeUndefined();
    await changeState(db, id, 'held', { actor: 'moderator:m', now: after(2) });
    expect(await claimDelivery(db, 'bot', after(5000))).toBeUndefined();
    await changeState(db, id, 'delivering', { actor: 'moderator:m', now: after(3) });
    expect(await claimDelivery(db, 'bot', after(5000))).toMatchObject({
      requestId: id,
      attempts: 1,
      lastProblem: 'discord.unavailable',
      interrupted: false,
    });
  });

  it('tells in the place of a result that may not be sent why, and drops its file', async () => {
    const { db } = await open();
    const { id } = await finishedRequest(db);
    await claimDelivery(db, 'bot', start);
    const why = { code: 'queue.consent-ended', now: after(1), maybePosted: false };
    await expect(withdrawResult(db, id, 'other', why)).rejects.toBeInstanceOf(ClaimLost);
    await withdrawResult(db, id, 'bot', why);
    expect(await stored(db, id)).toMatchObject({ kind: 'notice', state: 'waiting', request: { state: 'removed' } });
    expect(await db.mediaReference.count({ where: { requestId: id } })).toBe(0);
    // The word goes out, though the request is removed; a result would not.
    const claimed = await claimDelivery(db, 'bot', after(2));
    expect(claimed).toMatchObject({ requestId: id, kind: 'notice', request: { code: 'queue.consent-ended' } });
    await markDelivered(db, id, 'bot', { messageId: 'm', now: after(3) });
    expect(await stored(db, id)).toMatchObject({ state: 'delivered', request: { state: 'removed' } });
  });

  it('withdraws what a moderator holds as well', async () => {
    const { db } = await open();
    const { id } = await finishedRequest(db);
    await claimDelivery(db, 'bot', start);
    await changeState(db, id, 'held', { actor: 'moderator:m', now: after(1) });
    await withdrawResult(db, id, 'bot', { code: 'queue.consent-ended', now: after(2), maybePosted: true });
    expect(await stored(db, id)).toMatchObject({ kind: 'result', state: 'cancelled', request: { state: 'removed' } });
    expect(await db.removal.findUnique({ where: { requestId: id } })).toMatchObject({ state: 'waiting' });
  });

  it('lets a claim run out, so that another process takes over and knows it', async () => {
    const { db } = await open();
    const { id } = await finishedRequest(db);
    await claimDelivery(db, 'one', start);
    expect(await claimDelivery(db, 'two', after(defaultLeaseMs - 1))).toBeUndefined();
    await renewClaim(db, id, 'one', after(1000));
    expect(await claimDelivery(db, 'two', after(defaultLeaseMs))).toBeUndefined();
    const taken = await claimDelivery(db, 'two', after(defaultLeaseMs + 1000));
    expect(taken).toMatchObject({ requestId: id, interrupted: true, claimedBy: 'two' });
    const now = after(defaultLeaseMs + 1001);
    for (const word of [
      () => renewClaim(db, id, 'one', now),
      () => recordTry(db, id, 'one', { problem: 'x', nextAttemptAt: now, now }),
      () => moveToPlace(db, id, 'one', { place: 'channel', problem: 'x', now }),
      () => markDelivered(db, id, 'one', { messageId: 'm', now }),
      () => markKept(db, id, 'one', { problem: 'x', now }),
      () => askRefit(db, id, 'one', { sizeLimit: 1, problem: 'x', now }),
    ]) {
      await expect(word()).rejects.toBeInstanceOf(ClaimLost);
    }
    expect(await stored(db, id)).toMatchObject({ state: 'sending', claimedBy: 'two', tries: [] });
    await markDelivered(db, id, 'two', { messageId: 'm', now });
    expect(await stored(db, id)).toMatchObject({ state: 'delivered', request: { state: 'delivered' } });
  });

  it('gives each of 40 deliveries to one of two processes', async () => {
    const url = await newUrl();
    const { db } = await open(url);
    const ids: string[] = [];
    for (let index = 0; index < 40; index++) ids.push((await finishedRequest(db)).id);
    const [one, two] = await inProcesses<string[]>(2, ['deliver', url]);
    expect([...one!, ...two!].sort()).toEqual(ids.sort());
    expect(Math.min(one!.length, two!.length)).toBeGreaterThan(0); // the program waits for that
    expect(await db.deliveryTry.count()).toBe(40);
    expect(await db.request.count({ where: { state: 'delivered' } })).toBe(40);
  });

  it('moves from place to place, counting anew, and keeps the result with the reason at the end', async () => {
    const { db } = await open();
    const { id } = await finishedRequest(db);
    const claim = () => claimDelivery(db, 'bot', start);
    await claim();
    await recordTry(db, id, 'bot', { problem: 'discord.unavailable', nextAttemptAt: start, now: start });
    await claim();
    await moveToPlace(db, id, 'bot', { place: 'message', problem: 'token.expired', now: start });
    expect(await claim()).toMatchObject({ place: 'message', attempts: 0, lastProblem: 'token.expired' });
    await moveToPlace(db, id, 'bot', { place: 'direct', problem: 'message.gone', now: start });
    await claim();
    await markKept(db, id, 'bot', { problem: 'dm.closed', now: start });
    const end = await stored(db, id);
    expect(end).toMatchObject({
      state: 'kept',
      lastProblem: 'dm.closed',
      request: { state: 'kept', code: 'dm.closed' },
    });
    expect(end.tries.map(({ place, outcome }) => [place, outcome])).toEqual([
      ['interaction', 'discord.unavailable'],
      ['interaction', 'token.expired'],
      ['message', 'message.gone'],
      ['direct', 'dm.closed'],
    ]);
    expect(await claim()).toBeUndefined();
    // Held while it was fetched: it stays so.
    await db.request.update({ where: { id }, data: { state: 'held' } });
    await markFetched(db, id, after(8));
    expect(await stored(db, id)).toMatchObject({ state: 'kept', request: { state: 'held' } });
    await db.request.update({ where: { id }, data: { state: 'kept' } });
    await markFetched(db, id, after(9));
    await markFetched(db, id, after(10)); // once more: nothing
    expect(await stored(db, id)).toMatchObject({
      state: 'delivered',
      deliveredAt: after(9),
      request: { state: 'delivered' },
    });
  });

  it('delivers a notice without touching the state it speaks of', async () => {
    const { db } = await open();
    for (const end of [
      (id: string) => markDelivered(db, id, 'bot', { channelId: 'c', messageId: 'm', now: start }),
      (id: string) => markKept(db, id, 'bot', { problem: 'dm.closed', now: start }),
    ]) {
      const { id } = await runningRequest(db);
      await finishRequest(db, id, { kind: 'failed', actor: 'bot', code: 'worker.lost' }, start);
      expect(await claimDelivery(db, 'bot', start)).toMatchObject({ requestId: id, kind: 'notice' });
      await end(id);
      expect((await stored(db, id)).request).toMatchObject({ state: 'failed', code: 'worker.lost' });
    }
  });

  it('has a result made smaller and tries again, or keeps it when that cannot be done', async () => {
    const { db } = await open();
    const [fits, cannot] = [await finishedRequest(db), await finishedRequest(db)];
    for (let turn = 0; turn < 2; turn++) {
      const claimed = await claimDelivery(db, 'bot', start);
      await askRefit(db, claimed!.requestId, 'bot', { sizeLimit: 8_000_000, problem: 'discord.too-large', now: start });
    }
    const both = [fits.id, cannot.id].sort().map((requestId) => ({ requestId, sizeLimit: 8_000_000 }));
    expect(await listRefits(db)).toEqual(both);
    expect(await claimDelivery(db, 'bot', start)).toBeUndefined();
    const file = { sha256: newSha256(), bytes: 7_000_000, mediaType: 'video/mp4' };
    const smaller = { file, outcome: { width: 480 } };
    expect(await finishRefit(db, fits.id, smaller, after(1))).toBe(true);
    expect(await finishRefit(db, fits.id, smaller, after(2))).toBe(false);
    expect(await claimDelivery(db, 'bot', after(1))).toMatchObject({
      requestId: fits.id,
      sizeLimit: 8_000_000,
      request: { resultSha256: file.sha256, outcome: { width: 480 } },
    });
    expect(await db.mediaReference.findMany({ where: { requestId: fits.id } })).toMatchObject([
      { role: 'result', sha256: file.sha256, expiresAt: fits.resultExpiresAt },
    ]);
    expect(await finishRefit(db, cannot.id, { problem: 'output.size-unreachable' }, after(1))).toBe(true);
    expect(await stored(db, cannot.id)).toMatchObject({
      state: 'kept',
      request: { state: 'kept', code: 'output.size-unreachable' },
    });
    expect(await listRefits(db)).toEqual([]);
  });

  it('leaves a result alone that was held or removed while it was sent', async () => {
    const { db } = await open();
    const [held, removed, refitted] = [await finishedRequest(db), await finishedRequest(db), await finishedRequest(db)];
    for (let turn = 0; turn < 3; turn++) await claimDelivery(db, 'bot', start);
    await changeState(db, held.id, 'held', { actor: 'moderator:m', now: start });
    await changeState(db, removed.id, 'removed', { actor: 'moderator:m', now: start });
    await markDelivered(db, held.id, 'bot', { messageId: 'm', now: start });
    await markKept(db, removed.id, 'bot', { problem: 'dm.closed', now: start });
    expect(await stored(db, held.id)).toMatchObject({ state: 'delivered', request: { state: 'held' } });
    expect(await stored(db, removed.id)).toMatchObject({ state: 'kept', request: { state: 'removed', code: null } });

    await askRefit(db, refitted.id, 'bot', { sizeLimit: 1000, problem: 'discord.too-large', now: start });
    await changeState(db, refitted.id, 'held', { actor: 'moderator:m', now: start });
    expect(await listRefits(db)).toEqual([]);
    expect(await finishRefit(db, refitted.id, { problem: 'output.size-unreachable' }, start)).toBe(true);
    expect(await stored(db, refitted.id)).toMatchObject({ state: 'kept', request: { state: 'held' } });
  });

  it('tells of a held result, once nothing of it is left to see, and anew when it is deleted, whoever is quicker', async () => {
    const { db } = await open();
    const due = (id: string) => claimDelivery(db, 'bot', after(hour)).then((claimed) => claimed?.requestId === id);
    const hold = (id: string) => inTransaction(db, (tx) => holdIn(tx, id, { actor: 'moderator:m', now: after(1) }));
    const remove = (id: string) =>
      inTransaction(db, (tx) =>
        removeResult(tx, id, { actor: 'moderator:m', code: 'queue.deleted-by-moderator', now: after(2) }),
      );
    const arrives = (id: string, told: RequestState) =>
      markDelivered(db, id, 'bot', { messageId: 'word', told, now: after(3) });
    const again = { kind: 'notice', state: 'waiting', place: 'interaction' };

    const { id: quick } = await finishedRequest(db);
    await hold(quick);
    expect(await due(quick)).toBe(true);
    await arrives(quick, 'held');
    expect(await stored(db, quick)).toMatchObject({ kind: 'notice', state: 'delivered', request: { state: 'held' } });
    await remove(quick);
    expect(await stored(db, quick)).toMatchObject(again);
    expect(await due(quick)).toBe(true);
    await arrives(quick, 'removed');
    expect(await stored(db, quick)).toMatchObject({ state: 'delivered' });

    const { id: slow } = await finishedRequest(db);
    await hold(slow);
    expect(await due(slow)).toBe(true);
    await remove(slow);
    expect(await stored(db, slow)).toMatchObject({ state: 'sending' });
    await arrives(slow, 'held');
    expect(await stored(db, slow)).toMatchObject(again);
    expect(await due(slow)).toBe(true);
    await arrives(slow, 'removed');

    // Released while the word about it is being sent: the result comes after it.
    for (const end of [
      (id: string) => arrives(id, 'held'),
      (id: string) => markKept(db, id, 'bot', { problem: 'discord-50007', told: 'held', now: after(3) }),
      (id: string) => moveToPlace(db, id, 'bot', { place: 'direct', problem: 'discord-10008', now: after(3) }),
      undefined,
    ]) {
      const { id } = await finishedRequest(db);
      await hold(id);
      expect(await due(id)).toBe(true);
      const by = { moderatorId: 'm', guildId: 'guild', reason: 'well', now: after(2) };
      expect(await releaseResult(db, id, by)).toBe('done');
      expect(await stored(db, id)).toMatchObject({
        kind: 'notice',
        state: 'sending',
        request: { state: 'delivering' },
      });
      await end?.(id);
      const claimed = await claimDelivery(db, 'bot', after(2 * hour));
      expect(claimed).toMatchObject({ requestId: id, kind: 'result', place: 'interaction', messageId: null });
      await arrives(id, 'delivering');
      expect(await stored(db, id)).toMatchObject({ state: 'delivered', request: { state: 'delivered' } });
    }

    // What Discord lets nobody take away is there, and must be found by whoever deletes it.
    for (const problem of ['discord-50001', undefined]) {
      const { id } = await finishedRequest(db);
      await due(id);
      await markDelivered(db, id, 'bot', { channelId: 'c', messageId: 'm', now: start });
      await hold(id);
      expect(await stored(db, id)).toMatchObject({ kind: 'result', messageId: 'm' });
      const by = { moderatorId: 'm', guildId: 'guild', reason: 'well', now: after(2) };
      expect(await releaseResult(db, id, by)).toBe('still-removing');
      const claimed = await claimRemoval(db, after(hour));
      if (problem === undefined) await db.delivery.update({ where: { requestId: id }, data: { messageId: null } });
      await endRemoval(db, claimed!, { now: after(hour), problem });
      expect(await stored(db, id)).toMatchObject(
        problem === undefined
          ? { kind: 'notice', state: 'waiting', place: 'direct' }
          : { kind: 'result', messageId: 'm' },
      );
    }

    // So is one that shows it as well: while everybody sees it, nobody is told that it is held back.
    for (const isPrivate of [false, true]) {
      const { id } = await finishedRequest(db);
      await due(id);
      await markDelivered(db, id, 'bot', { channelId: 'c', messageId: 'm', now: start });
      const answer = { applicationId: 'a', token: null, tokenExpiresAt: start, postedAt: start };
      await db.posting.create({ data: { ...answer, requestId: id, channelId: 'other', messageId: id, isPrivate } });
      await hold(id);
      const claimed = await claimRemoval(db, after(hour));
      await db.delivery.update({ where: { requestId: id }, data: { messageId: null, channelId: null } });
      await endRemoval(db, claimed!, { now: after(hour), problem: 'discord-50001' });
      expect(await stored(db, id)).toMatchObject({ kind: isPrivate ? 'notice' : 'result' });
    }
  });
});
