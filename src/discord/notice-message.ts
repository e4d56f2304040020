/** The words when there is no result, or one that could not be sent: pure, from what is known to a message. */
import type { Translate } from '../locale.ts';
import type { Command } from '../store/rows.ts';
import { container, type Message, message, plain, text, type Tone } from './message.ts';
import { address, type Addressed, mentioned, type Placing } from './result-message.ts';
import { stamp } from './timestamps.ts';

export interface NoticeView extends Addressed {
  readonly command: Command;
  /** Why there is no result, or that its requester cancelled it; `stopped`: why is for them alone, and others read this. */
  readonly reason: 'cancelled' | 'stopped' | { readonly sentence: string };
  /** What became of a result that there was; `stopped`: somebody decided that there be none, and nothing failed. */
  readonly made?: 'removed' | 'held' | 'stopped' | undefined;
  /** False when work was done, and counts. */
  readonly isFree: boolean;
}

/** Why there is no result and what to do next. */
export function noticeMessage(view: NoticeView, placing: Placing, t: Translate): Message {
  const { command, reason } = view;
  if (reason === 'cancelled') {
    return told('waiting', t('notice.cancelled'), [t('notice.cancelled-next', { command })], view, placing, t);
  }
  if (reason === 'stopped') return told('waiting', t('notice.stopped'), [t('notice.stopped-next')], view, placing, t);
  const free = view.isFree ? [`-# ${t('notice.quota-back')}`] : [];
  const { made = 'failed' } = view;
  const lines = [reason.sentence, ...free];
  if (made === 'stopped') return told('waiting', t('notice.stopped'), lines, view, placing, t);
  return told(made === 'held' ? 'waiting' : 'failed', t(`notice.${made}.${command}`), lines, view, placing, t);
}

export interface UndeliveredView extends Addressed {
  /** `gone`: its file is no longer there; else it cannot be brought under `limit` bytes. */
  readonly reason: 'gone' | { readonly limit: number; readonly keptUntil?: Date | undefined };
}

/** Why a result that was made is not sent, and how it can be had all the same. */
export function undeliveredMessage(view: UndeliveredView, placing: Placing, t: Translate): Message {
  const { reason } = view;
  if (reason === 'gone') {
    return told('failed', t('undelivered.gone'), [t('undelivered.gone-next')], view, placing, t);
  }
  const { limit, keptUntil } = reason;
  const lines = [
    t('undelivered.too-large-why', { limit }),
    ...(keptUntil === undefined ? [] : [t('undelivered.too-large-next', { when: stamp(keptUntil) })]),
  ];
  return told('refused', t('undelivered.too-large'), lines, view, placing, t);
}

function told(
  tone: Tone,
  title: string,
  lines: readonly string[],
  view: Addressed,
  placing: Placing,
  t: Translate,
): Message {
  const { inputName } = view;
  const isUnderCommand = placing.place === 'interaction' || placing.place === 'message';
  const all = [
    `### ${title}`,
    ...address(view, placing, t),
    ...lines,
    ...(isUnderCommand && inputName !== undefined ? [`-# ${plain(inputName)}`] : []),
  ];
  return message([container(tone, [text(all.join('\n'))])], mentioned(view, placing));
}

/** In a few words, why a result waits for `/result`; undefined where nothing was written down. */
export function undeliveredWords(code: string | null, t: Translate): string | undefined {
  if (code === null) return undefined;
  if (code === 'discord-50007') return t('undelivered.because.direct-messages-closed');
  if (/^(discord-(413|40005|50045)|output\.size-unreachable)$/.test(code)) return t('undelivered.because.too-large');
  return t('undelivered.because.refused', { code });
}
