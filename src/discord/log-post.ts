/** What is posted to a guild's log channel: a line for each thing that happened, buttons for moderators. Nobody is pinged. */
import { type APIComponentInContainer, ButtonStyle, ComponentType } from 'discord.js';

import type { Language, Translate } from '../locale.ts';
import type { FeedItem } from '../store/log-feed.ts';
import type { Command, Request } from '../store/rows.ts';
import { writeCustomId } from './custom-id.ts';
import { button, container, type Message, message, plain, row, text, type Tone } from './message.ts';
import { fitted, messageRoom, shortened } from './shorten.ts';
import { stamp } from './timestamps.ts';
import { actorWords, commandWords, deedWords, endWords, lookButton, person, place, said } from './usage-words.ts';

/** Discord's menus have 25 choices. */
const mostChoices = 25;
/** Characters of texts that may be long; fewer where many such come together. */
const longestReason = 200;
const longestSettings = 250;
const longestSentence = 1000;

/** Of the many changes of state those that somebody may want to act on, and none that another line tells of. */
export function isTold(item: FeedItem): boolean {
  switch (item.kind) {
    case 'event': {
      const { from, to, actor } = item.row;
      if (to === 'delivering') return from === 'running';
      // What a moderator did is a row of its own.
      if (to === 'held' || to === 'removed') return !actor.startsWith('moderator:');
      return to === 'refused' || to === 'failed';
    }
    case 'action':
      return item.row.kind !== 'view';
    case 'consent':
    case 'report':
      return true;
  }
}

/** A message about what happened, in order. */
export function logPost(items: readonly FeedItem[], t: Translate, language: Language): Message {
  const written = items.map((item) => ({ at: stamp(item.at, 't'), line: lineOf(item, t, language) }));
  const lines = (most: number): string => written.map(({ at, line }) => `${at} ${line(most)}`).join('\n');
  const requests = [...new Map(items.flatMap((item) => requestOf(item) ?? []).map((one) => [one.id, one])).values()];
  return message([
    container(toneOf(items), [
      text(fitted(lines, { most: longestSentence, room: messageRoom })),
      ...controls(requests, items, t),
    ]),
  ]);
}

/** Written with so many characters at most of each text that may be long. */
type Line = (most: number) => string;

function lineOf(item: FeedItem, t: Translate, language: Language): Line {
  switch (item.kind) {
    case 'event': {
      const { row: event, request } = item;
      const { to } = event;
      const facts = whatWords(request, t);
      if (to === 'refused' || to === 'failed') {
        const end = { state: to, code: event.code, codeParameters: request.codeParameters };
        const why = endWords(end, t, language);
        if (why === undefined) return always(t(`log.${to}`, facts));
        return (most) => t(`log.${to}-told`, { ...facts, why: shortened(why, most) });
      }
      if (to === 'removed') return always(t('log.removed', { ...facts, actor: actorWords(event.actor, t) }));
      return always(to === 'held' ? t('log.held', facts) : t('log.made', facts));
    }
    case 'action': {
      const { kind, moderatorId, targetUserId, reason } = item.row;
      const { request } = item;
      // What it was done to names its requester.
      const isNamed =
        targetUserId !== null && (request === undefined || kind === 'blockUser' || kind === 'unblockUser');
      const whom = isNamed ? ` (${person(targetUserId, t)})` : '';
      const name = `🛡 ${person(moderatorId, t)} ${deedWords(item.row, t)}${whom}`;
      const deed = request === undefined ? name : t('log.deed', { name, ...whatWords(request, t) });
      const settings = kind === 'changeSettings' ? settingsOf(item.row.detail, t, language) : '';
      return (most) => {
        const why = reason === null ? '' : ` · ${plain(reason, Math.min(most, longestReason))}`;
        const value = shortened(settings, Math.min(most, longestSettings));
        return `${settings === '' ? deed : t('settings.line', { name: deed, value })}${why}`;
      };
    }
    case 'consent': {
      const { requesterId, subjectId, kind } = item.consent;
      const state = t(`usage.consent.state.${item.row.to}`);
      const facts = { kind: t(`usage.consent.kind.${kind}`), state, member: person(requesterId, t) };
      return always(
        subjectId === null || subjectId === requesterId
          ? t('log.consent', facts)
          : t('log.consent-of', { ...facts, subject: person(subjectId, t) }),
      );
    }
    case 'report': {
      const { command, requesterId } = item.request;
      const told = t('log.reported', { command, member: person(requesterId, t) });
      return (most) => `${told} ${plain(item.row.reason, Math.min(most, longestReason))}`;
    }
  }
}

/** Which request a line is about: its command, requester and channel. */
const whatWords = ({ command, requesterId, channelId }: Request, t: Translate) => {
  return { command, member: person(requesterId, t), channel: place(channelId, t) };
};

const always =
  (line: string): Line =>
  () =>
    line;

/** Which settings were changed, by the names that `/settings` shows. */
function settingsOf(detail: unknown, t: Translate, language: Language): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const names = Object.keys(detail).map((name) => {
    return t('quoted', { words: said(`settings.input.${name}`, said(`settings.field.${name}`, plain(name), t), t) });
  });
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}

const requestOf = (item: FeedItem): Told | undefined => {
  if (item.kind === 'consent') return undefined;
  if (item.request !== undefined) return item.request;
  return item.kind === 'action' && item.row.requestId !== null ? { id: item.row.requestId } : undefined;
};

/** A request that the message tells of; one that is no more is known by its number. */
interface Told {
  readonly id: string;
  readonly command?: Command;
}

/** For one request what is most often done to it, for several a menu of them. */
function controls(requests: readonly Told[], items: readonly FeedItem[], t: Translate): APIComponentInContainer[] {
  const [only] = requests;
  if (only === undefined) return [];
  if (requests.length === 1) {
    const deed = (name: 'hold' | 'delete' | 'uphold' | 'dismiss', style: ButtonStyle.Secondary | ButtonStyle.Danger) =>
      button(writeCustomId('moderate', only.id, name), t(`moderate.deed.${name}`), style);
    const isReported = items.some(({ kind }) => kind === 'report');
    const isMade = items.some((item) => item.kind === 'event' && item.row.to === 'delivering');
    const deeds = isReported
      ? [deed('uphold', ButtonStyle.Danger), deed('dismiss', ButtonStyle.Secondary)]
      : isMade
        ? [deed('hold', ButtonStyle.Secondary), deed('delete', ButtonStyle.Danger)]
        : [];
    return [row(lookButton(only.id, t), ...deeds)];
  }
  return [
    {
      type: ComponentType.ActionRow,
      components: [
        {
          type: ComponentType.StringSelect,
          custom_id: writeCustomId('usage-look', 'one'),
          placeholder: t('usage.list.look'),
          options: requests.slice(0, mostChoices).map(({ id, command }, at) => ({
            label: `${at + 1}${command === undefined ? '' : ` · ${commandWords(command, t)}`} · …${id.slice(-8)}`,
            value: id,
          })),
        },
      ],
    },
  ];
}

function toneOf(items: readonly FeedItem[]): Tone {
  if (items.some(({ kind }) => kind === 'report')) return 'refused';
  if (items.some((item) => item.kind === 'event' && item.row.to === 'failed')) return 'failed';
  return items.some(({ kind }) => kind === 'action') ? 'busy' : 'done';
}
