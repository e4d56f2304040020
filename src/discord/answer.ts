/**
 * Answers to an interaction, whatever was said to it already: the first answer acknowledges, later ones edit or follow.
 * Handlers answer through here only, because the router acknowledges for one that is late and must not meet its answer.
 */
import {
  type ChatInputCommandInteraction,
  type InteractionCallbackResponse,
  type InteractionReplyOptions,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
} from 'discord.js';

import type { Message } from './message.ts';

export type Answerable =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | MessageComponentInteraction
  | ModalSubmitInteraction;

/** What the first answer was. */
export interface Acknowledgement {
  /** `loading`: a deferral that nothing has replaced; `message`: a message stands; `update`: the message pressed on stays. */
  readonly kind: 'loading' | 'message' | 'update';
  readonly isPrivate: boolean;
  /** Of the loading message or the answer. */
  readonly messageId?: string;
}

const first = new WeakMap<Answerable, Promise<Acknowledgement>>();

/** What the interaction was answered with, if it was. */
export function acknowledgementOf(interaction: Answerable): Promise<Acknowledgement> | undefined {
  return first.get(interaction);
}

function once(interaction: Answerable, answer: () => Promise<Acknowledgement>): Promise<Acknowledgement> {
  const known = first.get(interaction);
  if (known !== undefined) return known;
  const made = answer();
  first.set(interaction, made);
  // An answer that did not arrive is no answer: the next may try.
  made.catch(() => first.delete(interaction));
  return made;
}

const messageIdOf = (response: InteractionCallbackResponse): { messageId?: string } => {
  const id = response.interaction.responseMessageId;
  return id === null ? {} : { messageId: id };
};

/**
 * Defers the answer: "thinking…" is shown until `answer` replaces it. Look at `isPrivate` of what comes back: when the
 * router has already deferred for a late handler, the answer is private whatever was asked.
 */
export function acknowledge(
  interaction: Answerable,
  { isPrivate }: { readonly isPrivate: boolean },
): Promise<Acknowledgement> {
  return once(interaction, async () => {
    const flags = isPrivate ? { flags: MessageFlags.Ephemeral as const } : {};
    const response = await interaction.deferReply({ ...flags, withResponse: true });
    return { kind: 'loading', isPrivate, ...messageIdOf(response) };
  });
}

/** Says that a press was heard, without changing anything. */
export function acknowledgePress(
  interaction: MessageComponentInteraction | ModalSubmitInteraction,
): Promise<Acknowledgement> {
  return once(interaction, async () => {
    await interaction.deferUpdate();
    return { kind: 'update', isPrivate: interaction.message?.flags.has(MessageFlags.Ephemeral) ?? true };
  });
}

const camel = ({ components, allowed_mentions: { parse = [], users } }: Message) => ({
  components,
  allowedMentions: { parse, ...(users !== undefined && { users }) },
});

const replyOf = (said: Message, isPrivate: boolean): InteractionReplyOptions => ({
  ...camel(said),
  flags: isPrivate ? [MessageFlags.IsComponentsV2, MessageFlags.Ephemeral] : [MessageFlags.IsComponentsV2],
});

/** The answer itself: a reply when nothing was said yet, else in the place of what was. Gives the message's id. */
export async function answer(
  interaction: Answerable,
  said: Message,
  { isPrivate }: { readonly isPrivate: boolean },
): Promise<string | undefined> {
  const isFirst = !first.has(interaction);
  const acknowledged = await once(interaction, async () => {
    const response = await interaction.reply({ ...replyOf(said, isPrivate), withResponse: true });
    return { kind: 'message', isPrivate, ...messageIdOf(response) };
  });
  if (isFirst) return acknowledged.messageId;
  if (acknowledged.kind === 'update') {
    return (await interaction.followUp(replyOf(said, isPrivate))).id;
  }
  const { id } = await interaction.editReply({ ...camel(said), flags: MessageFlags.IsComponentsV2 });
  first.set(interaction, Promise.resolve({ ...acknowledged, kind: 'message', messageId: id }));
  return id;
}

/**
 * Says something that only the member who acted sees. A public "thinking…" is taken away first: the first follow-up would
 * take its place and be as public as it.
 */
export async function answerPrivately(interaction: Answerable, said: Message): Promise<void> {
  const acknowledged = await first.get(interaction);
  if (acknowledged === undefined || (acknowledged.kind === 'loading' && acknowledged.isPrivate)) {
    await answer(interaction, said, { isPrivate: true });
    return;
  }
  if (acknowledged.kind === 'loading') await interaction.deleteReply();
  await interaction.followUp(replyOf(said, true));
}

/** Says something else in the message that was pressed on. */
export async function rewrite(interaction: MessageComponentInteraction, said: Message): Promise<void> {
  await acknowledgePress(interaction);
  await interaction.editReply({ ...camel(said), flags: MessageFlags.IsComponentsV2 });
}
