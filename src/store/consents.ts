/**
 * Whose face may move: a row for each agreement, with the text that was agreed to, and whether it covers a request now. The
 * one decision that is made when a job starts and again before its result is sent; who may agree to what in the first place
 * stands in src/policy/consent.ts.
 */
import { randomUUID } from 'node:crypto';

import { createConsent } from './consent-changes.ts';
import type { Database, Transaction } from './database.ts';
import { guildSettings } from './guild-settings.ts';
import type { Consent, ConsentKind, Request } from './rows.ts';

/** Whose face a request may say it is about: as `Consent.kind` has it, or nobody's, of which nothing is written down. */
export const subjectKinds = ['self', 'artwork', 'member', 'outsider', 'nobody'] as const satisfies readonly (
  ConsentKind | 'nobody'
)[];
export type SubjectKind = (typeof subjectKinds)[number];

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

/** An agreement is worth that long, in milliseconds. */
export const consentMs = 30 * 24 * 3_600_000;

/** Writes an agreement down as given, in the transaction that lets its request go on. Resolves to its id. */
export async function recordConsent(tx: Transaction, consent: NewConsent): Promise<string> {
  const { subjectId = null, declared = null, now, ...fields } = consent;
  const given = {
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
  } as const;
  const { id } = await createConsent(tx, given, { actor: `member:${consent.requesterId}`, now });
  return id;
}

/**
 * Why a request may not go on: there is no agreement to it, one that no longer holds, or one that the guild no longer takes; or
 * it is made from an animation that may not be shown itself.
 */
export type ConsentFault = 'missing' | 'ended' | 'not-allowed' | 'source';

type Asked = Pick<Request, 'command' | 'requesterId' | 'guildId' | 'inputSha256'> & { readonly parameters: unknown };

export interface Circumstances {
  readonly now: Date;
  /** Whether the guild lets artworks and persons of history be declared, at this moment. */
  readonly artworksAllowed: boolean;
}

/** Whether `consent` covers what was asked; undefined when all is well. Only faces that move need one. */
export function consentFault(
  asked: Asked,
  consent: Consent | null,
  { now, artworksAllowed }: Circumstances,
): ConsentFault | undefined {
  if (asked.command !== 'animate') return undefined;
  if (consent === null) return movesAFace(asked.parameters) ? 'missing' : undefined;
  const { state, revokedAt, expiresAt, kind } = consent;
  if (!isOfThis(asked, consent) || !isDecidedRightly(consent) || state === 'asked' || state === 'refused') {
    return 'missing';
  }
  const isOver = expiresAt !== null && expiresAt.getTime() <= now.getTime();
  if (state !== 'given' || revokedAt !== null || isOver) return 'ended';
  return kind === 'artwork' && !artworksAllowed ? 'not-allowed' : undefined;
}

/** Whether it was given for what is asked: this requester here, and this picture or any of theirs, of this member. */
function isOfThis(asked: Asked, { requesterId, guildId, photoSha256, scope, kind, subjectId }: Consent): boolean {
  const isTheirs = requesterId === asked.requesterId && guildId === asked.guildId;
  const isItsPicture = scope === 'requester' || photoSha256 === asked.inputSha256;
  const { subject } = (asked.parameters ?? {}) as { readonly subject?: { readonly memberId?: unknown } };
  const isOfThem = kind !== 'member' || subject?.memberId === subjectId;
  return isTheirs && isItsPicture && isOfThem;
}

/** Nobody agrees for another's face by calling it their own, answers in another's place, or approves what they ask for. */
function isDecidedRightly({ kind, subjectId, requesterId, decidedBy }: Consent): boolean {
  switch (kind) {
    case 'self':
      return subjectId === requesterId;
    case 'member':
      return subjectId !== null && subjectId !== requesterId && decidedBy === subjectId;
    case 'artwork':
      return true;
    case 'outsider':
      return decidedBy !== null && decidedBy !== requesterId;
  }
}

/**
 * Whether what `/animate` was asked (src/queue/job.ts) moves a face, so that somebody must agree: the camera alone does not.
 * Parameters that cannot be read are taken to.
 */
export function movesAFace(parameters: unknown): boolean {
  if (typeof parameters !== 'object' || parameters === null) return true;
  const { motion, driven } = parameters as { readonly motion?: unknown; readonly driven?: unknown };
  return motion !== 'none' || driven !== undefined;
}

/** The same for a request as it stands in the database, with the animation that it is made from. */
export async function findConsentFault(
  db: Database,
  asked: Asked & Pick<Request, 'consentId' | 'madeFromId'>,
  now: Date,
): Promise<ConsentFault | undefined> {
  const { consentId, guildId } = asked;
  if (await isSourceGone(db, asked, now)) return 'source';
  const consent = consentId === null ? null : await db.consent.findUnique({ where: { id: consentId } });
  const settings = guildId === null || consent?.kind !== 'artwork' ? undefined : await guildSettings(db, guildId);
  return consentFault(asked, consent, { now, artworksAllowed: settings?.artworksAllowed ?? true });
}

/** Whether the animation that a request is made from may not be shown itself: held, removed, or not agreed to any more. */
export async function isSourceGone(
  db: Database,
  { madeFromId, requesterId }: Pick<Request, 'madeFromId' | 'requesterId'>,
  now: Date,
): Promise<boolean> {
  if (madeFromId === null) return false;
  const source = await db.request.findUnique({ where: { id: madeFromId }, include: { consent: true } });
  if (source === null) return false;
  if (source.state === 'held' || source.state === 'removed') return true;
  const { consent, createdAt } = source;
  // That its time is over is no matter to who could say the same again, by themselves.
  const isTheirWord = consent?.kind === 'artwork' || consent?.subjectId === requesterId;
  return (await findConsentFault(db, source, isTheirWord ? createdAt : now)) !== undefined;
}
