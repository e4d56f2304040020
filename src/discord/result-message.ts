/** The result as a member sees it: pure, from what is known to a message. */
import { type APIComponentInContainer, type APIMessageTopLevelComponent, ButtonStyle, ComponentType } from 'discord.js';

import type { GivenUp } from '../engine/media/fit.ts';
import { type Rational, toNumber } from '../engine/rational.ts';
import { describeGivenUp } from '../given-up.ts';
import { formatDuration, type Language, type Translate } from '../locale.ts';
import { writeCustomId } from './custom-id.ts';
import { button, container, type Message, message, plain, row, text } from './message.ts';
import { stamp } from './timestamps.ts';

/** As engine/animate/measure/realism.ts has it, or as it was kept. */
export interface Realism {
  readonly score: number;
  readonly band: string;
  readonly parts: readonly { readonly name: string; readonly points: number }[];
}

/** A clip's picture and size. */
export interface ClipFacts {
  readonly width: number;
  readonly height: number;
  readonly rate: Rational;
  readonly bytes?: number | undefined;
  readonly seconds?: number | undefined;
}

export interface ResultView {
  readonly requestId: string;
  readonly requesterId: string;
  readonly inputName?: string | undefined;
  /** Name of the file that comes with the message. */
  readonly fileName: string;
  readonly isSpoiler: boolean;
  /** Whether it can be seen beside what it was made from. */
  readonly isCompared: boolean;
  readonly before?: ClipFacts | undefined;
  readonly after?: ClipFacts | undefined;
  readonly givenUp: readonly GivenUp[];
  readonly warnings: readonly { readonly code: string; readonly params: Readonly<Record<string, string | number>> }[];
  /** Bounds that the motion of a face was held to. */
  readonly limits: readonly { readonly code: string; readonly value: number; readonly frames: number }[];
  /** The kind of file that was asked for, where a size limit made it another. */
  readonly instead?: string | undefined;
  /** How real an animation looks: 0 to 100, in a word, and what cost most. */
  readonly realism?: Realism | undefined;
  /** Wall seconds of the work. */
  readonly seconds?: number | undefined;
  /** Until when `/result` gives it again. */
  readonly keptUntil?: Date | undefined;
  /** Why it was not delivered at once, where it is had again. */
  readonly undelivered?: string | undefined;
}

/** Where the message is going: away from the request it has to say whose it is, and may ping them. */
export interface Placing {
  readonly place: 'interaction' | 'message' | 'channel' | 'direct';
  /** The channel that the request was made in, for a direct message. */
  readonly askedIn: string;
}

const rateText = (rate: Rational, language: Language): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(toNumber(rate));

function clipText({ width, height, rate, bytes }: ClipFacts, t: Translate, language: Language): string {
  const params = { width, height, rate: rateText(rate, language) };
  return bytes === undefined ? t('result.picture', params) : t('result.clip', { ...params, bytes });
}

/** Who asked for what, where the message does not stand under their command. */
export function address({ requesterId, inputName }: Addressed, { place, askedIn }: Placing, t: Translate): string[] {
  const clip = inputName === undefined ? t('result.your-clip') : plain(inputName);
  if (place === 'channel') return [t('result.for', { member: `<@${requesterId}>`, clip })];
  if (place === 'direct') return [t('result.asked-in', { channel: `<#${askedIn}>`, clip })];
  return [];
}

export interface Addressed {
  readonly requesterId: string;
  readonly inputName?: string | undefined;
}

/** Who is pinged: whose result appears where they did not ask for it. */
export const mentioned = ({ requesterId }: Addressed, { place }: Placing): string | undefined =>
  place === 'channel' ? requesterId : undefined;

/** The clip with what became of it. The file goes with it under `fileName`. */
export function resultMessage(view: ResultView, placing: Placing, t: Translate, language: Language): Message {
  const { requestId, fileName, isSpoiler, isCompared, before, after, seconds, keptUntil, undelivered } = view;
  const media: APIComponentInContainer = {
    type: ComponentType.MediaGallery,
    items: [{ media: { url: `attachment://${fileName}` }, ...(isSpoiler && { spoiler: true }) }],
  };
  const changed =
    after === undefined
      ? []
      : before === undefined
        ? [`**${clipText(after, t, language)}**`]
        : [`${clipText(before, t, language)} → **${clipText(after, t, language)}**`];
  const costs = [
    ...(view.instead === undefined ? [] : [t('given-up.format', { format: view.instead })]),
    ...view.givenUp.map((given) => describeGivenUp(given, t)),
    ...view.limits.map(({ code, value, frames }) => {
      return t(`limits.${code}`, { value: Math.round(value * 10) / 10, count: frames });
    }),
    ...view.warnings.map(({ code, params }) => t(`warnings.${code}`, params)),
  ];
  const foot = [
    ...(seconds === undefined ? [] : [t('result.took', { time: formatDuration(seconds) })]),
    ...(keptUntil === undefined ? [] : [t('result.kept-until', { when: stamp(keptUntil) })]),
    ...(undelivered === undefined ? [] : [undelivered]),
  ];
  const lines = [
    ...address(view, placing, t),
    ...changed,
    ...(view.realism === undefined ? [] : realismLines(view.realism, t)),
    ...costs.map((line) => `- ${line}`),
    ...(foot.length > 0 ? [`-# ${foot.join(' · ')}`] : []),
  ];
  const compare = button(writeCustomId('compare', requestId), t('result.compare'), ButtonStyle.Primary);
  const buttons = row(...(isCompared ? [compare] : []), button(writeCustomId('report', requestId), t('result.report')));
  const parts: APIMessageTopLevelComponent = container('done', [
    media,
    ...(lines.length > 0 ? [text(lines.join('\n'))] : []),
    buttons,
  ]);
  return message([parts], mentioned(view, placing));
}

/** What cost fewer points than the first few is left to the command line. */
const mostParts = 3;

function realismLines({ score, band, parts }: Realism, t: Translate): string[] {
  const costly = parts.slice(0, mostParts).map(({ name, points }) => {
    return t('animate.realism-part', { part: t(`realism-part.${name}`), points });
  });
  const line = t('animate.realism', { score, band: t(`realism.${band}`) });
  return costly.length === 0 ? [line] : [line, `-# ${costly.join(' · ')}`];
}
