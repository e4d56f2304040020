/**
 * Whose face may be asked for: pure decisions, made when something is asked and once more when it is admitted. Whether what
 * was agreed to still holds, when the job starts and before and after its result is sent, stands in src/store/consents.ts.
 *
 * A member may agree for their own face, and may declare that a picture is an artwork or shows a person of history. Another
 * member's face may move when that member has said so themselves; that of somebody who is not on Discord only where the
 * operator and a moderator of the guild take it upon themselves. Where no face moves there is nobody to agree.
 */
import type { SubjectKind } from '../store/consents.ts';
import { Refusal } from './refusal.ts';

/** What the operator decides. */
export interface ConsentRules {
  /** How long somebody who is asked may take to answer, in milliseconds. */
  readonly answerMs: number;
  /** Whether moderators may approve the faces of people who are not on Discord. */
  readonly outsidersAllowed: boolean;
}

export interface SubjectFacts {
  readonly kind: SubjectKind;
  /** Whether the guild lets artworks and persons of history be declared. */
  readonly artworksAllowed: boolean;
  /** Whether the operator lets moderators approve the faces of people who are not on Discord. */
  readonly outsidersAllowed: boolean;
  /** Where such an approval can be asked for: the guild's log channel. */
  readonly hasLogChannel: boolean;
  readonly isInGuild: boolean;
  /** Whether anything moves a face: the camera alone does not. */
  readonly movesAFace: boolean;
  /** Faces in the picture, and whether all of them were chosen; absent while nobody has looked. */
  readonly faces?: { readonly found: number; readonly all: boolean } | undefined;
}

export function refuseSubject(facts: SubjectFacts): Refusal | undefined {
  const { kind, artworksAllowed, movesAFace, faces, isInGuild } = facts;
  if (kind === 'nobody') return movesAFace ? new Refusal('refusal.a-face-moves') : undefined;
  if (kind === 'artwork') return artworksAllowed ? undefined : new Refusal('refusal.artworks-not-allowed');
  if (kind === 'member' && !isInGuild) return new Refusal('refusal.member-in-guild');
  if (kind === 'outsider') {
    if (!facts.outsidersAllowed || !isInGuild) return new Refusal('refusal.consent-outsider');
    if (!facts.hasLogChannel) return new Refusal('refusal.no-approval-here');
  }
  // Nobody has more than one face, and one agrees for one.
  const severalChosen = movesAFace && faces !== undefined && faces.all && faces.found > 1;
  return severalChosen ? new Refusal(kind === 'self' ? 'refusal.only-your-face' : 'refusal.one-face') : undefined;
}

/** Somebody who is named as the one whose face it is. */
export interface NamedMember {
  readonly id: string;
  readonly isBot: boolean;
  /** Whether they are a member of the guild that it is asked in. */
  readonly isHere: boolean;
}

/** Whether that member can be asked, or be agreed with, at all. */
export function refuseNamed(named: NamedMember, byWhom: string): Refusal | undefined {
  if (named.isBot) return new Refusal('refusal.bots-not-asked');
  if (!named.isHere) return new Refusal('refusal.member-not-here');
  return named.id === byWhom ? new Refusal('refusal.ask-yourself') : undefined;
}

/** What there was between two members so far. */
export interface AskingHistory {
  /** The member does not want to be asked by this one again. */
  readonly refusedForGood: boolean;
  /** Times at which the requester asked this member in the last 24 hours, oldest first; answered with yes they do not count. */
  readonly byRequester: readonly Date[];
  /** The same by anybody. */
  readonly byAnybody: readonly Date[];
}

/** In 24 hours. Each is a message that pings: declined or given up it is still one. */
export const mostQuestionsOfOne = 3;
export const mostQuestionsOfAll = 10;

const dayMs = 24 * 3_600_000;

/** Whether a member may be asked once more. */
export function refuseQuestion({ refusedForGood, byRequester, byAnybody }: AskingHistory): Refusal | undefined {
  if (refusedForGood) return new Refusal('refusal.not-to-be-asked');
  for (const [asked, most] of [
    [byRequester, mostQuestionsOfOne],
    [byAnybody, mostQuestionsOfAll],
  ] as const) {
    const first = asked.at(-most);
    if (first !== undefined) {
      return new Refusal('refusal.asked-too-often', { freesAt: new Date(first.getTime() + dayMs) });
    }
  }
  return undefined;
}
