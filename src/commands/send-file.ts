/** Sends a stored file in answer to an interaction or to a member directly, read from the disk while it goes. */
import { type APIMessage, DiscordAPIError, MessageFlags, Routes } from 'discord.js';

import { type Acknowledgement, acknowledgementOf, type Answerable } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { directChannel } from '../discord/direct-channel.ts';
import type { Message } from '../discord/message.ts';
import { type UploadedFile, uploadForm } from '../discord/upload-form.ts';
import { Refusal } from '../policy/refusal.ts';
import { mostBytes } from '../queue/upload-limits.ts';
import { MediaMissing } from '../store/media-store.ts';
import { notePosting } from '../store/postings.ts';
import { replyBy } from './reply-by.ts';

/** What a file is sent as. */
export type SentFile = Required<UploadedFile>;

/** Rejects with `refusal.result-too-large` when a place does not take a file of that size. */
export function refuseTooLarge(bytes: number, limit: number): void {
  const most = mostBytes(limit);
  if (bytes > most) throw new Refusal('refusal.result-too-large', { bytes, limit: most });
}

/** Lends a file of the media store to `use`. Rejects with `refusal.result-gone` when it is no longer there. */
export async function withFile<Result>(
  { media }: Pick<CommandContext, 'media'>,
  sha256: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const file = await media.open(sha256).catch((error: unknown) => {
    throw error instanceof MediaMissing ? new Refusal('refusal.result-gone') : error;
  });
  try {
    return await use(file.path);
  } finally {
    await file.release();
  }
}

/**
 * Puts the answer in the place of the "thinking…" that the interaction was acknowledged with. Where there is none, because
 * the message that was pressed on stays, the member alone sees it below: an edit would overwrite that message for everybody.
 */
export async function answerWithFile(
  interaction: Answerable,
  said: Message,
  file: SentFile,
  { deliveryRest }: Pick<CommandContext, 'deliveryRest'>,
): Promise<Sent> {
  const { applicationId, token } = interaction;
  const acknowledged = await acknowledgementOf(interaction);
  if (acknowledged?.kind === 'loading') {
    const route = Routes.webhookMessage(applicationId, token);
    const edited = await deliveryRest.patch(route, { ...(await uploadForm(said, file)), auth: false });
    return sentAs(edited, acknowledged.isPrivate);
  }
  const aside = { ...said, flags: said.flags | MessageFlags.Ephemeral };
  const query = new URLSearchParams({ wait: 'true' });
  const sending = { ...(await uploadForm(aside, file)), query, auth: false };
  return sentAs(await deliveryRest.post(Routes.webhook(applicationId, token), sending), true);
}

/** Where it is now, and whether one member alone sees it. */
export interface Sent {
  readonly channelId: string;
  readonly messageId: string;
  readonly isPrivate: boolean;
}

const sentAs = (message: unknown, isPrivate: boolean): Sent => {
  const { id, channel_id: channelId } = message as APIMessage;
  return { channelId, messageId: id, isPrivate };
};

/** Notes that a request's result is shown in one message more: it goes when the result does. */
export async function noteShown(
  interaction: Answerable,
  requestId: string,
  sent: Sent,
  { db, now }: Pick<CommandContext, 'db' | 'now'>,
): Promise<void> {
  const { applicationId, token, tokenExpiresAt } = replyBy(interaction);
  await notePosting(db, { ...sent, requestId, applicationId, token, tokenExpiresAt, postedAt: new Date(now()) });
}

/**
 * Notes where a result is about to be shown: the "thinking…" becomes it. A process that dies once Discord has the file and
 * before it can note the message leaves none behind that nobody knows of.
 */
export async function noteIntended(
  interaction: Answerable,
  requestId: string,
  { kind, messageId, isPrivate }: Acknowledgement,
  services: Pick<CommandContext, 'db' | 'now'>,
): Promise<void> {
  const { channelId } = interaction;
  if (kind !== 'loading' || messageId === undefined || channelId === null) return;
  await noteShown(interaction, requestId, { channelId, messageId, isPrivate }, services);
}

/** Rejects with `refusal.direct-messages-closed`. */
export async function sendDirectly(
  interaction: Answerable,
  said: Message,
  file: SentFile,
  { deliveryRest }: Pick<CommandContext, 'deliveryRest'>,
): Promise<Sent> {
  try {
    // One asking, one message: whoever asks again wants it again.
    const once = { ...said, nonce: interaction.id, enforce_nonce: true };
    const route = Routes.channelMessages(await directChannel(deliveryRest, interaction.user.id));
    return sentAs(await deliveryRest.post(route, await uploadForm(once, file)), false);
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === 50007) throw new Refusal('refusal.direct-messages-closed');
    throw error;
  }
}
