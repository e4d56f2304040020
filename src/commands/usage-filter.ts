/**
 * What of the usage log is looked at: from the options of a command, and in the ids of the buttons that turn its pages, since
 * nothing else remembers it. An id has 100 characters for all of it.
 */
import { type ChatInputCommandInteraction, ApplicationCommandOptionType } from 'discord.js';
import type { APIApplicationCommandBasicOption } from 'discord.js';

import { choiceTexts, optionTexts } from '../discord/localise.ts';
import { Refusal } from '../policy/refusal.ts';
import { Command, type RequestState } from '../store/rows.ts';
import type { UsageFilter } from '../store/usage.ts';

/** States as a moderator asks for them. */
export const stateGroups = {
  open: ['received', 'asking', 'waiting', 'running'],
  made: ['delivering', 'delivered', 'kept'],
  held: ['held'],
  removed: ['removed'],
  refused: ['refused'],
  failed: ['failed'],
  cancelled: ['cancelled'],
} as const satisfies Readonly<Record<string, readonly RequestState[]>>;

export type StateGroup = keyof typeof stateGroups;

const groupNames = Object.keys(stateGroups) as StateGroup[];
const commandNames = Object.values(Command);
const reportedWords = ['any', 'open'] as const;

/** The same as `UsageFilter`, in the words of the options. */
export interface UsageWish {
  readonly requesterId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly command?: Command | undefined;
  readonly group?: StateGroup | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly reported?: (typeof reportedWords)[number] | undefined;
}

export function filterOf({ group, ...rest }: UsageWish): UsageFilter {
  return { ...rest, ...(group !== undefined && { states: stateGroups[group] }) };
}

const choices = <Value extends string>(option: string, values: readonly Value[]) => ({
  ...optionTexts('usage', option),
  choices: values.map((value) => choiceTexts('usage', option, value)),
});

/** The options of every subcommand that looks at a part of the log. */
export const filterOptions: readonly APIApplicationCommandBasicOption[] = [
  { type: ApplicationCommandOptionType.User, ...optionTexts('usage', 'member') },
  { type: ApplicationCommandOptionType.User, ...optionTexts('usage', 'face-of') },
  { type: ApplicationCommandOptionType.String, ...choices('command', commandNames) },
  { type: ApplicationCommandOptionType.String, ...choices('state', groupNames) },
  { type: ApplicationCommandOptionType.String, ...optionTexts('usage', 'from'), autocomplete: true },
  { type: ApplicationCommandOptionType.String, ...optionTexts('usage', 'to'), autocomplete: true },
  { type: ApplicationCommandOptionType.String, ...choices('reported', reportedWords) },
];

/** @throws Refusal `refusal.not-a-date` */
export function readWish({ options }: ChatInputCommandInteraction): UsageWish {
  const last = options.getString('to');
  return {
    requesterId: options.getUser('member')?.id,
    subjectId: options.getUser('face-of')?.id,
    command: commandNames.find((name) => name === options.getString('command')),
    group: groupNames.find((name) => name === options.getString('state')),
    from: dayOf(options.getString('from')),
    // The whole of the last day.
    to: last === null ? undefined : new Date(dayOf(last)!.getTime() + dayMs),
    reported: reportedWords.find((word) => word === options.getString('reported')),
  };
}

const dayMs = 86_400_000;

/** Midnight UTC of a day written as 2026-03-01; days are UTC's everywhere in the log. */
function dayOf(written: string | null): Date | undefined {
  if (written === null) return undefined;
  const day = /^\d{4}-\d\d-\d\d$/.test(written.trim()) ? new Date(`${written.trim()}T00:00:00.000Z`) : undefined;
  // JavaScript takes the 31st of February for the 3rd of March.
  if (day === undefined || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(written.trim())) {
    throw new Refusal('refusal.not-a-date', { value: written.slice(0, 40) });
  }
  return day;
}

/** The last days, for whoever types a date on a phone; those that begin as what was typed. */
export function recentDays(now: number, typed: string, language: string): { name: string; value: string }[] {
  const words = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' });
  return Array.from({ length: 400 }, (_, back) => new Date(now - back * dayMs))
    .map((day) => ({ name: words.format(day), value: day.toISOString().slice(0, 10) }))
    .filter(
      ({ name, value }) => value.startsWith(typed.trim()) || name.toLowerCase().includes(typed.trim().toLowerCase()),
    )
    .slice(0, 25);
}

const minuteMs = 60_000;
const none = '';

/** The filter, as it is written down with whoever looked or exported. */
export function wishRecord({
  requesterId,
  subjectId,
  command,
  group,
  from,
  to,
  reported,
}: UsageWish): Record<string, string> {
  const parts = { requesterId, subjectId, command, group, reported, from: from?.toISOString(), to: to?.toISOString() };
  return Object.fromEntries(Object.entries(parts).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** 58 characters at most; the parts in order, empty where there is none. */
export function writeWish({ requesterId, subjectId, command, group, from, to, reported }: UsageWish): string {
  const short = (id: string | undefined): string => (id === undefined ? none : BigInt(id).toString(36));
  const minutes = (moment: Date | undefined): string =>
    moment === undefined ? none : Math.round(moment.getTime() / minuteMs).toString(36);
  const place = <Value>(list: readonly Value[], value: Value | undefined): string =>
    value === undefined ? none : String(list.indexOf(value));
  return [
    short(requesterId),
    short(subjectId),
    place(commandNames, command),
    place(groupNames, group),
    minutes(from),
    minutes(to),
    place(reportedWords, reported),
  ].join('.');
}

/** Undefined for what `writeWish` did not write: ids of buttons can be made up. */
export function parseWish(written: string): UsageWish | undefined {
  if (!/^[0-9a-z]{0,13}\.[0-9a-z]{0,13}\.\d?\.\d?\.[0-9a-z]{0,6}\.[0-9a-z]{0,6}\.\d?$/.test(written)) return undefined;
  const [requester, subject, command, group, from, to, reported] = written.split('.');
  return {
    requesterId: longId(requester),
    subjectId: longId(subject),
    command: commandNames[position(command)],
    group: groupNames[position(group)],
    from: moment(from),
    to: moment(to),
    reported: reportedWords[position(reported)],
  };
}

const position = (written: string | undefined): number =>
  written === undefined || written === none ? -1 : Number(written);

function moment(written: string | undefined): Date | undefined {
  return written === undefined || written === none ? undefined : new Date(Number.parseInt(written, 36) * minuteMs);
}

function longId(written: string | undefined): string | undefined {
  if (written === undefined || written === none) return undefined;
  let id = 0n;
  for (const digit of written) id = id * 36n + BigInt(Number.parseInt(digit, 36));
  return id.toString();
}
