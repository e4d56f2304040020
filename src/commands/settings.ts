/**
 * `/settings`: what holds on a server, shown and changed in one private message. Each press, choice and form is judged again by
 * the rights that Discord says with it; nothing but the server where it happens can be meant.
 */
import {
  type ChatInputCommandInteraction,
  type MessageComponentInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
} from 'discord.js';

import { acknowledgePress, answer } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import type { Message } from '../discord/message.ts';
import { defaultLimits } from '../policy/limits.ts';
import { Refusal } from '../policy/refusal.ts';
import { mostRoleQuotas, readRoleQuotas, type RoleQuota } from '../policy/role-quotas.ts';
import {
  changeGuildSettings,
  type GuildSettingsChange,
  guildSettings,
  type WantedSettings,
} from '../store/guild-settings.ts';
import type { GuildSettings } from '../store/rows.ts';
import { moderatorDefinition } from './definition.ts';
import { managerOf } from './moderator-of.ts';
import {
  mostOf,
  type NumberField,
  numberFields,
  numberInputs,
  type OperatorLimits,
  roleFields,
  roleQuotaInputs,
  switchFields,
} from './settings-fields.ts';
import { numberForm, readNumbers } from './settings-form.ts';
import { type Choice, choiceMessage, isField, panelMessage } from './settings-panel.ts';

type Pressed = MessageComponentInteraction | ModalSubmitInteraction;

export const settingsCommand: SlashCommand = {
  kind: 'slash',
  definition: moderatorDefinition('settings', [], PermissionFlagsBits.ManageGuild),
  execute: async (interaction, context) => {
    await answer(interaction, await panel(interaction, context), { isPrivate: true });
  },
  components: {
    settings: choose,
    'settings-back': (interaction, _, context) => show(interaction, context),
    'settings-roles': (interaction, { subject }, context) =>
      change(interaction, { [roleField(subject)]: chosen(interaction) }, context),
    'settings-everybody': (interaction, { subject }, context) =>
      change(interaction, { [roleField(subject)]: [] }, context),
    'settings-role': askForQuota,
    'settings-channel': chooseChannel,
    'settings-no-channel': (interaction, _, context) => change(interaction, { logChannelId: null }, context),
    'settings-reset': (interaction, { subject }, context) =>
      subject === 'do' ? change(interaction, asByDefault, context) : showChoice(interaction, 'reset', context),
  },
  modals: {
    'settings-numbers': takeNumbers,
    'settings-quota': takeQuota,
  },
};

const asByDefault: GuildSettingsChange = {
  userJobsPerDay: null,
  userComputeSecondsPerDay: null,
  guildJobsPerDay: null,
  guildComputeSecondsPerDay: null,
  maxClipSeconds: null,
  resultRetentionHours: null,
  logRetentionDays: null,
  logChannelId: null,
  artworksAllowed: true,
  reportHolds: false,
  ageRestrictedOnly: false,
  restoreRoles: [],
  animateRoles: [],
  roleQuotas: [],
};

const operatorOf = ({ limits, logDays }: CommandContext): OperatorLimits => ({ ...defaultLimits, ...limits, logDays });

const settingsOf = (
  interaction: Pressed | ChatInputCommandInteraction,
  { db }: CommandContext,
): Promise<GuildSettings | undefined> => guildSettings(db, managerOf(interaction).guildId);

async function panel(
  interaction: Pressed | ChatInputCommandInteraction,
  context: CommandContext,
  said?: string,
): Promise<Message> {
  const settings = await settingsOf(interaction, context);
  return panelMessage({ settings, operator: operatorOf(context), said }, context.t);
}

/** Puts something else in the place of the message that was pressed on. */
async function put(interaction: Pressed, { components }: Message): Promise<void> {
  await acknowledgePress(interaction);
  await interaction.editReply({ components, allowedMentions: { parse: [] }, flags: MessageFlags.IsComponentsV2 });
}

async function show(interaction: Pressed, context: CommandContext, said?: string): Promise<void> {
  await put(interaction, await panel(interaction, context, said));
}

async function showChoice(interaction: Pressed, choice: Choice, context: CommandContext): Promise<void> {
  await put(interaction, choiceMessage(choice, await settingsOf(interaction, context), context.t));
}

async function change(interaction: Pressed, wanted: WantedSettings, context: CommandContext): Promise<void> {
  const { moderatorId, guildId } = managerOf(interaction);
  await changeGuildSettings(context.db, guildId, wanted, { moderatorId, now: new Date(context.now()) });
  await show(interaction, context, context.t('settings.changed'));
}

const chosen = (interaction: MessageComponentInteraction): string[] =>
  interaction.isAnySelectMenu() ? [...interaction.values] : [];

/** @throws Refusal for what no menu of ours says. */
function roleField(subject: string): (typeof roleFields)[number] {
  const field = roleFields.find((known) => known === subject);
  if (field === undefined) throw new Refusal('refusal.unknown-request');
  return field;
}

