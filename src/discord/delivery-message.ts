/** What a delivery says: from its rows to a message and the file that goes with it. */
import { chooseLanguage, type Language, type Translate } from '../locale.ts';
import { animateParameters } from '../queue/job.ts';
import { readOutcome } from '../queue/outcome.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';
import type { Command, DeliveryPlace } from '../store/rows.ts';
import { isForThemAlone } from './delivery-places.ts';
import { translatorOf } from './localise.ts';
import type { Message } from './message.ts';
import { noticeMessage, type NoticeView, undeliveredMessage, undeliveredWords } from './notice-message.ts';
import { reasonSentence } from './reason-words.ts';
import { resultMessage } from './result-message.ts';

export interface OutgoingFile {
  readonly path: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly name: string;
  readonly isSpoiler: boolean;
}

const made = { restore: 'restored', animate: 'animated' } as const satisfies Record<Command, string>;

const nameless = { restore: 'clip', animate: 'photo' } as const satisfies Record<Command, string>;

const endings: Readonly<Record<string, string>> = { 'image/gif': 'gif', 'image/webp': 'webp' };

/** The name a member saves the result under: their own with an ending, in letters that every system takes. */
export function resultName(
  { command, inputName }: { readonly command: Command; readonly inputName: string | null },
  mediaType: string,
): string {
  const stem = (inputName ?? '')
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
  return `${stem === '' ? nameless[command] : stem}.${made[command]}.${endings[mediaType] ?? 'mp4'}`;
}

/** The result with its file, as it is shown at `place`. */
export function resultAt(
  { request }: Pick<ClaimedDelivery, 'request'>,
  place: DeliveryPlace,
  { bytes, mediaType }: Pick<OutgoingFile, 'bytes' | 'mediaType'>,
): Message {
  const language = chooseLanguage([request.locale]);
  const t = translatorOf(language);
  const outcome = readOutcome(request.outcome);
  return resultMessage(
    {
      requestId: request.id,
      requesterId: request.requesterId,
      inputName: request.inputName ?? undefined,
      fileName: resultName(request, mediaType),
      isCompared: request.command === 'restore',
      isSpoiler: request.reply.isSpoiler,
      givenUp: [],
      warnings: [],
      limits: [],
      keptUntil: request.resultExpiresAt ?? undefined,
      undelivered: request.state === 'kept' ? undeliveredWords(request.code, t) : undefined,
      instead: formatInstead(request, mediaType),
      ...(outcome && {
        ...outcome,
        // The file that is sent, which a later encoding may have made smaller than the outcome says.
        after: { ...outcome.after, bytes },
      }),
    },
    { place, askedIn: request.channelId },
    t,
    language,
  );
}

/** What was asked for, where the file is an MP4 in its place: every smaller encoding is one. */
function formatInstead(
  { command, parameters }: { readonly command: Command; readonly parameters: unknown },
  mediaType: string,
): string | undefined {
  const asked = command === 'animate' ? animateParameters.safeParse(parameters).data?.format : undefined;
  return asked === undefined || asked === 'mp4' || mediaType !== 'video/mp4' ? undefined : asked.toUpperCase();
}

/** Why there is no result, or not at present, as it is said at `place`. */
export function noticeAt({ request }: Pick<ClaimedDelivery, 'request'>, place: DeliveryPlace): Message {
  const language = chooseLanguage([request.locale]);
  const t = translatorOf(language);
  const { command, requesterId, inputName, state, computeSeconds } = request;
  const isStopped = state === 'cancelled';
  const made = isStopped ? 'stopped' : state === 'removed' || state === 'held' ? state : undefined;
  return noticeMessage(
    {
      command,
      requesterId,
      inputName: inputName ?? undefined,
      // What was stopped in the middle counts with the seconds that it took.
      isFree: isStopped ? computeSeconds === null : made === undefined,
      made,
      reason: reasonOf(request, t, language),
    },
    { place, askedIn: request.channelId },
    t,
  );
}

function reasonOf(
  { state, code, codeParameters, reply }: ClaimedDelivery['request'],
  t: Translate,
  language: Language,
): NoticeView['reason'] {
  if (state === 'cancelled' && (code === null || code === 'job.cancelled')) return 'cancelled';
  if (isForThemAlone(code) && !reply.isPrivate) return 'stopped';
  return { sentence: reasonSentence(code ?? 'queue.fault', codeParameters, t, language) };
}

/** Why a result is not sent: its file is gone, or it cannot be brought under so many bytes. */
export type Undelivered = 'gone' | { readonly limit: number };

/** The same, as it is said at `place`. */
export function undeliveredAt(
  { request }: Pick<ClaimedDelivery, 'request'>,
  place: DeliveryPlace,
  why: Undelivered,
): Message {
  const t = translatorOf(chooseLanguage([request.locale]));
  const { requesterId, inputName, channelId, resultExpiresAt } = request;
  const reason = why === 'gone' ? why : { ...why, keptUntil: resultExpiresAt ?? undefined };
  const view = { requesterId, inputName: inputName ?? undefined, reason };
  return undeliveredMessage(view, { place, askedIn: channelId }, t);
}
