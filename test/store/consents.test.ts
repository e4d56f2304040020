/** Agreements to animate a face: what is written down, and every way in which one does not cover a request. */
import { describe, expect, it } from 'vitest';

import { consentsOf, consentsToOthers, idsOfConsents, standingConsent } from '../../src/store/consent-lookups.ts';
import { acceptConsent, askConsent, endLateQuestions, giveConsent } from '../../src/store/consent-questions.ts';
import { consentFault, findConsentFault, recordConsent } from '../../src/store/consents.ts';
import { inTransaction } from '../../src/store/database.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { claimAnswer } from '../../src/store/member-requests.ts';
import { IllegalTransition } from '../../src/store/request-states.ts';
import { revokeConsents } from '../../src/store/revocations.ts';
import { changeStateIn } from '../../src/store/state-change.ts';
import { createRequest } from '../../src/store/requests.ts';
import type { Consent } from '../../src/store/rows.ts';
import { onEachDatabase } from './databases.ts';
import { after, hour, newRequest, newSha256, start } from './fixtures.ts';

const photo = newSha256();
const asked = {
  command: 'animate',
  requesterId: 'member',
  guildId: 'guild',
  inputSha256: photo,
  parameters: { motion: 'smile' },
} as const;
const given: Consent = {
  id: 'consent',
  kind: 'self',
  scope: 'photo',
  state: 'given',
  subjectId: 'member',
  requesterId: 'member',
  guildId: 'guild',
  photoSha256: photo,
  declared: null,
  textVersion: '1',
  textLocale: 'en',
  askedAt: start,
  decidedAt: start,
  decidedBy: 'member',
  expiresAt: after(hour),
  revokedAt: null,
  answerBy: null,
  channelId: null,
  messageId: null,
};

describe('an agreement', () => {
  it.each<[string, Partial<Consent>, 'missing' | 'ended' | undefined]>([
    ['as it was given', {}, undefined],
    ['without an end', { expiresAt: null }, undefined],
    ['of another requester', { requesterId: 'other' }, 'missing'],
    ['in another guild', { guildId: 'other' }, 'missing'],
    ['in direct messages', { guildId: null }, 'missing'],
    ['to another picture', { photoSha256: newSha256() }, 'missing'],
    ['to no picture in particular', { photoSha256: null }, 'missing'],
    ['that was asked for and not given', { state: 'asked' }, 'missing'],
    ['that was refused', { state: 'refused' }, 'missing'],
    ['that was taken back', { state: 'revoked', revokedAt: start }, 'ended'],
    ['taken back by its time alone', { revokedAt: start }, 'ended'],
    ['that ran out', { expiresAt: after(1000) }, 'ended'],
    ['that was found to have run out', { state: 'expired' }, 'ended'],
    ['for the face of somebody else, as one’s own', { subjectId: 'other' }, 'missing'],
    ['for nobody’s face in particular, as one’s own', { subjectId: null }, 'missing'],
    ['as a declaration of an artwork', { kind: 'artwork', subjectId: null }, undefined],
  ])('%s', (_what, fields, fault) => {
    const at = { now: after(1000), artworksAllowed: true };
    expect(consentFault(asked, { ...given, ...fields }, at)).toBe(fault);
  });

  it('to an artwork no longer counts where they were turned off', () => {
    const at = { now: after(1), artworksAllowed: false };
    expect(consentFault(asked, { ...given, kind: 'artwork', subjectId: null }, at)).toBe('not-allowed');
    expect(consentFault(asked, given, at)).toBeUndefined();
  });

  it('is needed for faces that move, and for nothing else', () => {
    const at = { now: start, artworksAllowed: true };
    expect(consentFault(asked, null, at)).toBe('missing');
    expect(consentFault({ ...asked, command: 'restore' }, null, at)).toBeUndefined();
    expect(consentFault({ ...asked, parameters: { motion: 'none' } }, null, at)).toBeUndefined();
    for (const parameters of [{ motion: 'none', driven: 'driver' }, {}, null]) {
      expect(consentFault({ ...asked, parameters }, null, at)).toBe('missing');
    }
  });
});

