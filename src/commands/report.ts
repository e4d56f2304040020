/** Reports of members: the button under a result and the command in a message's menu. A form with the reason, once a result. */
import type {
  BaseInteraction,
  Message as DiscordMessage,
  MessageComponentInteraction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
} from 'discord.js';

import { answerPrivately } from '../discord/answer.ts';
import type { CommandContext, ComponentSet, MessageCommand } from '../discord/command.ts';
import { type CustomId, readCustomId, writeCustomId } from '../discord/custom-id.ts';
import { notice } from '../discord/message.ts';
import { shortened } from '../discord/shorten.ts';
import { type TextForm, textForm } from '../discord/text-form.ts';
import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { pseudonymOf } from '../store/log-chain.ts';
import { addReport, reportsPerDay } from '../store/reports.ts';
import { messageDefinition } from './definition.ts';
import { requestFor } from './request-for.ts';

const reasonField = 'reason';
const longestReason = 1000;

export const reportButton: ComponentSet = {
  kind: 'components',
  components: {
    report: (interaction, { subject }, context) => askReason(interaction, subject, context),
  },
  modals: { report: takeReport },
};

/** *Report this result*, on any message of the bot that shows one. */
export const reportMessageCommand: MessageCommand = {
  kind: 'message',
  definition: messageDefinition('report-message'),
  execute: async (interaction, context) => {
    await askReason(interaction, resultShownIn(interaction.targetMessage, context), context);
  },
};

type Asking = (MessageComponentInteraction | MessageContextMenuCommandInteraction) & BaseInteraction;

async function askReason(interaction: Asking, requestId: string, context: CommandContext): Promise<void> {
  await requestFor(interaction, requestId, context);
  await interaction.showModal(form(requestId, context.t));
}

/** The message carries the id of its request in its buttons: the bot's own messages only, anybody can write buttons. */
function resultShownIn({ author, components }: DiscordMessage, { client }: CommandContext): string {
  const ids = author.id === client.user.id ? customIdsIn(components.map((component) => component.toJSON())) : [];
  const report = ids.map(readCustomId).find((id) => id?.action === 'report');
  if (report === undefined) throw new Refusal('refusal.no-result-there');
  return report.subject;
}

/** The ids of all buttons and menus, however deep they stand. */
function customIdsIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(customIdsIn);
  if (typeof part !== 'object' || part === null) return [];
  const own = 'custom_id' in part && typeof part.custom_id === 'string' ? [part.custom_id] : [];
  return [...own, ...Object.values(part).flatMap(customIdsIn)];
}

const form = (requestId: string, t: Translate): TextForm =>
  textForm({
    customId: writeCustomId('report', requestId),
    title: t('report.title'),
    label: t('report.question'),
    description: t('report.explanation'),
    field: reasonField,
    least: 3,
    most: longestReason,
    isLong: true,
  });

async function takeReport(
  interaction: ModalSubmitInteraction,
  { subject: requestId }: CustomId,
  context: CommandContext,
): Promise<void> {
  const { db, logKey, t, now, newId } = context;
  const { guildId } = await requestFor(interaction, requestId, context);
  const reason = shortened(interaction.fields.getTextInputValue(reasonField).trim(), longestReason);
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const holds = settings?.reportHolds ?? false;
  const reported = await addReport(db, {
    id: newId(),
    requestId,
    reporterId: interaction.user.id,
    alias: pseudonymOf(logKey, interaction.user.id),
    reason,
    holds,
    now: new Date(now()),
  });
  if (reported === 'too-many') throw new Refusal('refusal.too-many-reports', { limit: reportsPerDay });
  const said = t(reported === 'again' ? 'report.again' : reported === 'held' ? 'report.thanks-held' : 'report.thanks');
  await answerPrivately(interaction, notice('done', said));
}