/** What the menu names: switched at once, asked for in a form, or chosen in the message's place. */
async function choose(interaction: MessageComponentInteraction, _: CustomId, context: CommandContext): Promise<void> {
  managerOf(interaction);
  const [field] = chosen(interaction);
  if (!isField(field)) throw new Refusal('refusal.unknown-request');
  const switched = switchFields.find((known) => known === field);
  if (switched !== undefined) {
    const settings = await settingsOf(interaction, context);
    const isOn = settings?.[switched] ?? asByDefault[switched] === true;
    await change(interaction, { [switched]: !isOn }, context);
    return;
  }
  const numbers = numberFields.find((known) => known === field);
  if (numbers !== undefined) {
    await askForNumbers(interaction, numbers, context);
    return;
  }
  await showChoice(interaction, field as Choice, context);
}

async function askForNumbers(
  interaction: MessageComponentInteraction,
  field: NumberField,
  context: CommandContext,
): Promise<void> {
  const { t } = context;
  const operator = operatorOf(context);
  const settings = await settingsOf(interaction, context);
  const form = numberForm(
    {
      customId: writeCustomId('settings-numbers', field),
      title: t(`settings.field.${field}`),
      inputs: numberInputs[field],
      current: (name) => settings?.[name] ?? undefined,
      most: (name) => mostOf(name, operator),
      hint: (name) =>
        name === 'logRetentionDays'
          ? t('settings.hint.days', { least: 1, most: mostOf(name, operator) })
          : t('settings.hint.most', { most: mostOf(name, operator) }),
    },
    t,
  );
  await interaction.showModal(form);
}

async function takeNumbers(
  interaction: ModalSubmitInteraction,
  { subject }: CustomId,
  context: CommandContext,
): Promise<void> {
  managerOf(interaction);
  const field = numberFields.find((known) => known === subject);
  if (field === undefined) throw new Refusal('refusal.unknown-request');
  const operator = operatorOf(context);
  const read = readNumbers(interaction, numberInputs[field], (name) => mostOf(name, operator), context.t);
  await change(interaction, read, context);
}

async function askForQuota(
  interaction: MessageComponentInteraction,
  _: CustomId,
  context: CommandContext,
): Promise<void> {
  const { t } = context;
  const operator = operatorOf(context);
  const quotas = readRoleQuotas((await settingsOf(interaction, context))?.roleQuotas);
  const [roleId] = chosen(interaction);
  if (roleId === undefined) throw new Refusal('refusal.unknown-request');
  const quota = quotas.find((one) => one.roleId === roleId);
  if (quota === undefined && quotas.length >= mostRoleQuotas) {
    throw new Refusal('refusal.too-many-role-quotas', { limit: mostRoleQuotas });
  }
  const form = numberForm(
    {
      customId: writeCustomId('settings-quota', roleId),
      title: t('settings.field.roleQuotas'),
      inputs: roleQuotaInputs,
      current: (name) => quota?.[name],
      most: (name) => mostOf(name, operator),
      hint: (name) => t('settings.hint.role', { most: mostOf(name, operator) }),
    },
    t,
  );
  await interaction.showModal(form);
}

/** Two empty lines take the role's quota away. */
async function takeQuota(
  interaction: ModalSubmitInteraction,
  { subject: roleId }: CustomId,
  context: CommandContext,
): Promise<void> {
  const operator = operatorOf(context);
  managerOf(interaction);
  const read = readNumbers(interaction, roleQuotaInputs, (name) => mostOf(name, operator), context.t);
  const { jobsPerDay, computeSecondsPerDay } = read;
  const quota = {
    roleId,
    ...(typeof jobsPerDay === 'number' && { jobsPerDay }),
    ...(typeof computeSecondsPerDay === 'number' && { computeSecondsPerDay }),
  };
  const isEmpty = Object.keys(quota).length === 1;
  const among = (stored: unknown): readonly RoleQuota[] => {
    const others = readRoleQuotas(stored).filter((one) => one.roleId !== roleId);
    if (isEmpty) return others;
    if (others.length >= mostRoleQuotas) throw new Refusal('refusal.too-many-role-quotas', { limit: mostRoleQuotas });
    return [...others, quota];
  };
  await change(
    interaction,
    (settings) => ({ roleQuotas: among(settings.roleQuotas).map((one) => ({ ...one })) }),
    context,
  );
}

/** What telling there needs: after a death the history says what is there already, and details come with a picture. */
const neededToTell = ['ViewChannel', 'SendMessages', 'ReadMessageHistory', 'AttachFiles'] as const;

/** A channel in which the bot could not post would be a log that nobody reads. */
async function chooseChannel(
  interaction: MessageComponentInteraction,
  _: CustomId,
  context: CommandContext,
): Promise<void> {
  const { guildId } = managerOf(interaction);
  const [channelId] = chosen(interaction);
  const guild = context.client.guilds.cache.get(guildId);
  const channel = channelId === undefined ? undefined : guild?.channels.cache.get(channelId);
  if (!channel?.isTextBased()) throw new Refusal('refusal.unknown-request');
  const permissions = channel.permissionsFor(context.client.user);
  const lacking = neededToTell.filter((name) => permissions?.has(PermissionFlagsBits[name]) !== true);
  if (lacking.length > 0) throw new Refusal('refusal.log-channel-closed', { permissions: lacking });
  await change(interaction, { logChannelId: channel.id }, context);
}