onEachDatabase(({ open }) => {
  it('is written with the request that it lets go on, or not at all', async () => {
    const { db } = await open();
    const { request } = await createRequest(db, newRequest({ command: 'animate' }));
    const consent = {
      ...({ kind: 'self', requesterId: 'member', subjectId: 'member', guildId: 'guild', photoSha256: photo } as const),
      ...{ textVersion: '1', textLocale: 'fr', now: start },
    };
    const goOn = () =>
      inTransaction(db, async (tx) => {
        const consentId = await recordConsent(tx, consent);
        const set = { consentId, inputSha256: photo };
        return changeStateIn(tx, request.id, 'waiting', { actor: 'bot', now: start, from: ['received'], set });
      });
    const waiting = await goOn();
    const row = await db.consent.findUniqueOrThrow({ where: { id: waiting.consentId! } });
    expect(row).toMatchObject({
      ...{ kind: 'self', scope: 'photo', state: 'given', subjectId: 'member', declared: null },
      ...{ textVersion: '1', textLocale: 'fr', askedAt: start, decidedAt: start, decidedBy: 'member' },
      expiresAt: after(30 * 24 * hour),
    });
    expect(await findConsentFault(db, waiting, after(1))).toBeUndefined();
    await expect(goOn()).rejects.toThrow();
    expect(await db.consent.count()).toBe(1);
    await db.consent.update({ where: { id: row.id }, data: { state: 'revoked', revokedAt: after(2) } });
    expect(await findConsentFault(db, waiting, after(3))).toBe('ended');
    expect(await findConsentFault(db, { ...waiting, consentId: null }, after(3))).toBe('missing');

    const artwork = { kind: 'artwork', state: 'given', revokedAt: null, subjectId: null } as const;
    await db.consent.update({ where: { id: row.id }, data: artwork });
    expect(await findConsentFault(db, waiting, after(3))).toBeUndefined();
    const by = { moderatorId: '1', now: after(3) };
    await changeGuildSettings(db, 'guild', { artworksAllowed: false }, by);
    expect(await findConsentFault(db, waiting, after(4))).toBe('not-allowed');
  });
});

