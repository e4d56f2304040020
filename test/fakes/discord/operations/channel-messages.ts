/** Messages by the bot's own token: what needs permissions, and what may be sent once only. */
import { PermissionFlagsBits } from 'discord.js';
import { HOUR } from '../clock.ts';
import { apiErrors, Refusal } from '../errors.ts';
import type { StoredMessage } from '../messages.ts';
import type { State } from '../state.ts';
import { type Channel, DEFAULT_UPLOAD_LIMIT, guildUploadLimit } from '../world/model.ts';
import { permissionsIn, requireBotPermissions } from '../world/permissions.ts';
import { announce, describeMessage, isPublic } from './describe-message.ts';
import { pingsUnasked } from './mentions.ts';
import { composeMessage, type MessageBody, type MessageTarget } from './message-body.ts';
import { type ApiRequest, noContent, ok, type Operation } from './operation.ts';

interface CreateBody extends MessageBody {
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean | null;
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists?: boolean | null } | null;
}

const { AttachFiles, EmbedLinks, ManageMessages, ReadMessageHistory, SendMessages } = PermissionFlagsBits;

function neededToSay({ body, files }: ApiRequest): bigint {
  const { embeds } = body as MessageBody;
  return (files.length > 0 ? AttachFiles : 0n) | (embeds && embeds.length > 0 ? EmbedLinks : 0n);
}

function target(state: State, channel: Channel, place: MessageTarget['place']): MessageTarget {
  const guild = channel.guildId === undefined ? undefined : state.world.guild(channel.guildId);
  return {
    channelId: channel.id,
    place,
    uploadLimit: guild ? guildUploadLimit(guild.boostTier) : DEFAULT_UPLOAD_LIMIT,
  };
}

/** One that a bot's token can reach: ephemeral messages exist for their interaction's token alone. */
function findMessage(state: State, channelId: string, messageId: string): StoredMessage {
  const message = state.messages.find(messageId);
  if (message?.channelId !== channelId || !isPublic(message)) throw new Refusal(apiErrors.unknownMessage);
  return message;
}

/** @throws Refusal 50007 or 50278 when the person of a direct channel cannot be written to. */
function requireOpenDoor({ world }: State, { recipientId }: Channel): void {
  if (recipientId === undefined) return;
  const shared = [...world.guilds.values()].some(
    ({ members }) => members.has(recipientId) && members.has(world.bot.id),
  );
  if (!shared) throw new Refusal(apiErrors.noMutualGuilds);
  if (!world.user(recipientId).acceptsDirectMessages) throw new Refusal(apiErrors.directMessagesClosed);
}

function requireReply(state: State, channel: Channel, body: CreateBody): string | undefined {
  const reference = body.message_reference;
  if (!reference) return undefined;
  if (!(permissionsIn(state.world, state.world.bot.id, channel) & ReadMessageHistory)) {
    throw new Refusal(apiErrors.cannotReplyUnread);
  }
  const original = state.messages.find(reference.message_id);
  if (original) return original.id;
  if (reference.fail_if_not_exists === false) return undefined;
  throw new Refusal(apiErrors.unknownMessage);
}

export const createMessage: Operation = (state, request) => {
  const body = request.body as CreateBody;
  const channel = state.world.channel(request.parameters['channel_id']!);
  requireBotPermissions(state.world, channel, SendMessages | neededToSay(request));
  requireOpenDoor(state, channel);
  const replyTo = requireReply(state, channel, body);
  const nonce = body.nonce ?? undefined;
  const earlier = body.enforce_nonce && nonce !== undefined && state.messages.withNonce(state.applicationId, nonce);
  if (earlier) return ok(describeMessage(state, earlier));
  const said = composeMessage(state, target(state, channel, 'channel'), body, request.files);
  const message = state.messages.create({
    ...said,
    channelId: channel.id,
    authorId: state.applicationId,
    replyTo,
    nonce,
  });
  if (pingsUnasked(message)) request.warn('allowed_mentions is not set and the text names somebody');
  announce(state, 'MESSAGE_CREATE', message);
  return ok(describeMessage(state, message));
};

/** @throws Refusal 30046 (as a 429) when a message older than an hour has been edited too often this hour. */
function countLateEdit({ clock, settings }: State, { createdAt, lateEdits }: StoredMessage): void {
  const now = clock.now();
  if (now - createdAt < HOUR) return;
  while (lateEdits[0] !== undefined && now - lateEdits[0] >= HOUR) lateEdits.shift();
  if (lateEdits.length >= settings.lateEdits) throw new Refusal(apiErrors.tooManyOldEdits);
  lateEdits.push(now);
}

export const updateMessage: Operation = (state, request) => {
  const channel = state.world.channel(request.parameters['channel_id']!);
  requireBotPermissions(state.world, channel, neededToSay(request));
  const message = findMessage(state, channel.id, request.parameters['message_id']!);
  if (message.authorId !== state.applicationId) throw new Refusal(apiErrors.notYourMessage);
  const changed = composeMessage(
    state,
    target(state, channel, 'edit'),
    request.body as MessageBody,
    request.files,
    message,
  );
  countLateEdit(state, message);
  state.messages.edit(message, changed);
  announce(state, 'MESSAGE_UPDATE', message);
  return ok(describeMessage(state, message));
};

export const deleteMessage: Operation = (state, { parameters }) => {
  const channel = state.world.channel(parameters['channel_id']!);
  const message = findMessage(state, channel.id, parameters['message_id']!);
  requireBotPermissions(state.world, channel, message.authorId === state.applicationId ? 0n : ManageMessages);
  state.messages.remove(message);
  announce(state, 'MESSAGE_DELETE', message);
  return noContent;
};

export const getMessage: Operation = (state, { parameters }) => {
  const channel = state.world.channel(parameters['channel_id']!);
  requireBotPermissions(state.world, channel, ReadMessageHistory);
  return ok(describeMessage(state, findMessage(state, channel.id, parameters['message_id']!)));
};

export const listMessages: Operation = (state, { parameters, query }) => {
  const channel = state.world.channel(parameters['channel_id']!);
  requireBotPermissions(state.world, channel, ReadMessageHistory);
  const limit = Number(query.get('limit') ?? 50);
  const seen = state.messages.inChannel(channel.id).filter((one) => one.deletedAt === undefined && isPublic(one));
  return ok(
    seen
      .slice(-limit)
      .reverse()
      .map((message) => describeMessage(state, message)),
  );
};
