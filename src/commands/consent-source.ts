/**
 * The clip or the sound that is to move a face, for whoever decides about it: nobody agrees to words that they cannot hear. A
 * private answer to a button of the question, from the file that is kept for the request.
 */
import { type APIComponentInContainer, ComponentType, type MessageComponentInteraction } from 'discord.js';

import { acknowledge, answerPrivately } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { container, message, notice, text } from '../discord/message.ts';
import { mediaTypeOf } from '../engine/provenance/media-type.ts';
import { Refusal } from '../policy/refusal.ts';
import { animateParameters } from '../queue/job.ts';
import { mostBytes } from '../queue/upload-limits.ts';
import { findRequest } from '../store/member-requests.ts';
import type { Consent } from '../store/rows.ts';
import { answerWithFile, withFile } from './send-file.ts';

/** Endings by what the bytes are: neither the name nor the type that the requester's file came with is passed on. */
const endings: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-msvideo': 'avi',
  'audio/mp4': 'm4a',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'application/ogg': 'ogg',
};
/** What Discord plays in a message. */
const played = ['mp4', 'mov', 'webm'];

/** @param consent whose question is open and for whoever pressed, as the caller has seen to. */
export async function showSource(
  interaction: MessageComponentInteraction,
  consent: Consent,
  context: CommandContext,
): Promise<void> {
  const { db, t } = context;
  await acknowledge(interaction, { isPrivate: true });
  const asking = await db.request.findFirst({
    where: { consentId: consent.id, state: 'asking' },
    select: { id: true },
  });
  const request = asking === null ? null : await findRequest(db, asking.id);
  const { driven } = request === null ? {} : animateParameters.parse(request.parameters);
  const source = request?.media.find(({ role }) => role === driven);
  if (driven === undefined || source === undefined) throw new Refusal('refusal.question-settled');
  const bytes = Number(source.object.bytes);
  if (bytes > mostBytes(interaction.attachmentSizeLimit)) {
    await answerPrivately(interaction, notice('refused', t('consent.source.too-large', { bytes })));
    return;
  }
  await withFile(context, source.sha256, async (path) => {
    const mediaType = await mediaTypeOf(path);
    const ending = endings[mediaType];
    // Sounds without a head that tells them are MP3 streams, mostly.
    const name = `${driven}.${ending ?? (driven === 'speech' ? 'mp3' : 'mp4')}`;
    const url = `attachment://${name}`;
    const shown: APIComponentInContainer =
      ending !== undefined && played.includes(ending)
        ? { type: ComponentType.MediaGallery, items: [{ media: { url } }] }
        : { type: ComponentType.File, file: { url } };
    const said = message([container('waiting', [text(t(`consent.source.${driven}`)), shown])]);
    await answerWithFile(interaction, said, { path, mediaType, name, isSpoiler: false }, context);
  });
}
