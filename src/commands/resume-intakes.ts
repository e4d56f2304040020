/**
 * Requests whose clip was being fetched when the bot ended. With the clip in the store they go on where they were; without
 * it the member is asked to send it again, because its address was never written down.
 */
import { MessageFlags, type REST, Routes } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { sentenceOf } from '../discord/fault-answer.ts';
import { translatorOf } from '../discord/localise.ts';
import { type Message, notice } from '../discord/message.ts';
import { chooseLanguage } from '../locale.ts';
import { restoreParameters } from '../queue/job.ts';
import { requestsTakenIn, type WholeRequest } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { finishRequest } from '../store/requests.ts';
import { admitClip } from './admit-clip.ts';
import { endIntake } from './end-intake.ts';
import { limitsIn } from './limits-in.ts';

export type IntakeServices = Pick<
  BotServices,
  'db' | 'media' | 'queue' | 'cards' | 'limits' | 'now' | 'client' | 'log'
>;

/**
 * To be called once at the start, before the router listens: every request it finds was left by an earlier process.
 * Resolves to how many there were; never rejects for one of them.
 */
export async function resumeIntakes(
  services: IntakeServices,
  { modelsDir }: { readonly modelsDir: string },
): Promise<number> {
  const left = await requestsTakenIn(services.db);
  for (const request of left) {
    try {
      await resume(request, services, modelsDir);
    } catch (error) {
      services.log.error({ err: error, requestId: request.id }, 'an intake could not be resumed');
    }
  }
  return left.length;
}

async function resume(request: WholeRequest, services: IntakeServices, modelsDir: string): Promise<void> {
  const { id, requesterId, guildId, media } = request;
  const { queue, cards } = services;
  const input = media.find(({ role }) => role === 'input');
  try {
    if (input === undefined) throw new MediaMissing('of an intake');
    const { sha256, object } = input;
    const parameters = restoreParameters.parse(request.parameters);
    const clip = { requestId: id, requesterId, guildId, parameters, sha256, bytes: Number(object.bytes) };
    await admitClip(clip, await limitsIn(services, guildId), { ...services, modelsDir });
  } catch (error) {
    await giveUp(request, error, services);
    return;
  }
  queue.submitted(id);
  cards.follow(id);
}

async function giveUp(request: WholeRequest, error: unknown, services: IntakeServices): Promise<void> {
  const { db, client, now, log } = services;
  const language = chooseLanguage([request.locale]);
  const sentence = sentenceOf(error, translatorOf(language), language);
  if (sentence === undefined) {
    // Nothing the member did: told like every failure, by the outbox.
    if (!(error instanceof MediaMissing))
      log.error({ err: error, requestId: request.id }, 'a clip could not be taken in');
    const code = error instanceof MediaMissing ? 'queue.input-gone' : 'queue.fault';
    await finishRequest(db, request.id, { kind: 'failed', actor: 'bot', code, from: ['received'] }, new Date(now()));
    return;
  }
  if (await endIntake(request.id, error, services)) return;
  await tellAlone(client.rest, request, notice('refused', sentence)).catch((failure: unknown) => {
    log.warn({ err: failure, requestId: request.id }, 'a refusal could not be told');
  });
}

/** In the place of what only the member sees, or instead of what everybody sees. */
async function tellAlone(rest: REST, { reply }: WholeRequest, said: Message): Promise<void> {
  if (reply?.token == null) return;
  const { applicationId, token, isPrivate } = reply;
  const original = Routes.webhookMessage(applicationId, token);
  if (isPrivate) {
    await rest.patch(original, { body: said, auth: false });
    return;
  }
  await rest.delete(original, { auth: false });
  const body = { ...said, flags: said.flags | MessageFlags.Ephemeral };
  await rest.post(Routes.webhook(applicationId, token), { body, auth: false });
}