onEachDatabase(({ open }) => {
  const newDb = async () => (await open()).db;
  type Db = Awaited<ReturnType<typeof newDb>>;
  const codeOf = () => 'queue.consent-unanswered';
  const question = async (db: Db, answerBy: Date) => {
    const { request } = await createRequest(db, newRequest({ command: 'animate' }));
    const texts = { photoSha256: photo, textVersion: '1', textLocale: 'en' };
    const whom = { requestId: request.id, kind: 'member', subjectId: 'bernard' } as const;
    return { request, consent: await askConsent(db, { ...whom, ...texts, answerBy, now: start }) };
  };

  it('is not given by a yes that comes too late, whoever notices first', async () => {
    const db = await newDb();
    const { request, consent } = await question(db, after(hour));
    const by = { role: 'member', id: 'bernard' } as const;
    expect(await acceptConsent(db, consent.id, { scope: 'photo', by, now: after(hour) })).toBeUndefined();
    expect(await db.request.findUnique({ where: { id: request.id } })).toMatchObject({ state: 'asking' });
    expect(await endLateQuestions(db, after(hour), codeOf)).toEqual([request.id]);
    const other = await question(db, after(hour));
    expect(await acceptConsent(db, other.consent.id, { scope: 'photo', by, now: after(hour - 1) })).toBeDefined();
  });

  it('cannot be had by answering in the place of the one who is asked', async () => {
    const db = await newDb();
    const { request, consent } = await question(db, after(hour));
    const reply = { token: 'secret', tokenExpiresAt: after(hour), uploadLimit: 1, isPrivate: false, messageId: null };
    const answer = claimAnswer(db, request.id, { parameters: {}, reply }, { actor: 'member:1', now: after(1) });
    await expect(answer).rejects.toThrow(IllegalTransition);
    expect(await db.request.findUnique({ where: { id: request.id } })).toMatchObject({ state: 'asking' });
    // One for which nothing waits any more ends with the others.
    await db.request.update({ where: { id: request.id }, data: { state: 'failed' } });
    expect(await endLateQuestions(db, after(hour), codeOf)).toEqual([]);
    expect(await db.consent.findUnique({ where: { id: consent.id } })).toMatchObject({ state: 'expired' });
  });

  it('is one, however often it is given, and is found among many of one’s own', async () => {
    const db = await newDb();
    const gift = { subjectId: 'bernard', requesterId: 'alice', guildId: 'guild', textVersion: '2', textLocale: 'en' };
    const [one, two] = await Promise.all([1, 2].map((at) => giveConsent(db, { ...gift, now: after(at) })));
    expect(two!.id).toBe(one!.id);
    for (let own = 0; own < 30; own += 1) {
      const self = { kind: 'self', requesterId: 'bernard', subjectId: 'bernard', guildId: 'guild' } as const;
      const texts = { photoSha256: photo, textVersion: '2', textLocale: 'en', now: after(1000 + own) };
      await inTransaction(db, (tx) => recordConsent(tx, { ...self, ...texts }));
    }
    const seen = await consentsOf(db, 'bernard', 20, after(hour));
    expect([seen.length, seen[0]!.id]).toEqual([20, one!.id]);
    expect((await consentsToOthers(db, 'bernard', 20, after(hour))).map(({ id }) => id)).toEqual([one!.id]);
    expect(await consentsToOthers(db, 'bernard', 20, after(31 * 24 * hour))).toEqual([]);
    expect(await idsOfConsents(db, 'bernard', 500)).toHaveLength(31);
  });

  it('for thirty days is taken back as a whole, however often it was said; others stay', async () => {
    const db = await newDb();
    const by = { role: 'member', id: 'bernard' } as const;
    const accept = async (scope: 'photo' | 'requester') => {
      const { consent, request } = await question(db, after(hour));
      const answered = await acceptConsent(db, consent.id, { scope, by, now: after(1) });
      return { id: answered!.consent.id, request };
    };
    const [one, two, photoAlone] = [await accept('requester'), await accept('requester'), await accept('photo')];
    const { requesterId, guildId } = one.request;
    const between = { subjectId: 'bernard', requesterId, guildId: guildId! };
    const gift = { subjectId: 'bernard', textVersion: '2', textLocale: 'en', now: after(2) };
    const given = await giveConsent(db, { ...gift, requesterId, guildId: guildId! });
    const elsewhere = await giveConsent(db, { ...gift, requesterId, guildId: 'elsewhere' });
    const toAnother = await giveConsent(db, { ...gift, requesterId: 'another', guildId: guildId! });
    // One whose time is over allows nothing: what was made under it is taken back by itself.
    const over = await giveConsent(db, { ...gift, requesterId, guildId: guildId!, textVersion: '1' });
    await db.consent.update({ where: { id: over.id }, data: { expiresAt: after(3) } });

    const change = { subjectId: 'bernard', code: 'queue.consent-ended', now: after(hour / 2) };
    const stateOf = async (id: string) => (await db.consent.findUniqueOrThrow({ where: { id } })).state;
    expect(await revokeConsents(db, [over.id], change)).toMatchObject({ consents: 1 });
    expect(await stateOf(given.id)).toBe('given');
    const revoked = await revokeConsents(db, [two.id, one.id], change);
    expect(revoked.consents).toBe(3);
    expect(revoked.requests.map(({ id }) => id).sort()).toEqual([one.request.id, two.request.id].sort());
    const key = new Uint8Array(32);
    expect(await standingConsent(db, between, { key, now: after(hour / 2) })).toBeUndefined();
    expect(await Promise.all([one, two, given].map(({ id }) => stateOf(id)))).toEqual(Array(3).fill('revoked'));
    const others = [photoAlone, elsewhere, toAnother];
    expect(await Promise.all(others.map(({ id }) => stateOf(id)))).toEqual(Array(3).fill('given'));
    // What is taken back already stands in the way of nothing that is given later.
    const later = await giveConsent(db, { ...gift, requesterId, guildId: guildId!, now: after(hour) });
    expect(await revokeConsents(db, [one.id], { ...change, now: after(hour) })).toMatchObject({ consents: 0 });
    expect(await stateOf(later.id)).toBe('given');
  });
});
