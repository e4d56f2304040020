/** Sends a stored file in answer to an interaction or to a member directly, read from the disk while it goes. */
import { openAsBlob } from 'node:fs';
import { type APIDMChannel, DiscordAPIError, MessageFlags, Routes } from 'discord.js';

import { acknowledgementOf, type Answerable } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import type { Message } from '../discord/message.ts';
import { Refusal } from '../policy/refusal.ts';
import { MediaMissing } from '../store/media-store.ts';

/** What a file is sent as. */
export interface SentFile {
  readonly path: string;
  readonly mediaType: string;
  readonly name: string;
  readonly isSpoiler: boolean;
}

/** What Discord takes from a bot in direct messages, and everywhere else at least. */
export const smallestUpload = 10 * 2 ** 20;

/** Left for the form around the file. */
const formBytes = 64 * 2 ** 10;

/** Rejects with `refusal.result-too-large` when a place does not take a file of that size. */
export function refuseTooLarge(bytes: number, limit: number): void {
  if (bytes + formBytes > limit) throw new Refusal('refusal.result-too-large', { bytes, limit });
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
): Promise<void> {
  const { applicationId, token } = interaction;
  const acknowledged = await acknowledgementOf(interaction);
  if (acknowledged?.kind === 'loading') {
    await deliveryRest.patch(Routes.webhookMessage(applicationId, token), { ...(await form(said, file)), auth: false });
    return;
  }
  const aside = { ...said, flags: said.flags | MessageFlags.Ephemeral };
  await deliveryRest.post(Routes.webhook(applicationId, token), { ...(await form(aside, file)), auth: false });
}

/** Rejects with `refusal.direct-messages-closed`. */
export async function sendDirectly(
  interaction: Answerable,
  said: Message,
  file: SentFile,
  { deliveryRest }: Pick<CommandContext, 'deliveryRest'>,
): Promise<void> {
  try {
    const opened = await deliveryRest.post(Routes.userChannels(), { body: { recipient_id: interaction.user.id } });
    // One asking, one message: whoever asks again wants it again.
    const once = { ...said, nonce: interaction.id, enforce_nonce: true };
    await deliveryRest.post(Routes.channelMessages((opened as APIDMChannel).id), await form(once, file));
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === 50007) throw new Refusal('refusal.direct-messages-closed');
    throw error;
  }
}

async function form(said: object, { path, mediaType, name, isSpoiler }: SentFile) {
  const body = new FormData();
  const attachments = [{ id: '0', filename: name, is_spoiler: isSpoiler }];
  body.set('payload_json', JSON.stringify({ ...said, attachments }));
  body.set('files[0]', await openAsBlob(path, { type: mediaType }), name);
  return { body, passThroughBody: true } as const;
}
