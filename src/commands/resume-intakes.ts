/**
 * Requests that were being taken in when the bot ended. Files that are in the store are not fetched again; the others are,
 * from where they were, and only when they are no longer there the member is asked to send them again.
 */
import type { BotServices } from '../discord/command.ts';
import { DownloadError } from '../discord/download-error.ts';
import { sentenceOf } from '../discord/fault-answer.ts';
import { translatorOf } from '../discord/localise.ts';
import { notice } from '../discord/message.ts';
import { chooseLanguage } from '../locale.ts';
import { renewUnasked } from '../store/consent-questions.ts';
import { requestsTakenIn, type TakenIn } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { finishRequest, readRequest } from '../store/requests.ts';
import { privateFlags, tellAlone } from './ask-member.ts';
import { endIntake } from './end-intake.ts';
import { limitsOfRequester } from './limits-in.ts';
import { filesOfRow, takeInRequest } from './take-in.ts';
import { createTurns, type Turns } from './turns.ts';

export type IntakeServices = Pick<
  BotServices,
  | 'db'
  | 'media'
  | 'queue'
  | 'cards'
  | 'limits'
  | 'downloads'
  | 'now'
  | 'deliveryRest'
  | 'log'
  | 'logKey'
  | 'consent'
  | 'client'
>;

export interface ResumeOptions {
  readonly modelsDir: string;
  /** What an earlier process left: `leftIntakes`, read before the router listens; read now when left out. */
  readonly left?: readonly TakenIn[];
  /** Breaks the fetching off and leaves the requests to the next start. */
  readonly signal?: AbortSignal;
}

/** What an earlier process left. Whoever was to be asked, and never was, has all the time to answer from now on. */
export async function leftIntakes({
  db,
  consent,
  now,
}: Pick<BotServices, 'db' | 'consent' | 'now'>): Promise<readonly TakenIn[]> {
  await renewUnasked(db, new Date(now() + consent.answerMs));
  return requestsTakenIn(db, new Date(now()));
}

/** Requests that are taken in side by side, beside those of members who ask now. */
const atOnce = 2;

/**
 * Goes on with what an earlier process left. It may take as long as the downloads do; members are answered meanwhile.
 * Resolves to how many there were; never rejects for one of them.
 */
export async function resumeIntakes(services: IntakeServices, options: ResumeOptions): Promise<number> {
  const left = options.left ?? (await leftIntakes(services));
  const turns = createTurns(atOnce);
  const resumed = left.map((request) =>
    resume(request, turns, services, options).catch((error: unknown) => {
      services.log.error({ err: error, requestId: request.id }, 'an intake could not be resumed');
    }),
  );
  await Promise.all(resumed);
  return left.length;
}

async function resume(request: TakenIn, turns: Turns, services: IntakeServices, options: ResumeOptions): Promise<void> {
  const { id } = request;
  const { queue, cards } = services;
  const { modelsDir, signal } = options;
  try {
    signal?.throwIfAborted();
    const limits = await limitsOfRequester(services, request);
    const state = await takeInRequest(
      request,
      filesOfRow(request),
      { limits, signal, turns },
      { ...services, modelsDir },
    );
    if (state === 'asking') return;
  } catch (error) {
    if (signal?.aborted === true || (await isAnswered(request, services))) return;
    await giveUp(request, error, services);
    return;
  }
  queue.submitted(id);
  cards.follow(id);
}

/** The member answered while their question was shown once more: whoever heard them goes on with it. */
async function isAnswered({ id, state }: TakenIn, { db }: IntakeServices): Promise<boolean> {
  return state === 'asking' && (await readRequest(db, id)).state !== 'asking';
}

async function giveUp(request: TakenIn, error: unknown, services: IntakeServices): Promise<void> {
  const { db, deliveryRest, now, log } = services;
  const isGone = error instanceof MediaMissing || error instanceof DownloadError;
  const language = chooseLanguage([request.locale]);
  const sentence = isGone ? undefined : sentenceOf(error, translatorOf(language), language);
  if (sentence === undefined) {
    // Stopped by its member meanwhile, or taken in after all: nobody is to be told.
    const { state } = await readRequest(db, request.id);
    if (state !== 'received' && state !== 'asking') {
      await endIntake(request.id, error, services);
      return;
    }
    // Nothing the member did: told like every failure, by the outbox.
    if (!isGone) log.error({ err: error, requestId: request.id }, 'a file could not be taken in');
    const code = isGone ? 'queue.input-gone' : 'queue.fault';
    await finishRequest(db, request.id, { kind: 'failed', actor: 'bot', code, from: [state] }, new Date(now()));
    return;
  }
  if (await endIntake(request.id, error, services)) return;
  const { reply } = request;
  if (reply === null) return;
  const said = notice('refused', sentence);
  await tellAlone(deliveryRest, reply, { body: { ...said, ...privateFlags(said, reply) } }).catch(
    (failure: unknown) => {
      log.warn({ err: failure, requestId: request.id }, 'a refusal could not be told');
    },
  );
}
