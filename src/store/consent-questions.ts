/**
 * Agreements that somebody else than the requester decides: asked, answered, given beforehand, run out. A question belongs to
 * one request, which waits in `asking` for it, and both change in one transaction.
 */
import { randomUUID } from 'node:crypto';

import { changeConsent, createConsent, endQuestion } from './consent-changes.ts';
import { consentMs } from './consents.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { endUnsuccessfully } from './requests.ts';
import type { Consent, Request } from './rows.ts';
import { changeStateIn, readRequest } from './state-change.ts';
import { IllegalTransition } from './request-states.ts';

export interface NewQuestion {
  readonly requestId: string;
  readonly kind: 'member' | 'outsider';
  /** Who is asked; absent for outsiders, where a moderator is. */
  readonly subjectId?: string | undefined;
  readonly photoSha256: string;
  readonly declared?: string | undefined;
  readonly textVersion: string;
  /** In which language it is asked. */
  readonly textLocale: string;
  /** Silence until then is a no. */
  readonly answerBy: Date;
  readonly now: Date;
}

/**
 * Writes a question down with its request, which then waits in `asking`. A request that has one already keeps it. Throws
 * IllegalTransition when it was stopped meanwhile.
 */
export function askConsent(db: Database, question: NewQuestion): Promise<Consent> {
  const { requestId, now, subjectId = null, declared = null, ...fields } = question;
  return inTransaction(
    db,
    async (tx) => {
      const request = await readRequest(tx, requestId);
      if (request.consentId !== null) return tx.consent.findUniqueOrThrow({ where: { id: request.consentId } });
      const { requesterId, guildId } = request;
      const asked = {
        ...fields,
        ...({ id: randomUUID(), scope: 'photo', state: 'asked' } as const),
        ...{ requesterId, guildId, subjectId, declared, askedAt: now },
      };
      const consent = await createConsent(tx, asked, { actor: `member:${requesterId}`, now });
      const change = { actor: 'bot', now, from: ['received'], set: { consentId: consent.id } } as const;
      await changeStateIn(tx, requestId, 'asking', change);
      return consent;
    },
    [`consent of ${requestId}`],
  );
}

export interface Answer {
  /** `photo`: this once; `requester`: for whatever this requester asks here, for thirty days (a no: for good). */
  readonly scope: 'photo' | 'requester';
  /** Who answers: the member, or a moderator in an outsider's place. */
  readonly by: { readonly role: 'member' | 'moderator'; readonly id: string };
  readonly now: Date;
}

/** A question that was answered, with the request that waited for it. */
export interface Answered {
  readonly consent: Consent;
  readonly request: Request;
}

/** With yes: the request is taken in again. Undefined when it was answered or ended before, or its time is over. */
export function acceptConsent(db: Database, id: string, { scope, by, now }: Answer, also?: Also) {
  const actor = `${by.role}:${by.id}`;
  return settle(db, { id, isInTimeAt: now }, async (tx, request) => {
    const expiresAt = new Date(now.getTime() + consentMs);
    const set = { scope, decidedAt: now, decidedBy: by.id, expiresAt };
    const consent = await changeConsent(tx, id, 'given', { actor, now, from: ['asked'], set });
    if (consent === undefined) return undefined;
    await also?.(tx, request);
    return { consent, request: await changeStateIn(tx, request.id, 'received', { actor, now, from: ['asking'] }) };
  });
}

/** With no: the request ends by `code`, and its requester is told. Undefined as for yes. */
export function refuseConsent(
  db: Database,
  id: string,
  { scope, by, now, code }: Answer & { readonly code: string },
  also?: Also,
) {
  const actor = `${by.role}:${by.id}`;
  return settle(db, { id, isInTimeAt: now }, async (tx, request) => {
    const set = { scope, decidedAt: now, decidedBy: by.id };
    const consent = await changeConsent(tx, id, 'refused', { actor, now, from: ['asked'], set });
    if (consent === undefined) return undefined;
    await also?.(tx, request);
    const end = { kind: 'refused', actor, code, from: ['asking'] } as const;
    return { consent, request: await endUnsuccessfully(tx, request.id, end, now) };
  });
}

/** What goes into the same transaction. */
type Also = (tx: Transaction, request: Request) => Promise<void>;

