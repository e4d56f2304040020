/** Where a request stands, in a line: its stage or its place, and when it starts and ends. */
import { stamp } from '../discord/timestamps.ts';
import type { Translate } from '../locale.ts';
import type { Standing } from '../queue/queue.ts';
import type { Request } from '../store/rows.ts';

/** For messages: moments are written so that Discord shows them in the reader's own time. */
export function standingLine(standing: Standing, t: Translate): string {
  const { state, startsAt, endsAt } = standing;
  const moments = [
    ...(state === 'waiting' && startsAt !== undefined ? [t('card.starts', { when: stamp(startsAt, 'R') })] : []),
    ...(endsAt === undefined ? [] : [t('card.ends', { when: stamp(endsAt, 'R') })]),
  ];
  return [standingWords(standing, t), ...moments].join(' · ');
}

/** The same without moments, for plain text. */
export function standingWords({ state, place, progress }: Standing, t: Translate): string {
  if (state === 'running') {
    const { stage, done, total } = progress ?? { stage: 'prepare', done: 0, total: 0 };
    const share = total > 0 ? Math.floor(Math.min(1, done / total) * 100) : 0;
    return `${t(`stage.${stage}`)} ${share} %`;
  }
  if (place === undefined) return t('card.waiting');
  return place === 1 ? t('card.next') : t('card.place', { place });
}

/** Of a request that is not in the queue yet: what it waits for. Undefined for others. */
export function notQueuedWords(
  { state, consentId }: Pick<Request, 'state' | 'consentId'>,
  t: Translate,
): string | undefined {
  if (state === 'received') return t('card.received');
  if (state !== 'asking') return undefined;
  // Somebody else is asked only where their consent is needed.
  return t(consentId === null ? 'queue.asking-you' : 'card.asking-member');
}
