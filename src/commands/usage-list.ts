/** A page of the usage log as a moderator sees it: a line a request, a menu to look at one, buttons to turn the page. */
import { type APIComponentInContainer, ComponentType } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, row, text } from '../discord/message.ts';
import { formatDuration, type Language, type Translate } from '../locale.ts';
import type { UsagePage, UsageRow } from '../store/usage.ts';
import { shortened } from '../discord/shorten.ts';
import { type UsageWish, writeWish } from './usage-filter.ts';
import { stamp } from '../discord/timestamps.ts';
import { commandWords, person, place } from '../discord/usage-words.ts';

/** Rows on a page: what a phone shows without much turning. */
export const rowsOnPage = 8;

export function listMessage(page: UsagePage, wish: UsageWish, t: Translate, language: Language): Message {
  const { rows, next, previous } = page;
  const heading = [`### ${t('usage.list.title')}`, ...wishLines(wish, t).map((line) => `-# ${line}`)].join('\n');
  if (rows.length === 0) {
    return message([container('waiting', [text(heading), text(t('usage.list.none'))])]);
  }
  const written = writeWish(wish);
  const turn = (to: 'newer' | 'older', mark: string | undefined): ReturnType<typeof button> => ({
    ...button(writeCustomId('usage', written, `${to === 'older' ? 'a' : 'b'}${mark ?? ''}`), t(`usage.list.${to}`)),
    disabled: mark === undefined,
  });
  const menu: APIComponentInContainer = {
    type: ComponentType.ActionRow,
    components: [
      {
        type: ComponentType.StringSelect,
        custom_id: writeCustomId('usage-look', 'one'),
        placeholder: t('usage.list.look'),
        options: rows.map((request, at) => ({
          label: shortened(
            `${at + 1} · ${plainMoment(request.createdAt, language)} · ${commandWords(request.command, t)}`,
            100,
          ),
          description: shortened(t(`usage.state.${request.state}`), 100),
          value: request.id,
        })),
      },
    ],
  };
  return message([
    container('busy', [
      text(heading),
      text(rows.map((request, at) => `**${at + 1}** ${rowLine(request, t)}`).join('\n')),
      menu,
      ...(next === undefined && previous === undefined ? [] : [row(turn('newer', previous), turn('older', next))]),
    ]),
  ]);
}

/** Menus are plain text, where Discord's own times do not work. */
function plainMoment(moment: Date, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(moment);
}

function rowLine(request: UsageRow, t: Translate): string {
  const { command, requesterId, createdAt, state, computeSeconds, reports, channelId } = request;
  const open = reports.filter((report) => report.state === 'open').length;
  return [
    stamp(createdAt),
    commandWords(command, t),
    person(requesterId, t),
    place(channelId, t),
    `**${t(`usage.state.${state}`)}**`,
    ...(computeSeconds === null ? [] : [formatDuration(computeSeconds)]),
    ...(reports.length === 0 ? [] : [t(open > 0 ? 'usage.reports-open' : 'usage.reports', { count: reports.length })]),
  ].join(' · ');
}

/** What the page is filtered by. */
export function wishLines(wish: UsageWish, t: Translate): string[] {
  const { requesterId, subjectId, command, group, from, to, reported } = wish;
  const parts = [
    ...(requesterId === undefined ? [] : [t('usage.filter.member', { member: person(requesterId, t) })]),
    ...(subjectId === undefined ? [] : [t('usage.filter.face-of', { member: person(subjectId, t) })]),
    ...(command === undefined ? [] : [commandWords(command, t)]),
    ...(group === undefined ? [] : [t(`command.usage.option.state.choice.${group}`)]),
    ...(from === undefined ? [] : [t('usage.filter.from', { when: isoDay(from) })]),
    ...(to === undefined ? [] : [t('usage.filter.to', { when: isoDay(new Date(to.getTime() - 1)) })]),
    ...(reported === undefined ? [] : [t(`command.usage.option.reported.choice.${reported}`)]),
  ];
  return parts.length === 0 ? [] : [parts.join(' · ')];
}

const isoDay = (moment: Date): string => moment.toISOString().slice(0, 10);
