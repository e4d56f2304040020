/** The options of `/animate`: as Discord shows them, and as they come back. */
import {
  type APIApplicationCommandBasicOption,
  type APIGuildMember,
  type APIInteractionDataResolvedGuildMember,
  ApplicationCommandOptionType,
  type BaseInteraction,
  type ChatInputCommandInteraction,
  GuildMember,
  PermissionFlagsBits,
  type User,
} from 'discord.js';

import { cameraMoves } from '../engine/animate/camera/camera-move.ts';
import { outputFormats } from '../engine/animate/request.ts';
import { choiceTexts, optionTexts } from '../discord/localise.ts';
import type { Language } from '../locale.ts';
import { refuseNamed } from '../policy/consent.ts';
import { consentTextVersion } from '../policy/consent-texts.ts';
import { Refusal } from '../policy/refusal.ts';
import {
  type AnimateParameters,
  animateParameters,
  charactersIn,
  faceWords,
  longestCaptionLine,
  longestDeclaration,
  motions,
  type Subject,
} from '../queue/job.ts';
import { type SubjectKind, subjectKinds } from '../store/consents.ts';
import type { GivenFile } from './start-request.ts';
import { sourceOf } from './message-files.ts';

const { Attachment, Boolean: Flag, Number: Decimal, String: Text, User: Person } = ApplicationCommandOptionType;

const choices = <Value extends string>(option: string, values: readonly Value[]) =>
  values.map((value) => choiceTexts('animate', option, value));

const choice = (option: string, values: readonly string[], required = false): APIApplicationCommandBasicOption => ({
  type: Text,
  ...optionTexts('animate', option),
  choices: choices(option, values),
  ...(required && { required }),
});

const file = (option: string, required = false): APIApplicationCommandBasicOption => ({
  type: Attachment,
  ...optionTexts('animate', option),
  ...(required && { required }),
});

/** Of a caption of two lines: above the picture, below it. */
const separator = '|';

export const animateOptions: APIApplicationCommandBasicOption[] = [
  file('photo', true),
  choice('subject', subjectKinds, true),
  { type: Person, ...optionTexts('animate', 'member') },
  choice('motion', motions),
  file('driver'),
  file('speech'),
  choice('face', faceWords),
  { type: Text, ...optionTexts('animate', 'work'), max_length: longestDeclaration },
  { type: Text, ...optionTexts('animate', 'caption'), max_length: 3 * longestCaptionLine },
  { type: Decimal, ...optionTexts('animate', 'strength'), min_value: 0, max_value: 2 },
  choice('camera', cameraMoves),
  choice('sound', ['keep', 'none']),
  choice('format', outputFormats),
  { type: Flag, ...optionTexts('animate', 'spoiler') },
  { type: Flag, ...optionTexts('animate', 'private') },
];

/** What is asked for when nothing else is said: what the context command does. Whose face it is, it asks. */
export const plainAnimation: AnimateParameters = animateParameters.parse({ version: 1, command: 'animate' });

/** What is said beside whose face it is. */
export interface SubjectDetail {
  /** Which artwork or person, or who the outsider is. */
  readonly declared?: string | undefined;
  readonly memberId?: string | undefined;
  readonly asksDirectly?: boolean;
}

/** Whose face it is said to be, by the text that stands in the option or over the button in this language. */
export function subjectOf(
  kind: SubjectKind,
  language: Language,
  { declared, memberId, asksDirectly = false }: SubjectDetail = {},
): Subject {
  const words = Array.from(declared?.trim() ?? '')
    .slice(0, longestDeclaration)
    .join('');
  return {
    kind,
    ...((kind === 'artwork' || kind === 'outsider') && words !== '' && { declared: words }),
    ...(kind === 'member' && memberId !== undefined && { memberId, ...(asksDirectly && { asksDirectly }) }),
    textVersion: consentTextVersion,
    textLocale: language,
  };
}

