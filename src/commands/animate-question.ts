/**
 * What a member is asked before a photograph is animated: whose face it is, which work it is, which of several faces moves.
 * Pure: from what was said and found to the message. It is shown to them alone, with the photograph and its faces' numbers.
 */
import { ButtonStyle, ComponentType } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, row, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import type { Findings } from '../queue/findings.ts';
import { type AnimateParameters, faceWords, mostFaces, movesAFace } from '../queue/job.ts';

export type Question = 'subject' | 'declaration' | 'face';

/** What is still to be said; undefined when all is. */
export function openQuestion(parameters: AnimateParameters, { faces }: Findings): Question | undefined {
  const { subject, face } = parameters;
  if (subject === undefined) return 'subject';
  if (subject.kind === 'artwork' && subject.declared === undefined) return 'declaration';
  return face === undefined && movesAFace(parameters) && faces.length > 1 ? 'face' : undefined;
}

/** The words of `/animate face:` that a button names; on the left and on the right stand numbers. */
const facesByWord = faceWords.filter((word) => word === 'largest' || word === 'all');

/** Discord puts five buttons in a row. */
const inRow = 5;

export interface QuestionView {
  readonly requestId: string;
  readonly question: Question;
  /** Numbers of those that can move. */
  readonly faces: readonly number[];
  /** Of the file that goes with it. */
  readonly fileName: string;
  /** All faces may only move where nobody has to answer for them. */
  readonly offersAll: boolean;
  readonly artworksAllowed: boolean;
}

export function questionMessage(view: QuestionView, t: Translate): Message {
  const { requestId, question, fileName } = view;
  const cancel = button(writeCustomId('cancel', requestId), t('card.cancel'));
  return message([
    container('waiting', [
      text(`### ${t(`question.${question}.title`)}`),
      { type: ComponentType.MediaGallery, items: [{ media: { url: `attachment://${fileName}` } }] },
      text(wordsOf(view, t).join('\n')),
      ...rowsOf(view, t),
      row(cancel),
    ]),
  ]);
}

function wordsOf({ question, artworksAllowed }: QuestionView, t: Translate): string[] {
  const agree = (kind: 'self' | 'artwork'): string => `- ${t(`command.animate.option.subject.choice.${kind}`)}`;
  const looked = `-# ${t('question.looked')}`;
  const kept = `-# ${t('question.kept')}`;
  switch (question) {
    case 'subject':
      return [
        t('question.subject.words'),
        agree('self'),
        ...(artworksAllowed ? [agree('artwork')] : []),
        t('question.subject.others'),
        kept,
        looked,
      ];
    case 'declaration':
      return [t('question.declaration.words'), agree('artwork'), kept, looked];
    case 'face':
      return [t('question.face.words'), looked];
  }
}

function rowsOf({ requestId, question, faces, offersAll, artworksAllowed }: QuestionView, t: Translate) {
  const self = button(writeCustomId('self', requestId), t('question.self'), ButtonStyle.Primary);
  const artwork = button(writeCustomId('artwork', requestId), t('question.artwork'), ButtonStyle.Primary);
  if (question === 'subject') return [row(self, ...(artworksAllowed ? [artwork] : []))];
  if (question === 'declaration') return [row(artwork)];
  const face = (which: number | string, label: string, style: ButtonStyle.Primary | ButtonStyle.Secondary) =>
    button(writeCustomId('face', requestId, String(which)), label, style);
  const numbers = faces.slice(0, mostFaces).map((number) => face(number, String(number), ButtonStyle.Primary));
  const words = facesByWord
    .filter((word) => word !== 'all' || offersAll)
    .map((word) => face(word, t(`command.animate.option.face.choice.${word}`), ButtonStyle.Secondary));
  const rows = [];
  for (let at = 0; at < numbers.length; at += inRow) rows.push(row(...numbers.slice(at, at + inRow)));
  return [...rows, row(...words)];
}
