/** The options of `/restore`: as Discord shows them, as they come back, and what is offered while a rate is typed. */
import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  type ChatInputCommandInteraction,
} from 'discord.js';

import { looks, qualities, rateRange } from '../engine/restore/request.ts';
import { choiceTexts, optionTexts } from '../discord/localise.ts';
import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { type RestoreParameters, restoreParameters } from '../queue/job.ts';

const choices = <Value extends string | number>(option: string, values: readonly Value[]) =>
  values.map((value) => choiceTexts('restore', option, value));

const flag = (option: string): APIApplicationCommandBasicOption => ({
  type: ApplicationCommandOptionType.Boolean,
  ...optionTexts('restore', option),
});

export const restoreOptions: APIApplicationCommandBasicOption[] = [
  { type: ApplicationCommandOptionType.Attachment, ...optionTexts('restore', 'clip'), required: true },
  {
    type: ApplicationCommandOptionType.Integer,
    ...optionTexts('restore', 'scale'),
    choices: choices('scale', [1, 2, 4]),
  },
  { type: ApplicationCommandOptionType.String, ...optionTexts('restore', 'fps'), autocomplete: true, max_length: 16 },
  { type: ApplicationCommandOptionType.String, ...optionTexts('restore', 'look'), choices: choices('look', looks) },
  {
    type: ApplicationCommandOptionType.String,
    ...optionTexts('restore', 'quality'),
    choices: choices('quality', qualities),
  },
  flag('grain'),
  {
    type: ApplicationCommandOptionType.String,
    ...optionTexts('restore', 'sound'),
    choices: choices('sound', ['keep', 'none']),
  },
  flag('spoiler'),
  flag('private'),
];

/** What is asked for when nothing else is said: what the context command does. */
export const plainParameters: RestoreParameters = restoreParameters.parse({ version: 1, command: 'restore' });

/**
 * The parameters that were chosen. Values are checked again here: a client may send what it was not offered.
 * @throws Refusal `refusal.fps-out-of-range` for a rate that is neither a number in range nor one of the words.
 */
export function readRestoreOptions({ options }: Pick<ChatInputCommandInteraction, 'options'>): RestoreParameters {
  const rate = options.getString('fps');
  const given = {
    scale: options.getInteger('scale'),
    fps: rate === null ? null : readRate(rate),
    look: options.getString('look'),
    quality: options.getString('quality'),
    grain: options.getBoolean('grain'),
    sound: options.getString('sound'),
  };
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  return restoreParameters.parse({ version: 1, command: 'restore', ...chosen });
}

const words = ['auto', 'source'] as const;

function readRate(typed: string): RestoreParameters['fps'] {
  const text = typed.trim().toLowerCase();
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  const rate = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (rate >= rateRange.min && rate <= rateRange.max) return rate;
  throw new Refusal('refusal.fps-out-of-range', { value: typed, least: rateRange.min, most: rateRange.max });
}

/** Rates that people ask for: those of silent film, cinema, television and screens. */
const commonRates = [60, 24, 25, 30, 48, 50, 16, 18, 90, 120, 144, 240] as const;

/** Choices for the rate while it is typed: the words, then the common rates and the number itself. */
export function offerRates(typed: string, t: Translate): { name: string; value: string }[] {
  const text = typed.trim().toLowerCase();
  const offered: { name: string; value: string }[] = words.map((word) => ({
    name: t(`command.restore.option.fps.choice.${word}`),
    value: word,
  }));
  const isNumber = /^\d+$/.test(text);
  const rates = isNumber ? new Set([Number(text), ...commonRates]) : commonRates;
  for (const rate of rates) {
    if (rate < rateRange.min || rate > rateRange.max) continue;
    offered.push({ name: t('command.restore.option.fps.rate', { rate }), value: String(rate) });
  }
  return offered.filter(
    ({ name, value }) => value.startsWith(text) || (!isNumber && name.toLowerCase().includes(text)),
  );
}
