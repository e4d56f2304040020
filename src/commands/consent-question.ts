/**
 * What somebody is asked whose face shall move, or a moderator about the face of somebody who is not on Discord. Pure: from
 * what was asked for to the message. It pings the one who is asked and nobody else.
 */
import { type APIComponentInContainer, ButtonStyle, ComponentType } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, plain, row, text } from '../discord/message.ts';
import { stamp } from '../discord/timestamps.ts';
import { defaultAnimation } from '../engine/animate/request.ts';
import type { Translate } from '../locale.ts';
import { consentTextKey } from '../policy/consent-texts.ts';
import type { AnimateParameters } from '../queue/job.ts';

export interface ConsentQuestionView {
  readonly consentId: string;
  readonly requesterId: string;
  /** Absent where moderators are asked. */
  readonly subjectId?: string | undefined;
  readonly parameters: AnimateParameters;
  /** The face that shall move, where the picture has several. */
  readonly face?: number | undefined;
  readonly declared?: string | undefined;
  /** Whether the result is for the requester's eyes alone. */
  readonly isPrivate: boolean;
  readonly answerBy: Date;
  /** Of the file that goes with it. */
  readonly fileName: string;
}

/** The question with the photograph and the buttons that answer it. */
export function consentQuestion(view: ConsentQuestionView, t: Translate): Message {
  const { subjectId } = view;
  const lines = subjectId === undefined ? approvalLines(view, t) : memberLines(view, subjectId, t);
  const title = t(subjectId === undefined ? 'consent.approval.title' : 'consent.question.title');
  return message(
    [
      container('waiting', [
        text(`### ${title}`),
        { type: ComponentType.MediaGallery, items: [{ media: { url: `attachment://${view.fileName}` } }] },
        text(lines.join('\n')),
        ...sourceButtons(view, t),
        ...(subjectId === undefined ? approvalButtons(view, t) : memberButtons(view, t)),
      ]),
    ],
    subjectId,
  );
}

/** The same for a channel where the photograph is nobody else's business: it is shown to the one who presses. */
export function hiddenQuestion(
  { consentId, requesterId, subjectId, answerBy }: ConsentQuestionView & { readonly subjectId: string },
  t: Translate,
): Message {
  const params = { subject: `<@${subjectId}>`, requester: `<@${requesterId}>`, when: stamp(answerBy) };
  const look = button(writeCustomId('consent-look', consentId), t('consent.question.look'), ButtonStyle.Primary);
  return message([container('waiting', [text(t('consent.question.private', params)), row(look)])], subjectId);
}

function memberLines(view: ConsentQuestionView, subjectId: string, t: Translate): string[] {
  const { requesterId, face, answerBy } = view;
  const who = { subject: `<@${subjectId}>`, requester: `<@${requesterId}>` };
  const said = (scope: 'photo' | 'requester'): string => {
    return `- **${t(`consent.question.accept-${scope}`)}** – ${t(consentTextKey('member', scope))}`;
  };
  return [
    face === undefined ? t('consent.question.one-face', who) : t('consent.question.face', { ...who, face }),
    ...workLines(view, t),
    t('consent.question.buttons'),
    said('photo'),
    said('requester'),
    t('consent.question.until', { when: stamp(answerBy) }),
    `-# ${t('question.kept')}`,
  ];
}

function approvalLines(view: ConsentQuestionView, t: Translate): string[] {
  const { requesterId, face, declared = '', answerBy } = view;
  const requester = `<@${requesterId}>`;
  return [
    face === undefined
      ? t('consent.approval.one-face', { requester })
      : t('consent.approval.face', { requester, face }),
    t('consent.approval.declared', { declared: plain(declared) }),
    ...workLines(view, t),
    t('consent.approval.until', { when: stamp(answerBy) }),
  ];
}

/** What would be made: nobody agrees to what they do not know. */
function workLines({ parameters, requesterId, isPrivate }: ConsentQuestionView, t: Translate): string[] {
  const { motion, driven, caption, camera, strength } = parameters;
  const words = [caption.above, caption.below]
    .filter((line) => line !== undefined)
    .map((line) => t('quoted', { words: plain(line) }));
  return [
    driven === undefined
      ? t('consent.question.preset', { motion: t(`command.animate.option.motion.choice.${motion}`) })
      : t(`consent.question.${driven}`),
    ...(strength === defaultAnimation.strength ? [] : [t('consent.question.strength', { strength })]),
    ...(camera === 'none'
      ? []
      : [t('consent.question.camera', { camera: t(`command.animate.option.camera.choice.${camera}`) })]),
    ...(words.length === 0 ? [] : [t('consent.question.caption', { words: words.join(' ') })]),
    ...(isPrivate ? [t('consent.question.for-them-alone', { requester: `<@${requesterId}>` })] : []),
  ];
}

/** What moves it can be heard or seen before there is an answer. */
function sourceButtons(
  { consentId, parameters: { driven } }: ConsentQuestionView,
  t: Translate,
): APIComponentInContainer[] {
  if (driven === undefined) return [];
  const label = t(`consent.question.source-${driven}`);
  return [row(button(writeCustomId('consent-source', consentId), label, ButtonStyle.Primary))];
}

function memberButtons({ consentId }: ConsentQuestionView, t: Translate): APIComponentInContainer[] {
  const press = (
    action: string,
    label: string,
    style: ButtonStyle.Success | ButtonStyle.Danger | ButtonStyle.Secondary,
  ) => button(writeCustomId(action, consentId), t(`consent.question.${label}`), style);
  return [
    row(
      press('consent-photo', 'accept-photo', ButtonStyle.Success),
      press('consent-requester', 'accept-requester', ButtonStyle.Secondary),
    ),
    row(
      press('consent-no', 'decline', ButtonStyle.Danger),
      press('consent-never', 'decline-for-good', ButtonStyle.Secondary),
    ),
  ];
}

function approvalButtons({ consentId }: ConsentQuestionView, t: Translate): APIComponentInContainer[] {
  return [
    row(
      button(writeCustomId('approve', consentId), t('consent.approval.approve'), ButtonStyle.Success),
      button(writeCustomId('disapprove', consentId), t('consent.approval.decline'), ButtonStyle.Danger),
    ),
  ];
}
