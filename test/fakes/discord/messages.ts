/** Every message: what it says now, what it said before and when, who may see it. */
import type { APIAllowedMentions, APIEmbed } from 'discord.js';
import type { Cdn, StoredFile } from './cdn.ts';
import { type Clock, MINUTE } from './clock.ts';
import type { Component } from './components.ts';

export const flags = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  componentsV2: 1 << 15,
} as const;

export interface Attachment {
  readonly file: StoredFile;
  readonly description: string | undefined;
  readonly spoiler: boolean;
  readonly width?: number;
  readonly height?: number;
}

/** What a message says, as opposed to what it is. */
export interface MessageContent {
  content: string;
  embeds: readonly APIEmbed[];
  components: readonly Component[];
  attachments: readonly Attachment[];
  flags: number;
  /** Who is to be pinged; undefined where the sender did not say, which pings everybody the text names. */
  allowedMentions: APIAllowedMentions | undefined;
}

/** A message's words at one time. */
export interface Revision extends Readonly<MessageContent> {
  readonly at: number;
}

export interface StoredMessage extends MessageContent {
  readonly id: string;
  readonly channelId: string;
  readonly authorId: string;
  readonly createdAt: number;
  editedAt: number | undefined;
  deletedAt: number | undefined;
  /** The only person who sees it; undefined for a message that the whole channel sees. */
  readonly ephemeralTo: string | undefined;
  /** The interaction that it answers. */
  readonly interactionId: string | undefined;
  /** The message it replies to. */
  readonly replyTo: string | undefined;
  readonly nonce: string | number | undefined;
  /** Every state it has been in, the first as created and the last as it is. */
  readonly revisions: Revision[];
  /** Times of edits made when it was older than an hour. */
  readonly lateEdits: number[];
}

export interface Messages {
  readonly create: (
    message: MessageContent & {
      readonly channelId: string;
      readonly authorId: string;
      readonly ephemeralTo?: string | undefined;
      readonly interactionId?: string | undefined;
      readonly replyTo?: string | undefined;
      readonly nonce?: string | number | undefined;
    },
  ) => StoredMessage;
  readonly edit: (message: StoredMessage, changed: Partial<MessageContent>) => void;
  /** Takes the message and its files away. */
  readonly remove: (message: StoredMessage) => void;
  /** One that has not been deleted. */
  readonly find: (id: string) => StoredMessage | undefined;
  /** All that were ever in a channel, deleted ones too, oldest first. */
  readonly inChannel: (channelId: string) => readonly StoredMessage[];
  /** One by the same author with the same nonce, sent in the last few minutes. */
  readonly withNonce: (authorId: string, nonce: string | number) => StoredMessage | undefined;
}

/** How long Discord remembers a nonce: its documentation says "the past few minutes". */
const NONCE_MEMORY = 3 * MINUTE;

const contentOf = (message: MessageContent): MessageContent => ({
  content: message.content,
  embeds: message.embeds,
  components: message.components,
  attachments: message.attachments,
  flags: message.flags,
  allowedMentions: message.allowedMentions,
});

export function createMessages(clock: Clock, nextId: () => string, cdn: Cdn): Messages {
  const all = new Map<string, StoredMessage>();
  const byChannel = new Map<string, StoredMessage[]>();

  return {
    create: ({ channelId, authorId, ephemeralTo, interactionId, replyTo, nonce, ...said }) => {
      const createdAt = clock.now();
      const message: StoredMessage = {
        ...said,
        id: nextId(),
        channelId,
        authorId,
        createdAt,
        editedAt: undefined,
        deletedAt: undefined,
        ephemeralTo,
        interactionId,
        replyTo,
        nonce,
        revisions: [{ at: createdAt, ...contentOf(said) }],
        lateEdits: [],
      };
      all.set(message.id, message);
      const there = byChannel.get(channelId) ?? [];
      there.push(message);
      byChannel.set(channelId, there);
      return message;
    },
    edit: (message, changed) => {
      const kept = new Set((changed.attachments ?? message.attachments).map(({ file }) => file.id));
      for (const { file } of message.attachments) if (!kept.has(file.id)) cdn.remove(file.id);
      Object.assign(message, changed);
      message.editedAt = clock.now();
      message.revisions.push({ at: message.editedAt, ...contentOf(message) });
    },
    remove: (message) => {
      message.deletedAt = clock.now();
      for (const { file } of message.attachments) cdn.remove(file.id);
    },
    find: (id) => {
      const message = all.get(id);
      return message?.deletedAt === undefined ? message : undefined;
    },
    inChannel: (channelId) => byChannel.get(channelId) ?? [],
    withNonce: (authorId, nonce) =>
      [...all.values()].find(
        (message) =>
          message.authorId === authorId &&
          message.nonce !== undefined &&
          String(message.nonce) === String(nonce) &&
          clock.now() - message.createdAt < NONCE_MEMORY,
      ),
  };
}
