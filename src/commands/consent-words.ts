/** What `/consent status` and `/consent who-has-mine` say. Pure: from rows to a message. */
import type { APIComponentInContainer } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, row, text } from '../discord/message.ts';
import { linesWithin, messageRoom } from '../discord/shorten.ts';
import { stamp } from '../discord/timestamps.ts';
import { person } from '../discord/usage-words.ts';
import type { Translate } from '../locale.ts';
import type { ConsentWithRequests, MadeUnder } from '../store/consent-lookups.ts';
import type { Consent } from '../store/rows.ts';

const day = (date: Date | null): string => (date === null ? '–' : stamp(date, 'D'));

/** Where a message of Discord's can be looked at. */
export const messageLink = (guildId: string | null, channelId: string, messageId: string): string =>
  `https://discord.com/channels/${guildId ?? '@me'}/${channelId}/${messageId}`;

export interface StatusView {
  readonly memberId: string;
  readonly gave: readonly Consent[];
  /** Asked of them, or by them. */
  readonly questions: readonly Consent[];
  readonly refused: readonly Consent[];
  readonly now: Date;
  /** Of each, so many are shown, with a word that there are more. */
  readonly most: number;
}

export function statusMessage({ memberId, gave, questions, refused, now, most }: StatusView, t: Translate): Message {
  const ofThem = questions.filter(({ subjectId }) => subjectId === memberId);
  const byThem = questions.filter(({ subjectId }) => subjectId !== memberId);
  const parts = [
    part(
      t('consent.status.gave'),
      cut(
        gave.map((consent) => gaveLine(consent, now, t)),
        most,
        t,
      ),
    ),
    part(
      t('consent.status.asked-of-you'),
      cut(
        ofThem.map((consent, at) => askedLine(consent, at + 1, t)),
        most,
        t,
      ),
    ),
    part(
      t('consent.status.asked-by-you'),
      byThem.map(({ subjectId, answerBy }) => {
        const when = stamp(answerBy ?? now);
        if (subjectId === null) return t('consent.status.moderators', { when });
        return t('consent.status.asked-by-you-line', { subject: person(subjectId, t), when });
      }),
    ),
    part(
      t('consent.status.not-asked'),
      cut(
        refused.map(({ requesterId }) => person(requesterId, t)),
        most,
        t,
      ),
    ),
  ].flat();
  if (parts.length === 0) return told([t('consent.status.nothing')], t);
  const lines = [...parts, ...(gave.length > 0 ? [`-# ${t('consent.status.foot')}`] : [])];
  return told(lines, t, lookButtons(ofThem.slice(0, most), t));
}

/** Each shows its question with the buttons that answer it, to the member alone: the message that asked may be gone. */
function lookButtons(questions: readonly Consent[], t: Translate): APIComponentInContainer[] {
  const buttons = questions.map(({ id }, at) => {
    return button(writeCustomId('consent-look', id), t('consent.status.look', { number: at + 1 }));
  });
  const rows = Math.ceil(buttons.length / inRow);
  return Array.from({ length: rows }, (_, at) => row(...buttons.slice(at * inRow, (at + 1) * inRow)));
}

export interface WhoHasView extends Pick<StatusView, 'now' | 'most'> {
  /** Whether a channel is one of the guild's that the bot knows: others cannot be linked to. */
  readonly isHere: (guildId: string, channelId: string) => boolean;
}

const placesInLine = 5;
/** Discord puts five buttons in a row. */
const inRow = 5;

