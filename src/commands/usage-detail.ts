/** One request of the usage log as a moderator sees it: who, where, when, what, by whose leave, what became of it, who did what. */
import { type APIComponentInContainer, ButtonStyle, ComponentType } from 'discord.js';

import { writeCustomId } from '../discord/custom-id.ts';
import { button, container, type Message, message, plain, row, text, type Tone } from '../discord/message.ts';
import { formatDuration, type Language, type Translate } from '../locale.ts';
import { readOutcome } from '../queue/outcome.ts';
import { faceOfAnother } from '../store/named-faces.ts';
import type { UsageDetail } from '../store/usage.ts';
import { deedsFor } from './deeds.ts';
import { fitted, messageRoom } from '../discord/shorten.ts';
import { stamp } from '../discord/timestamps.ts';
import { actorWords, deedWords, endWords, parameterWords, person, place } from '../discord/usage-words.ts';

/** Of long histories the latest is shown; the export has all of it. */
const mostEvents = 12;
const mostReports = 5;
const mostActions = 8;
/** Characters of one reason, as long as there is room for all of them. */
const longestReason = 1000;

const tones: Readonly<Partial<Record<string, Tone>>> = { held: 'refused', removed: 'failed', failed: 'failed' };

/** @param picture name of the file that comes with it and shows the result. */
export function detailMessage(
  detail: UsageDetail,
  picture: string | undefined,
  t: Translate,
  language: Language,
): Message {
  const title = `### ${t('usage.detail.title', { command: detail.command, state: t(`usage.state.${detail.state}`) })}`;
  const facts = factLines(detail, t, language).join('\n');
  const consent = section(t('usage.detail.consent'), consentLines(detail, t, language));
  const events = section(t('usage.detail.events'), eventLines(detail, t));
  const words = (most: number): string =>
    [
      ...[title, facts, ...consent],
      ...section(t('usage.detail.reports'), reportLines(detail, most, t)),
      ...section(t('usage.detail.actions'), actionLines(detail, most, t)),
      ...[...events, `-# ${detail.id}`],
    ].join('\n');
  const noPicture = `-# ${t('usage.detail.no-picture')}`;
  const shown: APIComponentInContainer[] =
    picture === undefined
      ? [text(noPicture)]
      : [
          {
            type: ComponentType.MediaGallery,
            items: [
              { media: { url: `attachment://${picture}` }, spoiler: true, description: t('usage.detail.picture') },
            ],
          },
        ];
  const deeds = deedsFor(detail).map((deed) =>
    button(
      writeCustomId('moderate', detail.id, deed),
      t(`moderate.deed.${deed}`),
      deed === 'delete' || deed === 'block' || deed === 'uphold' ? ButtonStyle.Danger : ButtonStyle.Secondary,
    ),
  );
  const rows = [deeds.slice(0, 4), deeds.slice(4, 8)].filter((some) => some.length > 0).map((some) => row(...some));
  return message([
    container(tones[detail.state] ?? 'busy', [
      ...shown,
      text(fitted(words, { most: longestReason, room: messageRoom - noPicture.length })),
      ...rows,
    ]),
  ]);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`**${title}**`, lines.join('\n')];
}

/** What was never let into the queue has no size that anybody wrote down. */
function fileLine(name: string, bytes: number | null, t: Translate): string {
  return bytes === null ? t('usage.detail.file-unknown', { name }) : t('usage.detail.file', { name, bytes });
}

