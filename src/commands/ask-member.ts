/**
 * Shows a member what is still to be said of a request, in private: in the place of the "thinking…" that they alone see, or
 * below the command when everybody sees it. By the interaction's token alone, so that the next process can ask as well.
 */
import { type APIMessage, DiscordAPIError, MessageFlags, type REST, RESTJSONErrorCodes, Routes } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { translatorOf } from '../discord/localise.ts';
import type { Message } from '../discord/message.ts';
import { uploadForm } from '../discord/upload-form.ts';
import { chooseLanguage } from '../locale.ts';
import { readFindings } from '../queue/findings.ts';
import { animateParameters } from '../queue/job.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { findRequest, noteQuestion } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { changeState, RequestMissing } from '../store/requests.ts';
import type { Reply } from '../store/rows.ts';
import { isAsked, openQuestion, questionMessage } from './animate-question.ts';

export type AskServices = Pick<BotServices, 'db' | 'media' | 'cards' | 'deliveryRest' | 'now' | 'consent'>;

const previewName = 'faces.jpg';

/** Rejects with IllegalTransition when the request was stopped meanwhile, else as Discord's client does. */
export async function askMember({ id }: { readonly id: string }, services: AskServices): Promise<void> {
  const { db, media, cards, deliveryRest, now } = services;
  const request = await findRequest(db, id);
  const findings = readFindings(request?.findings);
  if (!request?.reply || findings === undefined) throw new RequestMissing(id);
  const parameters = animateParameters.parse(request.parameters);
  const question = openQuestion(parameters, findings);
  if (question === undefined) return;
  if (request.state !== 'asking') {
    await changeState(db, id, 'asking', { actor: 'bot', now: new Date(now()), from: ['received'] });
  }
  // An edit of the card on its way would overwrite the question.
  await cards.release(id);
  const settings = request.guildId === null ? undefined : await guildSettings(db, request.guildId);
  const said = questionMessage(
    {
      requestId: id,
      question,
      faces: findings.faces,
      fileName: previewName,
      offersWords: parameters.subject === undefined || !isAsked(parameters.subject.kind),
      offersAll: parameters.subject?.kind === 'artwork',
      artworksAllowed: settings?.artworksAllowed ?? true,
      offersMembers: request.guildId !== null,
      offersOutsiders: services.consent.outsidersAllowed && !!settings?.logChannelId,
    },
    translatorOf(chooseLanguage([request.locale])),
  );
  const preview = request.media.find(({ role }) => role === 'preview');
  if (preview === undefined) throw new MediaMissing('of a question');
  const file = await media.open(preview.sha256);
  try {
    const asking = { ...said, ...privateFlags(said, request.reply) };
    const form = await uploadForm(asking, { path: file.path, mediaType: 'image/jpeg', name: previewName });
    const shown = await tellAlone(deliveryRest, request.reply, form);
    // An earlier process asked the same, and has its answer by now.
    if (shown !== null && !(await noteQuestion(db, id, shown))) await takeBack(deliveryRest, request.reply, shown);
  } finally {
    await file.release();
  }
}

/** Where what only the member sees stands already; undefined when what stands is for everybody. */
function privatePlace({ isPrivate, messageId, questionId }: Reply): string | undefined {
  return questionId ?? (isPrivate ? (messageId ?? '@original') : undefined);
}

/** What is told below the command says itself that it is private. */
export function privateFlags({ flags }: Message, reply: Reply): { readonly flags: number } {
  return { flags: privatePlace(reply) === undefined ? flags | MessageFlags.Ephemeral : flags };
}

/**
 * Tells the member alone, in the place of what only they see, or instead of what everybody sees. Resolves to the message's
 * id. Nothing can be told when the token is gone.
 */
export async function tellAlone(
  rest: REST,
  reply: Reply,
  form: { readonly body: object; readonly passThroughBody?: true },
): Promise<string | null> {
  const { applicationId, token, messageId } = reply;
  if (token === null) return null;
  const place = privatePlace(reply);
  if (place !== undefined) {
    const edited = await rest.patch(Routes.webhookMessage(applicationId, token, place), { ...form, auth: false });
    return (edited as APIMessage).id;
  }
  await takeBack(rest, reply, messageId ?? '@original');
  const query = new URLSearchParams({ wait: 'true' });
  const posted = await rest.post(Routes.webhook(applicationId, token), { ...form, query, auth: false });
  return (posted as APIMessage).id;
}

/** Takes a message of the interaction away, if it is still there. */
export async function takeBack(
  rest: REST,
  { applicationId, token }: Pick<Reply, 'applicationId' | 'token'>,
  messageId: string,
): Promise<void> {
  if (token === null) return;
  try {
    await rest.delete(Routes.webhookMessage(applicationId, token, messageId), { auth: false });
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || error.code !== RESTJSONErrorCodes.UnknownMessage) throw error;
  }
}
