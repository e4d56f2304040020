/** The message that shows how a request is getting on: pure, from its standing to what the member reads. */
import { ButtonStyle } from 'discord.js';

import type { Language, Translate } from '../locale.ts';
import { countsFrames, type JobProgress } from '../queue/job.ts';
import { writeCustomId } from './custom-id.ts';
import { button, container, type Message, message, plain, row, text } from './message.ts';
import { stamp } from './timestamps.ts';

export interface CardView {
  readonly requestId: string;
  readonly state: 'received' | 'asking' | 'waiting' | 'running';
  /** While somebody else is asked: who (absent: the moderators), and until when. */
  readonly asked?: { readonly memberId?: string | undefined; readonly answerBy: Date } | undefined;
  readonly inputName?: string | undefined;
  /** In the queue, 1 is next. */
  readonly place?: number | undefined;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
  readonly progress?: JobProgress | undefined;
  /** False when no worker is there to take it. */
  readonly hasWorker: boolean;
  readonly cancelAsked: boolean;
}

const barCells = 12;

/** `▰▰▰▱▱▱`: of twelve, as many full as `share`, 0 to 1, fills. Full only at the end. */
export function progressBar(share: number): string {
  const full = share >= 1 ? barCells : Math.min(barCells - 1, Math.floor(Math.max(0, share) * barCells));
  return '▰'.repeat(full) + '▱'.repeat(barCells - full);
}

export function progressCard(view: CardView, t: Translate, language: Language): Message {
  const { requestId, state, cancelAsked } = view;
  const lines = cancelAsked ? [`### ${t('card.stopping')}`] : linesOf(view, t, language);
  const cancel = button(writeCustomId('cancel', requestId), t('card.cancel'), ButtonStyle.Secondary);
  return message([
    container(state === 'running' ? 'busy' : 'waiting', [
      text(lines.join('\n')),
      row({ ...cancel, ...(cancelAsked && { disabled: true }) }),
    ]),
  ]);
}

function linesOf(view: CardView, t: Translate, language: Language): string[] {
  const { state, place, startsAt, endsAt, hasWorker, inputName } = view;
  const name = inputName === undefined ? [] : [`-# ${plain(inputName)}`];
  if (state === 'received') return [`### ${t('card.received')}`, ...(hasWorker ? [] : [t('card.no-worker')]), ...name];
  if (state === 'asking' && view.asked !== undefined) {
    const { memberId, answerBy } = view.asked;
    const when = stamp(answerBy);
    const words =
      memberId === undefined
        ? t('card.asking-moderators-words', { when })
        : t('card.asking-member-words', { member: `<@${memberId}>`, when });
    return [`### ${t('card.asking-member')}`, words, ...name];
  }
  if (state === 'running') return [...runningLines(view, t, language), ...name];
  const moments = [
    ...(startsAt === undefined ? [] : [t('card.starts', { when: stamp(startsAt, 'R') })]),
    ...(endsAt === undefined ? [] : [t('card.ends', { when: stamp(endsAt, 'R') })]),
  ];
  const title = place === undefined ? t('card.waiting') : place === 1 ? t('card.next') : t('card.place', { place });
  if (!hasWorker) return [`### ${title}`, t('card.no-worker'), ...name];
  return [`### ${title}`, ...(moments.length > 0 ? [moments.join(' · ')] : []), ...name];
}

function runningLines({ progress, endsAt }: CardView, t: Translate, language: Language): string[] {
  if (progress === undefined) return [`### ${t('stage.prepare')}`, progressBar(0)];
  const { stage, done, total, framesPerSecond } = progress;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const facts = [
    ...(countsFrames(stage) && total > 0 ? [t('progress.frames', { done, total })] : []),
    ...(countsFrames(stage) && framesPerSecond !== undefined && framesPerSecond > 0
      ? [
          t('progress.rate', {
            rate: new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(framesPerSecond),
          }),
        ]
      : []),
    ...(endsAt === undefined ? [] : [t('card.ends', { when: stamp(endsAt, 'R') })]),
  ];
  return [
    `### ${t(`stage.${stage}`)}`,
    `${progressBar(share)} ${Math.floor(share * 100)} %`,
    ...(facts.length > 0 ? [facts.join(' · ')] : []),
  ];
}
