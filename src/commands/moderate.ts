/** `/moderate` and the buttons of the usage log: what moderators do to results and members, each with a reason. */
import {
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
  type MessageComponentInteraction,
  type ModalSubmitInteraction,
} from 'discord.js';

import { acknowledge, type Answerable, answer } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import { optionTexts } from '../discord/localise.ts';
import { container, message, notice, row, text } from '../discord/message.ts';
import { shortened } from '../discord/shorten.ts';
import { textForm } from '../discord/text-form.ts';
import { commandWords, lookButton } from '../discord/usage-words.ts';
import { Refusal } from '../policy/refusal.ts';
import { findOfGuild } from '../store/moderation.ts';
import { listUsage } from '../store/usage.ts';
import { type Choice, choiceOf, matching } from './choices.ts';
import { type Deed, deeds, isDeed } from './deeds.ts';
import { moderatorDefinition } from './definition.ts';
import { doDeed, doToMember } from './do-deed.ts';
import { moderatorIn, moderatorOf } from './moderator-of.ts';

const reasonField = 'reason';
const shortestReason = 3;
const longestReason = 500;

const reasonOption = {
  type: ApplicationCommandOptionType.String as const,
  ...optionTexts('moderate', 'reason'),
  required: true,
  min_length: shortestReason,
  max_length: longestReason,
};

const isOfMember = (deed: Deed): deed is 'block' | 'unblock' => deed === 'block' || deed === 'unblock';

const subcommand = (deed: Deed): APIApplicationCommandSubcommandOption => ({
  type: ApplicationCommandOptionType.Subcommand,
  ...optionTexts('moderate', deed),
  options: [
    isOfMember(deed)
      ? { type: ApplicationCommandOptionType.User, ...optionTexts('moderate', 'member'), required: true }
      : {
          type: ApplicationCommandOptionType.String,
          ...optionTexts('moderate', 'request'),
          required: true,
          autocomplete: true,
        },
    reasonOption,
  ],
});

export const moderateCommand: SlashCommand = {
  kind: 'slash',
  definition: moderatorDefinition('moderate', deeds.map(subcommand)),
  execute: moderate,
  autocomplete: offerRequests,
  components: { moderate: askReason },
  modals: { moderate: takeReason },
};

async function moderate(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const moderator = moderatorOf(interaction);
  const { options } = interaction;
  const deed = options.getSubcommand();
  if (!isDeed(deed)) throw new Refusal('refusal.unknown-request');
  const reason = options.getString('reason', true).trim();
  await acknowledge(interaction, { isPrivate: true });
  if (isOfMember(deed)) {
    const member = options.getUser('member', true);
    if (deed === 'block' && member.bot) throw new Refusal('refusal.bots-ask-nothing');
    const stopped = await doToMember(deed, member.id, { ...moderator, reason }, context);
    await answer(interaction, notice('done', doneWords(deed, stopped, context)), { isPrivate: true });
    return;
  }
  const requestId = options.getString('request', true);
  const stopped = await doDeed(deed, requestId, moderator, reason, context);
  await tellDone(interaction, requestId, doneWords(deed, stopped, context), context);
}

async function askReason(
  interaction: MessageComponentInteraction,
  { subject: requestId, argument: deed }: CustomId,
  { db, t }: CommandContext,
): Promise<void> {
  const { guildId } = moderatorOf(interaction);
  if (!isDeed(deed) || (await findOfGuild(db, requestId, guildId)) === null) {
    throw new Refusal('refusal.unknown-request');
  }
  await interaction.showModal(
    textForm({
      customId: writeCustomId('moderate', requestId, deed),
      title: t(`moderate.deed.${deed}`),
      label: t('moderate.reason'),
      description: t('moderate.reason-hint'),
      field: reasonField,
      least: shortestReason,
      most: longestReason,
      isLong: true,
    }),
  );
}

async function takeReason(
  interaction: ModalSubmitInteraction,
  { subject: requestId, argument: deed }: CustomId,
  context: CommandContext,
): Promise<void> {
  const moderator = moderatorOf(interaction);
  if (!isDeed(deed)) throw new Refusal('refusal.unknown-request');
  await acknowledge(interaction, { isPrivate: true });
  const reason = shortened(interaction.fields.getTextInputValue(reasonField).trim(), longestReason);
  const stopped = await doDeed(deed, requestId, moderator, reason, context);
  await tellDone(interaction, requestId, doneWords(deed, stopped, context), context);
}

function doneWords(deed: Deed, stopped: number, { t }: Pick<CommandContext, 't'>): string {
  const done = t(`moderate.done.${deed}`);
  if (stopped === 0) return done;
  const count = { count: stopped };
  return `${done} ${deed === 'block-picture' ? t('moderate.stopped-from-it', count) : t('moderate.stopped', count)}`;
}

async function tellDone(
  interaction: Answerable,
  requestId: string,
  done: string,
  { t }: Pick<CommandContext, 't'>,
): Promise<void> {
  const said = message([container('done', [text(done), row(lookButton(requestId, t))])]);
  await answer(interaction, said, { isPrivate: true });
}

/** The latest requests of the guild; an older one by its id, which the log shows. */
export async function offerRequests(
  interaction: AutocompleteInteraction,
  { db, now, language, t }: CommandContext,
): Promise<Choice[]> {
  const guildId = moderatorIn(interaction)?.guildId;
  if (guildId === undefined) return [];
  const typed = interaction.options.getFocused().trim();
  const named = /^[0-9a-f-]{36}$/.test(typed) ? await findOfGuild(db, typed, guildId) : null;
  const rows = named === null ? (await listUsage(db, guildId, {}, { limit: 50 })).rows : [named];
  const choices = rows.map((request) => {
    return choiceOf(
      request,
      now(),
      language,
      `${commandWords(request.command, t)} · ${t(`usage.state.${request.state}`)}`,
    );
  });
  return named === null ? matching(choices, typed) : choices;
}