/**
 * The member that was named in a command or a menu, as somebody to ask. Rejects nobody who may be asked.
 *
 * @throws Refusal for a bot, for somebody who is not in the guild, and for the one who asks.
 */
export function namedMember(
  named: User,
  membership: GuildMember | APIInteractionDataResolvedGuildMember | APIGuildMember | null,
  { user, channel }: Pick<BaseInteraction, 'user' | 'channel'>,
): Pick<SubjectDetail, 'memberId' | 'asksDirectly'> {
  const refusal = refuseNamed({ id: named.id, isBot: named.bot, isHere: membership !== null }, user.id);
  if (refusal !== undefined) throw refusal;
  const isKnown = membership instanceof GuildMember && channel !== null && 'permissionsFor' in channel;
  const permissions = isKnown ? channel.permissionsFor(membership) : undefined;
  // Somebody who cannot look into the channel would never see a question there.
  return { memberId: named.id, asksDirectly: permissions?.has(PermissionFlagsBits.ViewChannel) === false };
}

/**
 * The parameters that were chosen, checked again here: a client may send what it was not offered.
 *
 * @throws Refusal for a caption that is too long, and for a member who cannot be asked.
 */
export function readAnimateOptions(
  interaction: Pick<ChatInputCommandInteraction, 'options' | 'user' | 'channel' | 'guildId'>,
  language: Language,
): AnimateParameters {
  const { options } = interaction;
  const driven = (['driver', 'speech'] as const).find((role) => options.getAttachment(role) !== null);
  const kind = subjectKinds.find((known) => known === options.getString('subject', true)) ?? 'outsider';
  // Whoever says that no face moves has said which motion.
  const motion = options.getString('motion') ?? (kind === 'nobody' && driven === undefined ? 'none' : null);
  const given = {
    motion,
    // Something must move.
    camera: options.getString('camera') ?? (motion === 'none' && driven === undefined ? 'push-in' : null),
    face: options.getString('face'),
    strength: options.getNumber('strength'),
    sound: options.getString('sound'),
    format: options.getString('format'),
    driven: driven ?? null,
  };
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const named = options.getUser('member');
  if (named !== null && kind !== 'member') throw new Refusal('refusal.name-the-member');
  if (kind === 'member' && interaction.guildId === null) throw new Refusal('refusal.member-in-guild');
  const member = named === null ? {} : namedMember(named, options.getMember('member'), interaction);
  return animateParameters.parse({
    version: 1,
    command: 'animate',
    ...chosen,
    subject: subjectOf(kind, language, { declared: options.getString('work') ?? undefined, ...member }),
    caption: readCaption(options.getString('caption') ?? ''),
  });
}

/**
 * "below", "above | below" or "above |".
 *
 * @throws Refusal for a line that is too long: words that were cut would not be what somebody wrote.
 */
function readCaption(typed: string): AnimateParameters['caption'] {
  const line = (written: string): string => {
    const words = written.trim();
    const characters = charactersIn(words);
    if (characters > longestCaptionLine) {
      throw new Refusal('refusal.caption-too-long', { characters, limit: longestCaptionLine });
    }
    return words;
  };
  const at = typed.indexOf(separator);
  const [above, below] = at < 0 ? ['', line(typed)] : [line(typed.slice(0, at)), line(typed.slice(at + 1))];
  return { ...(above !== '' && { above }), ...(below !== '' && { below }) };
}

/** The files that were given, each with its part. */
export function readAnimateFiles({ options }: Pick<ChatInputCommandInteraction, 'options'>): GivenFile[] {
  const optional = (['driver', 'speech'] as const).flatMap((role) => {
    const attachment = options.getAttachment(role);
    return attachment === null ? [] : [{ role, source: sourceOf(attachment) }];
  });
  return [{ role: 'input', source: sourceOf(options.getAttachment('photo', true)) }, ...optional];
}
