/**
 * What a member is asked before a photograph is animated: whose face it is, which work it is, which of several faces moves.
 * Pure: from what was said and found to the message. It is shown to them alone, with the photograph and its faces' numbers.
 */
import { type APIUserSelectComponent, ButtonStyle, ComponentType } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, row, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import type { Findings } from '../queue/findings.ts';
import { type AnimateParameters, faceWords, mostFaces, movesAFace } from '../queue/job.ts';
import type { SubjectKind } from '../store/consents.ts';

export type Question = 'subject' | 'member' | 'declaration' | 'outsider' | 'face';

/** What is still to be said; undefined when all is. */
export function openQuestion(parameters: AnimateParameters, { faces }: Findings): Question | undefined {
  const { subject, face } = parameters;
  if (subject === undefined) return 'subject';
  if (subject.kind === 'artwork' && subject.declared === undefined) return 'declaration';
  if (subject.kind === 'outsider' && subject.declared === undefined) return 'outsider';
  if (subject.kind === 'member' && subject.memberId === undefined) return 'member';
  if (!movesAFace(parameters) || faces.length < 2) return undefined;
  // Whoever is asked must see by its number which face is meant.
  const isChosen = isAsked(subject.kind) ? typeof face === 'number' : face !== undefined;
  return isChosen ? undefined : 'face';
}

/** Whether somebody else than the requester decides. */
export const isAsked = (kind: SubjectKind): kind is 'member' | 'outsider' => kind === 'member' || kind === 'outsider';

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
  /** Words such as "the largest" are enough where nobody else is asked about it. */
  readonly offersWords: boolean;
  /** All faces may only move where nobody has to answer for them. */
  readonly offersAll: boolean;
  readonly artworksAllowed: boolean;
  /** Another member can be asked: in a guild. */
  readonly offersMembers: boolean;
  readonly offersOutsiders: boolean;
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

function wordsOf({ question, artworksAllowed, offersMembers, offersOutsiders }: QuestionView, t: Translate): string[] {
  const agree = (kind: 'self' | 'artwork' | 'outsider'): string =>
    `- ${t(`command.animate.option.subject.choice.${kind}`)}`;
  const looked = `-# ${t('question.looked')}`;
  const kept = `-# ${t('question.kept')}`;
  switch (question) {
    case 'subject':
      return [
        t('question.subject.words'),
        agree('self'),
        ...(artworksAllowed ? [agree('artwork')] : []),
        ...(offersOutsiders ? [agree('outsider')] : []),
        ...(offersMembers ? [t('question.subject.others')] : []),
        kept,
        looked,
      ];
    case 'declaration':
      return [t('question.declaration.words'), agree('artwork'), kept, looked];
    case 'outsider':
      return [t('question.outsider.words'), agree('outsider'), kept, looked];
    case 'member':
      return [t('question.member.words'), looked];
    case 'face':
      return [t('question.face.words'), looked];
  }
}

function rowsOf(view: QuestionView, t: Translate) {
  const { requestId, question, faces, offersAll, offersWords, artworksAllowed, offersMembers, offersOutsiders } = view;
  const self = button(writeCustomId('self', requestId), t('question.self'), ButtonStyle.Primary);
  const artwork = button(writeCustomId('artwork', requestId), t('question.artwork'), ButtonStyle.Primary);
  const outsider = button(writeCustomId('outsider', requestId), t('question.outsider'), ButtonStyle.Primary);
  const members = row<APIUserSelectComponent>({
    type: ComponentType.UserSelect,
    custom_id: writeCustomId('member', requestId),
    placeholder: t('question.subject.choose-member'),
  });
  if (question === 'subject') {
    const others = [...(artworksAllowed ? [artwork] : []), ...(offersOutsiders ? [outsider] : [])];
    return [row(self, ...others), ...(offersMembers ? [members] : [])];
  }
  if (question === 'declaration') return [row(artwork)];
  if (question === 'outsider') return [row(outsider)];
  if (question === 'member') return [members];
  const face = (which: number | string, label: string, style: ButtonStyle.Primary | ButtonStyle.Secondary) =>
    button(writeCustomId('face', requestId, String(which)), label, style);
  const numbers = faces.slice(0, mostFaces).map((number) => face(number, String(number), ButtonStyle.Primary));
  const words = facesByWord
    .filter((word) => offersWords && (word !== 'all' || offersAll))
    .map((word) => face(word, t(`command.animate.option.face.choice.${word}`), ButtonStyle.Secondary));
  const rows = [];
  for (let at = 0; at < numbers.length; at += inRow) rows.push(row(...numbers.slice(at, at + inRow)));
  return words.length === 0 ? rows : [...rows, row(...words)];
}
