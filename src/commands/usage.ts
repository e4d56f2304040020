/** `/usage`: a guild's own log for its moderators, in pages, row by row, as a file, and added up in a chart. */
import {
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
  type MessageComponentInteraction,
} from 'discord.js';

import { acknowledge, type Answerable, answer, rewrite } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import type { CustomId } from '../discord/custom-id.ts';
import { choiceTexts, optionTexts } from '../discord/localise.ts';
import { Refusal } from '../policy/refusal.ts';
import { recordModeratorAction } from '../store/moderator-actions.ts';
import { listUsage, usageDetail, type UsageDetail } from '../store/usage.ts';
import type { Choice } from './choices.ts';
import { inTime } from './compare.ts';
import { moderatorDefinition } from './definition.ts';
import { offerRequests } from './moderate.ts';
import { type Moderator, moderatorIn, moderatorOf } from './moderator-of.ts';
import { answerWithFile, withFile } from './send-file.ts';
import { createTurns } from './turns.ts';
import { detailMessage } from './usage-detail.ts';
import { formatNames, sendExport } from './usage-export.ts';
import {
  filterOf,
  filterOptions,
  parseWish,
  readWish,
  recentDays,
  type UsageWish,
  wishRecord,
} from './usage-filter.ts';
import { listMessage, rowsOnPage } from './usage-list.ts';
import { sendStats, statsDays } from './usage-stats.ts';

const subcommand = (
  name: string,
  options: NonNullable<APIApplicationCommandSubcommandOption['options']>,
): APIApplicationCommandSubcommandOption => ({
  type: ApplicationCommandOptionType.Subcommand,
  ...optionTexts('usage', name),
  options,
});

/** Exports that are written at once, of all guilds: each may read a million rows. */
const exportsAtOnce = 1;

export function usageCommand(): SlashCommand {
  const turns = createTurns(exportsAtOnce);
  const answers: Readonly<
    Record<string, (interaction: ChatInputCommandInteraction, context: CommandContext) => Promise<void>>
  > = {
    list,
    show,
    export: (interaction, context) => sendExport(interaction, turns, context),
    stats: sendStats,
  };
  return {
    kind: 'slash',
    definition: moderatorDefinition('usage', [
      subcommand('list', [...filterOptions]),
      subcommand('show', [
        {
          type: ApplicationCommandOptionType.String,
          ...optionTexts('usage', 'request'),
          required: true,
          autocomplete: true,
        },
      ]),
      subcommand('export', [
        {
          type: ApplicationCommandOptionType.String,
          ...optionTexts('usage', 'format'),
          choices: formatNames.map((format) => choiceTexts('usage', 'format', format)),
        },
        ...filterOptions,
      ]),
      subcommand('stats', [
        {
          type: ApplicationCommandOptionType.Integer,
          ...optionTexts('usage', 'days'),
          choices: statsDays.map((days) => choiceTexts('usage', 'days', days)),
        },
      ]),
    ]),
    execute: async (interaction, context) => {
      moderatorOf(interaction);
      await answers[interaction.options.getSubcommand()]?.(interaction, context);
    },
    autocomplete: async (interaction, context) => {
      if (moderatorIn(interaction) === undefined) return [];
      return interaction.options.getFocused(true).name === 'request'
        ? offerRequests(interaction, context)
        : offerDays(interaction, context);
    },
    components: { usage: turnPage, 'usage-look': look },
  };
}

/** Whoever looks at a page is in the log themselves. */
async function noteLook(
  { moderatorId, guildId }: Moderator,
  wish: UsageWish,
  page: 'first' | 'newer' | 'older',
  { db, now }: Pick<CommandContext, 'db' | 'now'>,
): Promise<void> {
  const detail = { look: 'list', page, ...wishRecord(wish) };
  await recordModeratorAction(db, { kind: 'view', guildId, moderatorId, detail, now: new Date(now()) });
}

async function list(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { db, t, language } = context;
  const moderator = moderatorOf(interaction);
  const { guildId } = moderator;
  const wish = readWish(interaction);
  await noteLook(moderator, wish, 'first', context);
  const page = await listUsage(db, guildId, filterOf(wish), { limit: rowsOnPage });
  await answer(interaction, listMessage(page, wish, t, language), { isPrivate: true });
}

async function turnPage(
  interaction: MessageComponentInteraction,
  { subject, argument = '' }: CustomId,
  context: CommandContext,
): Promise<void> {
  const { db, t, language } = context;
  const moderator = moderatorOf(interaction);
  const { guildId } = moderator;
  const wish = parseWish(subject);
  if (wish === undefined) throw new Refusal('refusal.unknown-request');
  const mark = argument.slice(1);
  const place = argument.startsWith('b') ? { before: mark } : { after: mark };
  await noteLook(moderator, wish, 'before' in place ? 'newer' : 'older', context);
  const page = await listUsage(db, guildId, filterOf(wish), { limit: rowsOnPage, ...place });
  await rewrite(interaction, listMessage(page, wish, t, language));
}

async function show(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  await showDetail(interaction, interaction.options.getString('request', true), context);
}

async function look(
  interaction: MessageComponentInteraction,
  { subject }: CustomId,
  context: CommandContext,
): Promise<void> {
  const chosen = interaction.isStringSelectMenu() ? interaction.values[0] : subject;
  await showDetail(interaction, chosen ?? subject, context);
}

/** Whoever looks at a row is in the log themselves. */
async function showDetail(interaction: Answerable, requestId: string, context: CommandContext): Promise<void> {
  const { db, now, t, language } = context;
  const { moderatorId, guildId } = moderatorOf(interaction);
  const detail = await usageDetail(db, guildId, requestId);
  if (detail === undefined) throw new Refusal('refusal.unknown-request');
  await acknowledge(interaction, { isPrivate: true });
  await recordModeratorAction(db, { kind: 'view', guildId, moderatorId, requestId, now: new Date(now()) });
  const picture = await pictureOf(detail, context);
  if (picture === undefined) {
    await answer(interaction, detailMessage(detail, undefined, t, language), { isPrivate: true });
    return;
  }
  const name = 'result.jpg';
  await withFile(context, picture, (path) => {
    const file = { path, mediaType: 'image/jpeg', name, isSpoiler: true };
    return answerWithFile(interaction, detailMessage(detail, name, t, language), file, context);
  });
}

/** A worker makes it the first time; where none is there, the row is shown without. */
const pictureWaitMs = 8000;

async function pictureOf(
  { id, media }: UsageDetail,
  { queue, log }: Pick<CommandContext, 'queue' | 'log'>,
): Promise<string | undefined> {
  if (media.length === 0) return undefined;
  try {
    return (await inTime(queue.picture(id), pictureWaitMs)).sha256;
  } catch (error) {
    log.debug({ err: error, requestId: id }, 'no picture of a result');
    return undefined;
  }
}

function offerDays(interaction: AutocompleteInteraction, { now, language }: CommandContext): Choice[] {
  return recentDays(now(), interaction.options.getFocused(), language);
}
