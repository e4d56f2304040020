/** A message as Discord's API and gateway write it. */
import { MessageType } from 'discord.js';
import { interactionTypes } from '../interactions.ts';
import { type Attachment, flags, type StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import { type ApiObject, describeUser } from '../world/describe.ts';
import { describeComponents } from './describe-components.ts';
import { mentionedUsers } from './mentions.ts';

const IS_SPOILER = 1 << 3;

export function describeAttachment(state: State, { file, description, spoiler, width, height }: Attachment): ApiObject {
  const address = state.cdn.address(file);
  return {
    id: file.id,
    filename: file.filename,
    size: file.bytes.length,
    url: address,
    proxy_url: address,
    content_type: file.contentType,
    ...(description !== undefined && { description }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(file.ephemeral && { ephemeral: true }),
    ...(spoiler && { flags: IS_SPOILER }),
  };
}

function describeInteraction(state: State, id: string): ApiObject {
  const interaction = state.interactions.byId(id);
  if (!interaction) return {};
  return {
    interaction_metadata: {
      id,
      type: interactionTypes[interaction.kind],
      user: describeUser(state.world.user(interaction.userId)),
      authorizing_integration_owners: { 0: interaction.guildId ?? '0' },
      ...(interaction.kind === 'component' && { interacted_message_id: interaction.sourceMessageId ?? id }),
      ...(interaction.kind === 'modal' && {
        triggering_interaction_metadata: {
          id,
          type: interactionTypes.command,
          user: describeUser(state.world.user(interaction.userId)),
          authorizing_integration_owners: { 0: interaction.guildId ?? '0' },
        },
      }),
    },
  };
}

/** The embeds as stored: Discord says of which kind each is. */
const describeEmbeds = ({ embeds }: StoredMessage): ApiObject[] => embeds.map((embed) => ({ type: 'rich', ...embed }));

export function describeMessage(state: State, message: StoredMessage): ApiObject {
  const { world } = state;
  const reply = message.replyTo === undefined ? undefined : state.messages.find(message.replyTo);
  const isAnswer = message.interactionId !== undefined;
  return {
    id: message.id,
    channel_id: message.channelId,
    type: isAnswer ? MessageType.ChatInputCommand : reply ? MessageType.Reply : MessageType.Default,
    author: describeUser(world.user(message.authorId)),
    content: message.content,
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.editedAt === undefined ? null : new Date(message.editedAt).toISOString(),
    tts: false,
    mention_everyone: false,
    mentions: mentionedUsers(state, message).map((user) => describeUser(user)),
    mention_roles: [],
    attachments: message.attachments.map((attachment) => describeAttachment(state, attachment)),
    embeds: describeEmbeds(message),
    components: describeComponents(state, message),
    pinned: false,
    flags: message.flags,
    ...(message.nonce !== undefined && { nonce: message.nonce }),
    ...(message.replyTo !== undefined && {
      message_reference: { type: 0, channel_id: message.channelId, message_id: message.replyTo },
    }),
    ...(isAnswer && { application_id: state.applicationId, webhook_id: state.applicationId }),
    ...(message.interactionId !== undefined && describeInteraction(state, message.interactionId)),
  };
}

/** Whether a message is a public one, which alone other requests and the gateway ever see. */
export const isPublic = ({ flags: set }: StoredMessage): boolean => (set & flags.ephemeral) === 0;

/** Tells the gateway of a message, unless it is a private one. */
export function announce(
  state: State,
  event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE' | 'MESSAGE_DELETE',
  message: StoredMessage,
): void {
  if (!isPublic(message)) return;
  const { id, channelId } = message;
  const { guildId } = state.world.channel(channelId);
  state.dispatch(event, {
    ...(event === 'MESSAGE_DELETE' ? { id, channel_id: channelId } : describeMessage(state, message)),
    ...(guildId !== undefined && { guild_id: guildId }),
  });
}