/** Who else has a consent of theirs, with what was made under it and where it is. */
export function whoHasMessage(given: readonly ConsentWithRequests[], view: WhoHasView, t: Translate): Message {
  const { now, most } = view;
  const others = given.filter(({ kind, requests, expiresAt }) => {
    const holds = expiresAt === null || expiresAt > now;
    return kind === 'member' && (holds || requests.some((request) => isThere(request, now)));
  });
  if (others.length === 0) return told([t('consent.who.nobody')], t);
  const lines = others.slice(0, most).flatMap((consent) => {
    const made = consent.requests
      .filter((request) => isThere(request, now))
      .flatMap((request) => {
        const places = whereOf(request, view, t);
        // Lines that are too long for what room is left are lost whole.
        const lines = Math.ceil(places.length / placesInLine);
        return Array.from({ length: lines }, (_, at) => {
          const where = places.slice(at * placesInLine, (at + 1) * placesInLine).join(', ');
          return `  - ${t('consent.who.made', { when: day(request.createdAt), where })}`;
        });
      });
    return [`- ${gaveWords(consent, now, t)}`, ...(made.length > 0 ? made : [`  - ${t('consent.who.nothing-made')}`])];
  });
  const more = given.length > most ? [moreLine(t)] : [];
  return told([`### ${t('consent.who.title')}`, ...lines, ...more, `-# ${t('consent.who.foot')}`], t);
}

/** Requests of which there is, or will be, something to be seen. */
function isThere({ state, resultExpiresAt }: MadeUnder, now: Date): boolean {
  // A message stays when the file's time is over.
  if (state === 'kept') return resultExpiresAt === null || resultExpiresAt > now;
  return !['refused', 'failed', 'cancelled', 'removed'].includes(state);
}

/** One place in each: a link, or words where the member cannot go. */
function whereOf(
  { state, delivery, postings, guildId, reply }: MadeUnder,
  { isHere }: Pick<WhoHasView, 'isHere'>,
  t: Translate,
): string[] {
  if (state !== 'kept' && state !== 'delivered' && state !== 'held') return [t('consent.who.under-way')];
  // Where a held result was there is nothing, or only a word about it; or what the bot may not take away.
  const first = delivery?.kind === 'result' ? delivery : undefined;
  const isFirstPrivate = first?.place === 'direct' || (first?.place === 'interaction' && reply?.isPrivate === true);
  const isFirstThere = state !== 'held' || first?.messageId !== null;
  const links = [...(first === undefined || isFirstPrivate ? [] : [first]), ...postings.filter(isPublic)].flatMap(
    ({ channelId, messageId }) => {
      if (channelId === null || messageId === null) return [];
      if (guildId !== null && !isHere(guildId, channelId)) return [t('consent.who.elsewhere')];
      return [t('consent.who.link', { link: messageLink(guildId, channelId, messageId) })];
    },
  );
  const isAlsoPrivate = (isFirstPrivate && isFirstThere) || postings.some((posting) => !isPublic(posting));
  const places = [...new Set([...links, ...(isAlsoPrivate ? [t('consent.who.private')] : [])])];
  return places.length > 0 ? places : [t('consent.who.kept')];
}

const isPublic = ({ isPrivate }: MadeUnder['postings'][number]): boolean => !isPrivate;

const gaveLine = (consent: Consent, now: Date, t: Translate): string => `- ${gaveWords(consent, now, t)}`;

function gaveWords({ kind, scope, requesterId, expiresAt }: Consent, now: Date, t: Translate): string {
  const params = { requester: person(requesterId, t), when: day(expiresAt) };
  const what = kind === 'self' ? t('consent.status.self', params) : t(`consent.status.${scope}`, params);
  return expiresAt !== null && expiresAt <= now ? t('consent.status.over', { what }) : what;
}

function askedLine(
  { requesterId, answerBy, askedAt, guildId, channelId, messageId }: Consent,
  number: number,
  t: Translate,
): string {
  const at = channelId !== null && messageId !== null ? ` ${messageLink(guildId, channelId, messageId)}` : '';
  const params = { requester: person(requesterId, t), when: stamp(answerBy ?? askedAt), link: at };
  return `${number}. ${t('consent.status.asked-of-you-line', params)}`;
}

/** Said where not all is shown. */
export const moreLine = (t: Translate): string => `-# … ${t('consent.more')}`;

const cut = (lines: readonly string[], most: number, t: Translate): readonly string[] =>
  lines.length > most ? [...lines.slice(0, most), moreLine(t)] : lines;

const part = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`### ${title}`, ...lines];

function told(lines: readonly string[], t: Translate, buttons: readonly APIComponentInContainer[] = []): Message {
  const words = text(linesWithin(lines, { more: moreLine(t), room: messageRoom }));
  return message([container('waiting', [words, ...buttons])]);
}