/** @param question with `isInTimeAt` it is settled already when its time is over then, though nobody has ended it yet. */
async function settle(
  db: Database,
  { id, isInTimeAt }: { readonly id: string; readonly isInTimeAt?: Date },
  change: (tx: Transaction, request: Request) => Promise<Answered | undefined>,
): Promise<Answered | undefined> {
  try {
    return await inTransaction(db, async (tx) => {
      const request = await tx.request.findFirst({
        where: { consentId: id, state: 'asking' },
        include: { consent: true },
      });
      const answerBy = request?.consent?.answerBy ?? undefined;
      if (isInTimeAt !== undefined && answerBy !== undefined && answerBy <= isInTimeAt) return undefined;
      return request === null ? undefined : change(tx, request);
    });
  } catch (error) {
    // Stopped between the two.
    if (error instanceof IllegalTransition) return undefined;
    throw error;
  }
}

/**
 * Ends the questions whose time is over, the oldest first; the requesters are told. One for which no request waits ends too, or
 * it would stand in the way of the others. Resolves to the ids of the requests.
 */
export async function endLateQuestions(
  db: Database,
  now: Date,
  codeOf: (kind: Consent['kind']) => string,
): Promise<string[]> {
  const late = await db.consent.findMany({
    where: { state: 'asked', answerBy: { lte: now } },
    orderBy: { answerBy: 'asc' },
    take: 100,
  });
  const ended: string[] = [];
  for (const { id, kind } of late) {
    const answered = await settle(db, { id }, async (tx, request) => {
      const consent = await changeConsent(tx, id, 'expired', { actor: 'bot', now, from: ['asked'] });
      if (consent === undefined) return undefined;
      const end = { kind: 'cancelled', actor: 'bot', code: codeOf(kind), from: ['asking'] } as const;
      return { consent, request: await endUnsuccessfully(tx, request.id, end, now) };
    });
    if (answered !== undefined) ended.push(answered.request.id);
    else await inTransaction(db, (tx) => endQuestion(tx, id, { actor: 'bot', now }));
  }
  return ended;
}

/** Notes which message asks. False when the question has ended meanwhile: then the message is to be taken away. */
export async function noteConsentMessage(
  db: Database,
  id: string,
  message: { readonly channelId: string; readonly messageId: string },
): Promise<boolean> {
  const { state } = await db.consent.update({ where: { id }, data: message });
  return state === 'asked';
}

/**
 * Questions that an earlier process wrote down and of which no message is known: nobody could answer them so far, so the time for
 * it begins now. To be called before anything is asked or ended.
 */
export async function renewUnasked(db: Database, answerBy: Date): Promise<void> {
  const waits = { requests: { some: { state: 'asking' as const } } };
  await db.consent.updateMany({ where: { state: 'asked', messageId: null, ...waits }, data: { answerBy } });
}

/** Messages that still ask what is settled, found by their index: few rows have one. */
export function settledQuestions(db: Database): Promise<Consent[]> {
  return db.consent.findMany({ where: { state: { not: 'asked' }, messageId: { gt: '' } }, take: 50 });
}

/** The message that asked is gone. */
export async function forgetConsentMessage(db: Database, { id, messageId }: Consent): Promise<void> {
  await db.consent.updateMany({ where: { id, messageId }, data: { messageId: null, channelId: null } });
}

export interface Gift {
  readonly subjectId: string;
  readonly requesterId: string;
  readonly guildId: string;
  readonly textVersion: string;
  readonly textLocale: string;
  readonly now: Date;
}

/**
 * An agreement that a member gives unasked: for whatever this requester asks in this guild, for thirty days. One that was given
 * by the same text and still holds lasts longer by it, so that there are never two to take back.
 */
export function giveConsent(db: Database, { now, ...fields }: Gift): Promise<Consent> {
  const { subjectId, requesterId, guildId } = fields;
  const times = { askedAt: now, decidedAt: now, decidedBy: subjectId, expiresAt: new Date(now.getTime() + consentMs) };
  const kinds = { kind: 'member', scope: 'requester', state: 'given' } as const;
  const given = { ...fields, ...times, ...kinds, id: randomUUID() };
  const actor = `member:${subjectId}`;
  return inTransaction(
    db,
    async (tx) => {
      const before = await tx.consent.findFirst({
        where: { ...fields, ...kinds, photoSha256: null, expiresAt: { gt: now } },
        orderBy: { decidedAt: 'desc' },
      });
      const { decidedAt, expiresAt } = times;
      const change = { actor, now, from: ['given'], set: { decidedAt, expiresAt } } as const;
      const renewed = before === null ? undefined : await changeConsent(tx, before.id, 'given', change);
      return renewed ?? createConsent(tx, given, { actor, now });
    },
    [`gift of ${subjectId} to ${requesterId} in ${guildId}`],
  );
}
