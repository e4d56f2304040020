/** What Discord asks of a message beyond its schema: something to say, flags that are allowed, Components V2 alone. */
import { AllowedMentionsTypes, type APIAllowedMentions, type APIEmbed } from 'discord.js';
import { apiErrors, type FormFault, formFault, Refusal, refuseFaults } from '../errors.ts';
import { flags, type MessageContent } from '../messages.ts';
import { componentFaults } from './components.ts';

/** Where a message is going, which decides the flags it may carry. */
export type MessagePlace = 'reply' | 'deferral' | 'follow-up' | 'channel' | 'edit';

const ALLOWED_FLAGS: Readonly<Record<MessagePlace, number>> = {
  reply: flags.suppressEmbeds | flags.ephemeral | flags.suppressNotifications | flags.componentsV2,
  deferral: flags.ephemeral,
  'follow-up': flags.suppressEmbeds | flags.ephemeral | flags.suppressNotifications | flags.componentsV2,
  channel: flags.suppressEmbeds | flags.suppressNotifications | flags.componentsV2,
  edit: flags.suppressEmbeds | flags.componentsV2,
};

const MOST_CONTENT = 2000;
const MOST_EMBED_TEXT = 6000;

export function flagFaults(given: number, place: MessagePlace): FormFault[] {
  return (given & ~ALLOWED_FLAGS[place]) === 0
    ? []
    : [formFault(['flags'], 'MESSAGE_FLAGS_INVALID', `flags ${given} cannot be set on a ${place}`)];
}

const embedText = ({ title, description, footer, author, fields }: APIEmbed): number =>
  [title, description, footer?.text, author?.name, ...(fields ?? []).flatMap(({ name, value }) => [name, value])].join(
    '',
  ).length;

function embedFaults(embeds: readonly APIEmbed[]): FormFault[] {
  const total = embeds.reduce((sum, embed) => sum + embedText(embed), 0);
  return total > MOST_EMBED_TEXT
    ? [formFault(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${MOST_EMBED_TEXT}`)]
    : [];
}

export function mentionFaults(mentions: APIAllowedMentions | null | undefined): FormFault[] {
  const { parse = [], users = [], roles = [] } = mentions ?? {};
  const clashes = [
    ...(parse.some((kind) => kind === AllowedMentionsTypes.User) && users.length > 0 ? ['users'] : []),
    ...(parse.some((kind) => kind === AllowedMentionsTypes.Role) && roles.length > 0 ? ['roles'] : []),
  ];
  return clashes.map((kind) =>
    formFault(
      ['allowed_mentions', kind],
      'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
      `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
    ),
  );
}

function v2Faults({ content, embeds, flags: set }: MessageContent): FormFault[] {
  if (!(set & flags.componentsV2)) return [];
  const field = (name: string): FormFault =>
    formFault(
      [name],
      'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
      `The '${name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    );
  return [...(content === '' ? [] : [field('content')]), ...(embeds.length === 0 ? [] : [field('embeds')])];
}

/**
 * Judges a message as a request would leave it.
 * @throws Refusal 50006 when nothing is left in it, 50035 for any other fault.
 */
export function checkMessage(message: MessageContent): void {
  const { content, embeds, components, attachments } = message;
  const isV2 = (message.flags & flags.componentsV2) !== 0;
  refuseFaults([
    ...(content.length > MOST_CONTENT
      ? [formFault(['content'], 'BASE_TYPE_MAX_LENGTH', `Must be ${MOST_CONTENT} or fewer in length.`)]
      : []),
    ...embedFaults(embeds),
    ...mentionFaults(message.allowedMentions),
    ...v2Faults(message),
    ...componentFaults(
      components,
      isV2,
      attachments.map(({ file }) => file.filename),
    ),
  ]);
  const says = content.trim() !== '' || embeds.length > 0 || components.length > 0 || (!isV2 && attachments.length > 0);
  if (!says) throw new Refusal(apiErrors.emptyMessage);
}

/** @throws Refusal when an edit would take the Components V2 flag off a message that has it. */
export function checkV2Stays(before: number, given: number | null | undefined): void {
  if (!(before & flags.componentsV2) || given === undefined || given === null) return;
  if (!(given & flags.componentsV2)) {
    refuseFaults([
      formFault(['flags'], 'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG', 'Flag IS_COMPONENTS_V2 cannot be removed'),
    ]);
  }
}