function factLines(detail: UsageDetail, t: Translate, language: Language): string[] {
  const { requesterId, channelId, createdAt, queuedAt, startedAt, finishedAt, computeSeconds, inputName, inputBytes } =
    detail;
  const outcome = readOutcome(detail.outcome);
  const asked = parameterWords(detail, t);
  const end = endWords(detail, t, language);
  const named = namedIn(detail);
  const waited = queuedAt === null || startedAt === null ? undefined : seconds(queuedAt, startedAt);
  const took = finishedAt === null ? undefined : seconds(createdAt, finishedAt);
  return [
    t('usage.detail.asked', { member: person(requesterId, t), channel: place(channelId, t), when: stamp(createdAt) }),
    ...(asked === '' ? [] : [t('usage.detail.parameters', { words: asked })]),
    ...(inputName === null ? [] : [fileLine(plain(inputName), inputBytes, t)]),
    ...(outcome?.after === undefined
      ? []
      : [t('usage.detail.made', { width: outcome.after.width, height: outcome.after.height })]),
    ...(end === undefined ? [] : [t('usage.detail.end', { words: end })]),
    ...(named === undefined ? [] : [t('usage.detail.named-in', { id: named })]),
    [
      ...(waited === undefined ? [] : [t('usage.detail.waited', { time: formatDuration(waited) })]),
      ...(computeSeconds === null ? [] : [t('usage.detail.computed', { time: formatDuration(computeSeconds) })]),
      ...(took === undefined ? [] : [t('usage.detail.took', { time: formatDuration(took) })]),
    ].join(' · '),
    ...(detail.inputSha256 === null ? [] : [t('usage.detail.input-hash', { hash: detail.inputSha256 })]),
    ...(detail.resultSha256 === null ? [] : [t('usage.detail.result-hash', { hash: detail.resultSha256 })]),
    ...(detail.markId === null || detail.resultSha256 === null
      ? []
      : [t('usage.detail.mark', { mark: detail.markId })]),
    ...(detail.removal === null ? [] : [t(`usage.detail.removal-${detail.removal.state}`)]),
    ...(detail.isRequesterBlocked ? [t('usage.detail.blocked')] : []),
  ].filter((line) => line !== '');
}

/** The request in which another member was named for the photo, where this one was refused for it. */
function namedIn({ code, codeParameters }: UsageDetail): string | undefined {
  if (code !== faceOfAnother || typeof codeParameters !== 'object' || codeParameters === null) return undefined;
  const { request } = codeParameters as { readonly request?: unknown };
  return typeof request === 'string' ? request : undefined;
}

const seconds = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000;

function consentLines({ consent }: UsageDetail, t: Translate, language: Language): string[] {
  if (consent === null) return [];
  const { kind, scope, state, subjectId, decidedBy, decidedAt, expiresAt, declared, textVersion, textLocale } = consent;
  return [
    [t(`usage.consent.kind.${kind}`), t(`usage.consent.scope.${scope}`), t(`usage.consent.state.${state}`)].join(' · '),
    ...(subjectId === null ? [] : [t('usage.consent.subject', { member: person(subjectId, t) })]),
    ...(declared === null ? [] : [t('usage.consent.declared', { words: plain(declared) })]),
    ...(decidedBy === null || decidedAt === null
      ? []
      : [t('usage.consent.decided', { member: person(decidedBy, t), when: stamp(decidedAt) })]),
    ...(expiresAt === null ? [] : [t('usage.consent.expires', { when: stamp(expiresAt) })]),
    t('usage.consent.text', { version: textVersion, language: languageWords(textLocale, language) }),
  ].map((line) => `- ${line}`);
}

/** "French" for `fr`. */
const languageWords = (code: string, language: Language): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code;

function reportLines({ reports }: UsageDetail, most: number, t: Translate): string[] {
  return reports.slice(-mostReports).map(({ reporterId, reason, state, createdAt }) => {
    const words = plain(reason, most);
    return `- ${stamp(createdAt)} ${person(reporterId, t)} · ${t(`usage.report.${state}`)} · ${words}`;
  });
}

function actionLines({ actions }: UsageDetail, most: number, t: Translate): string[] {
  return actions.slice(-mostActions).map((action) => {
    const { at, moderatorId, reason } = action;
    const why = reason === null ? '' : ` · ${plain(reason, most)}`;
    return `- ${stamp(at)} ${person(moderatorId, t)} · ${deedWords(action, t)}${why}`;
  });
}

function eventLines({ events }: UsageDetail, t: Translate): string[] {
  return events.slice(-mostEvents).map(({ at, to, actor }) => {
    return `- ${stamp(at, 't')} ${t(`usage.state.${to}`)} · ${actorWords(actor, t)}`;
  });
}
