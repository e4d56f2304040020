/**
 * Requests whose clip was being fetched when the bot ended. With the clip in the store they go on where they were; without
 * it the clip is fetched again from where it was, and only when it is no longer there the member is asked to send it again.
 */
import { MessageFlags, type REST, Routes } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { DownloadError } from '../discord/download-error.ts';
import { sentenceOf } from '../discord/fault-answer.ts';
import { translatorOf } from '../discord/localise.ts';
import { type Message, notice } from '../discord/message.ts';
import { chooseLanguage } from '../locale.ts';
import type { Limits } from '../policy/limits.ts';
import { restoreParameters } from '../queue/job.ts';
import { requestsTakenIn, type WholeRequest } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { finishRequest, readRequest } from '../store/requests.ts';
import { admitClip } from './admit-clip.ts';
import { endIntake } from './end-intake.ts';
import { fetchClip } from './fetch-clip.ts';
import { limitsIn } from './limits-in.ts';
import { createTurns } from './turns.ts';

export type IntakeServices = Pick<
  BotServices,
  'db' | 'media' | 'queue' | 'cards' | 'limits' | 'downloads' | 'now' | 'client' | 'log'
>;

export interface ResumeOptions {
  readonly modelsDir: string;
  /** What an earlier process left: `requestsTakenIn`, read before the router listens; read now when left out. */
  readonly left?: readonly WholeRequest[];
  /** Breaks the fetching off and leaves the requests to the next start. */
  readonly signal?: AbortSignal;
}

/** Clips that are fetched side by side, beside those of members who ask now. */
const atOnce = 2;

/**
 * Goes on with what an earlier process left. It may take as long as the downloads do; members are answered meanwhile.
 * Resolves to how many there were; never rejects for one of them.
 */
export async function resumeIntakes(services: IntakeServices, options: ResumeOptions): Promise<number> {
  const left = options.left ?? (await requestsTakenIn(services.db));
  const turns = createTurns(atOnce);
  const resumed = left.map((request) =>
    turns(async () => {
      try {
        await resume(request, services, options);
      } catch (error) {
        services.log.error({ err: error, requestId: request.id }, 'an intake could not be resumed');
      }
    }),
  );
  await Promise.all(resumed);
  return left.length;
}

async function resume(request: WholeRequest, services: IntakeServices, options: ResumeOptions): Promise<void> {
  const { id, requesterId, guildId } = request;
  const { queue, cards } = services;
  const { modelsDir, signal } = options;
  try {
    signal?.throwIfAborted();
    const limits = await limitsIn(services, guildId);
    const input = await inputOf(request, limits, services, signal);
    const parameters = restoreParameters.parse(request.parameters);
    await admitClip({ requestId: id, requesterId, guildId, parameters, ...input }, limits, { ...services, modelsDir });
  } catch (error) {
    if (signal?.aborted !== true) await giveUp(request, error, services);
    return;
  }
  queue.submitted(id);
  cards.follow(id);
}

async function inputOf(
  { id, media, reply }: WholeRequest,
  { maxInputBytes: maxBytes }: Limits,
  services: IntakeServices,
  signal: AbortSignal | undefined,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const input = media.find(({ role }) => role === 'input');
  if (input !== undefined) return { sha256: input.sha256, bytes: Number(input.object.bytes) };
  const url = reply?.clipUrl ?? undefined;
  if (url === undefined) throw new MediaMissing('of an intake');
  return fetchClip(id, { url }, { maxBytes, signal }, services);
}

async function giveUp(request: WholeRequest, error: unknown, services: IntakeServices): Promise<void> {
  const { db, client, now, log } = services;
  const isGone = error instanceof MediaMissing || error instanceof DownloadError;
  const language = chooseLanguage([request.locale]);
  const sentence = isGone ? undefined : sentenceOf(error, translatorOf(language), language);
  if (sentence === undefined) {
    // Stopped by its member meanwhile, or taken in after all: nobody is to be told.
    if ((await readRequest(db, request.id)).state !== 'received') {
      await endIntake(request.id, error, services);
      return;
    }
    // Nothing the member did: told like every failure, by the outbox.
    if (!isGone) log.error({ err: error, requestId: request.id }, 'a clip could not be taken in');
    const code = isGone ? 'queue.input-gone' : 'queue.fault';
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
