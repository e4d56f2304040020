/**
 * Whose face may move: a row for each agreement, with the text that was agreed to, and whether it covers a request now. The
 * one decision that is made when a job starts and again before its result is sent; who may agree to what in the first place
 * stands in src/policy/consent.ts.
 */
import { randomUUID } from 'node:crypto';

import type { Database, Transaction } from './database.ts';
import type { Consent, ConsentKind, Request } from './rows.ts';

/** An agreement given by whoever asks. */
export interface NewConsent {
  readonly kind: ConsentKind;
  readonly requesterId: string;
  /** The member whose face it is; absent for artworks and outsiders. */
  readonly subjectId?: string | undefined;
  /** null in direct messages. */
  readonly guildId: string | null;
  readonly photoSha256: string;
  /** Which artwork or person, in the requester's words. */
  readonly declared?: string | undefined;
  /** Which text was shown, and in which language. */
  readonly textVersion: string;
  readonly textLocale: string;
  readonly now: Date;
}

/** An agreement to one photograph is worth that long, in milliseconds. */
const consentMs = 30 * 24 * 3_600_000;

/** Writes an agreement down as given, in the transaction that lets its request go on. Resolves to its id. */
export async function recordConsent(tx: Transaction, consent: NewConsent): Promise<string> {
  const { subjectId = null, declared = null, now, ...fields } = consent;
  const { id } = await tx.consent.create({
    data: {
      ...fields,
      id: randomUUID(),
      scope: 'photo',
      state: 'given',
      subjectId,
      declared,
      askedAt: now,
      decidedAt: now,
      decidedBy: consent.requesterId,
      expiresAt: new Date(now.getTime() + consentMs),
    },
  });
  return id;
}

/** Why a request may not go on: there is no agreement to it, or one that no longer holds. */
export type ConsentFault = 'missing' | 'ended';

type Asked = Pick<Request, 'command' | 'requesterId' | 'guildId' | 'inputSha256'>;

/** Whether `consent` covers what was asked, at `now`; undefined when all is well. Only faces need one. */
export function consentFault(asked: Asked, consent: Consent | null, now: Date): ConsentFault | undefined {
  if (asked.command !== 'animate') return undefined;
  if (consent === null) return 'missing';
  const { requesterId, guildId, photoSha256, state, revokedAt, expiresAt } = consent;
  const isOfThis = requesterId === asked.requesterId && guildId === asked.guildId && photoSha256 === asked.inputSha256;
  if (!isOfThis || state === 'asked' || state === 'refused') return 'missing';
  const isOver = expiresAt !== null && expiresAt.getTime() <= now.getTime();
  return state !== 'given' || revokedAt !== null || isOver ? 'ended' : undefined;
}

/** The same for a request as it stands in the database. */
export async function findConsentFault(
  db: Database,
  asked: Asked & Pick<Request, 'consentId'>,
  now: Date,
): Promise<ConsentFault | undefined> {
  const { consentId } = asked;
  const consent = consentId === null ? null : await db.consent.findUnique({ where: { id: consentId } });
  return consentFault(asked, consent, now);
}
