/** `/verify file:|link:` and *Was this made here?*: one plain answer about a file of anybody's, for whoever asked alone. */
import { ApplicationCommandOptionType, type ChatInputCommandInteraction } from 'discord.js';

import { acknowledge, answer, type Answerable } from '../discord/answer.ts';
import type { Command, CommandContext } from '../discord/command.ts';
import { isFetchable, takeIn } from '../discord/intake.ts';
import { optionTexts } from '../discord/localise.ts';
import { container, type Message, message, type Tone, text } from '../discord/message.ts';
import { stamp } from '../discord/timestamps.ts';
import type { Translate } from '../locale.ts';
import { type RateLimit, rateLimit } from '../policy/rate-limit.ts';
import { Refusal } from '../policy/refusal.ts';
import type { Verification } from '../queue/verification.ts';
import { noteUnused } from '../store/media-references.ts';
import { verificationWords } from '../verification-words.ts';
import { askerOf } from './asker.ts';
import { blockOf } from './block-of.ts';
import { fileCommand } from './choose-file.ts';
import { slashDefinition } from './definition.ts';
import { limitsIn } from './limits-in.ts';
import { type FileSource, mediaOf, nameIn, sourceOf } from './message-files.ts';
import { moderatorIn } from './moderator-of.ts';
import { createTurns, type Turns } from './turns.ts';

/** Files that one member may have looked at in an hour: each is fetched and searched for some seconds. */
const filesPerHour = 20;
/** Files that are fetched for it at the same time. */
const fetchedAtOnce = 2;

export function verifyCommands(): readonly Command[] {
  const bounds = { limit: rateLimit(filesPerHour), turns: createTurns(fetchedAtOnce) };
  return [
    {
      kind: 'slash',
      definition: slashDefinition('verify', [
        { type: ApplicationCommandOptionType.Attachment, ...optionTexts('verify', 'file') },
        { type: ApplicationCommandOptionType.String, ...optionTexts('verify', 'link'), max_length: 2000 },
      ]),
      execute: async (interaction, context) => {
        await verify(interaction, fileIn(interaction, context), bounds, context);
      },
    },
    fileCommand({
      key: 'verify-message',
      action: 'verify',
      none: 'refusal.no-file',
      filesOf: mediaOf,
      start: (interaction, file, context) => verify(interaction, file, bounds, context),
    }),
  ];
}

function fileIn({ options }: ChatInputCommandInteraction, { downloads }: CommandContext): FileSource {
  const attached = options.getAttachment('file');
  if (attached) return sourceOf(attached);
  const url = options.getString('link')?.trim();
  if (url === undefined || !isFetchable(url, downloads)) throw new Refusal('refusal.verify-nothing');
  return { url, name: nameIn(url) };
}

/**
 * The file goes through the guarded door into the media store and to a worker: the bot reads none of it. No request refers to
 * it, so it is held for as long as it waits its turn, and goes seconds later.
 */
async function verify(
  interaction: Answerable,
  { url, bytes: expectedBytes, contentType }: FileSource,
  { limit, turns }: { readonly limit: RateLimit; readonly turns: Turns },
  context: CommandContext,
): Promise<void> {
  const { db, media, downloads, queue, now, newId } = context;
  const asker = askerOf(interaction);
  await acknowledge(interaction, { isPrivate: true });
  const blocked = await blockOf(asker, context);
  if (blocked !== undefined) throw new Refusal(`refusal.blocked-${blocked}`);
  const { maxInputBytes: maxBytes } = await limitsIn(context, asker.guildId);
  if (expectedBytes !== undefined && expectedBytes > maxBytes) {
    throw new Refusal('refusal.file-too-large', { bytes: expectedBytes, limit: maxBytes });
  }
  limit.take(asker.id, now());
  const mediaType = contentType ?? 'application/octet-stream';
  const wanted = { url, maxBytes, mediaType, ...(expectedBytes !== undefined && { expectedBytes }) };
  const file = await turns(() => takeIn(media, wanted, downloads));
  const release = media.hold(file.sha256);
  let found: Verification;
  try {
    await noteUnused(db, { ...file, mediaType });
    found = await queue.verify(newId(), file.sha256);
  } finally {
    release();
  }
  // A guild hears of its own requests, and by its moderators alone.
  const moderated = moderatorIn(interaction)?.guildId;
  const request = found.request?.guildId === moderated && moderated !== undefined ? found.request : undefined;
  await answer(interaction, verificationMessage(found, request?.id, context.t), { isPrivate: true });
}

/** @param requestId where whoever asks may know it */
export function verificationMessage(found: Verification, requestId: string | undefined, t: Translate): Message {
  const day = (at: Date): string => stamp(at, 'D');
  const { title, lines } = verificationWords(found, { t, day });
  const tone: Tone = found.madeHere === true ? 'done' : 'waiting';
  return message([
    container(tone, [
      text(`### ${title}`),
      text(lines.map((line) => `- ${line}`).join('\n')),
      ...(requestId === undefined ? [] : [text(`-# ${t('verify.moderators', { requestId })}`)]),
    ]),
  ]);
}
