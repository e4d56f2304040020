/** Sends an interaction to the bot as Discord would, and what a member can learn of it afterwards. */
import type { APIApplicationCommandOptionChoice, InteractionResponseType } from 'discord.js';
import { type Interaction, type InteractionKind, interactionTypes, type Modal } from '../interactions.ts';
import type { StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import { type ApiObject, describeChannel, describeMember, describeUser } from '../world/describe.ts';
import { type Channel, guildUploadLimit, type User } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';
import { MemberError } from './member-error.ts';
import { messagesSeenBy, type SeenMessage } from './seen.ts';

/** Something a member has asked of the bot. */
export interface Asked {
  readonly id: string;
  readonly token: string;
  /** "The application did not respond": 3 s went by without a first answer. */
  readonly hasFailed: () => boolean;
  /** Waits for the first answer. @throws MemberError when it does not come in time. */
  readonly acknowledged: (within?: number) => Promise<{
    readonly type: InteractionResponseType;
    /** Real milliseconds from the event's sending to the answer's arrival. */
    readonly afterMs: number;
  }>;
  /** The message that answers it as this member sees it now, a loading one too. */
  readonly original: () => SeenMessage | undefined;
  /** Waits for the message that answers it, once it is more than a loading one. */
  readonly answer: (within?: number) => Promise<SeenMessage>;
  /** Every message that came of it, follow-ups too, oldest first. */
  readonly messages: () => readonly SeenMessage[];
  /** Waits for the form that it is answered with. */
  readonly modal: (within?: number) => Promise<Modal>;
  /** Waits for the choices that it is answered with. */
  readonly choices: (within?: number) => Promise<readonly APIApplicationCommandOptionChoice[]>;
}

export interface Question {
  readonly kind: InteractionKind;
  readonly name: string;
  readonly data: ApiObject;
  readonly channel: Channel;
  readonly sourceMessageId?: string;
  /** The message as Discord writes it, for components. */
  readonly message?: ApiObject;
}

/** Guild or the bot's direct channel: what Discord calls the interaction's context. */
const contextOf = ({ guildId }: Channel): number => (guildId === undefined ? 1 : 0);

function describePlace(state: State, channel: Channel): ApiObject {
  if (channel.guildId === undefined) return {};
  const guild = state.world.guild(channel.guildId);
  return {
    guild_id: guild.id,
    guild: { id: guild.id, locale: guild.locale, features: [] },
    guild_locale: guild.locale,
  };
}

function describeAsker(state: State, user: User, channel: Channel): ApiObject {
  if (channel.guildId === undefined) return { user: describeUser(user) };
  const member = state.world.member(channel.guildId, user.id);
  const permissions = String(permissionsIn(state.world, user.id, channel));
  return { member: { ...describeMember(state.world, member), permissions } };
}

/** The larger of what the member and the guild have paid for. */
export function uploadLimitOf({ world }: State, user: User, { guildId }: Channel): number {
  const ofGuild = guildId === undefined ? 0 : guildUploadLimit(world.guild(guildId).boostTier);
  return Math.max(user.uploadLimit, ofGuild);
}

export function ask(state: State, user: User, question: Question): Asked {
  const { channel, kind, name, data, message, sourceMessageId } = question;
  const uploadLimit = uploadLimitOf(state, user, channel);
  const interaction = state.interactions.create({
    kind,
    userId: user.id,
    guildId: channel.guildId,
    channelId: channel.id,
    name,
    uploadLimit,
    sourceMessageId,
  });
  state.dispatch('INTERACTION_CREATE', {
    id: interaction.id,
    application_id: state.applicationId,
    type: interactionTypes[kind],
    data,
    ...describePlace(state, channel),
    channel_id: channel.id,
    channel: {
      ...describeChannel(state.world, channel),
      permissions: String(permissionsIn(state.world, user.id, channel)),
    },
    ...describeAsker(state, user, channel),
    ...(message && { message }),
    token: interaction.token,
    version: 1,
    app_permissions: String(permissionsIn(state.world, state.world.bot.id, channel)),
    locale: user.locale,
    entitlements: [],
    authorizing_integration_owners: { 0: channel.guildId ?? '0' },
    context: contextOf(channel),
    attachment_size_limit: uploadLimit,
  });
  return follow(state, user, channel, interaction);
}

function follow(state: State, user: User, channel: Channel, interaction: Interaction): Asked {
  const { id, token, name } = interaction;
  const hasFailed = (): boolean => !interaction.acknowledged && !state.interactions.isAnswerable(interaction);
  const seen = (which: (message: StoredMessage) => boolean): SeenMessage[] =>
    messagesSeenBy(state, user.id, channel, which);
  const original = (): SeenMessage | undefined => seen((message) => message.id === interaction.originalMessageId)[0];
  const until = async <T>(look: () => T, because: string, within?: number): Promise<NonNullable<T>> =>
    state.changes.until(
      () => {
        if (hasFailed())
          throw new MemberError(user.username, `was told that the application did not respond to ${name}`);
        return look();
      },
      `${because} of ${name}`,
      within,
    );
  return {
    id,
    token,
    hasFailed,
    acknowledged: async (within) => {
      const { type, afterMs } = await until(() => interaction.acknowledged, 'the acknowledgement', within);
      return { type, afterMs };
    },
    original,
    answer: async (within) =>
      until(
        () => {
          const message = original();
          return message?.isLoading === false && !message.hasFailed ? message : undefined;
        },
        'the answer',
        within,
      ),
    messages: () => seen(({ interactionId }) => interactionId === id),
    modal: async (within) => until(() => interaction.modal, 'the form', within),
    choices: async (within) => until(() => interaction.choices, 'the choices', within),
  };
}
