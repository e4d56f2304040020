/** What the bot must be allowed in a channel to deliver there, and what of it lacks. */
import { type BaseInteraction, type PermissionsBitField, PermissionFlagsBits } from 'discord.js';

import type { Language, Translate } from '../locale.ts';

/**
 * Names as in discord.js; their sentences stand under `permission.<name>`. An answer by the interaction's token needs none of
 * them, but a clip that takes longer than a quarter of an hour is posted like any message. The history is read to see
 * whether a result is there already.
 */
const always = ['ViewChannel', 'AttachFiles', 'ReadMessageHistory'] as const;
type Needed = (typeof always)[number] | 'SendMessages' | 'SendMessagesInThreads';

/** For the invite address: all that the bot ever uses, as bits. */
export const invitePermissions: bigint = [...always, 'SendMessages' as const, 'SendMessagesInThreads' as const].reduce(
  (bits, name) => bits | PermissionFlagsBits[name],
  0n,
);

/** Of what delivering needs, what `permissions` lack. */
export function lackingOf(permissions: Readonly<PermissionsBitField>, isThread: boolean): Needed[] {
  const needed: Needed[] = [...always, isThread ? 'SendMessagesInThreads' : 'SendMessages'];
  return needed.filter((name) => !permissions.has(PermissionFlagsBits[name]));
}

/** What the bot lacks where it was called, as Discord says with the interaction. Nothing is needed in direct messages. */
export function lackingPermissions(interaction: BaseInteraction): Needed[] {
  if (!interaction.inGuild()) return [];
  return lackingOf(interaction.appPermissions, interaction.channel?.isThread() ?? false);
}

/** As the settings of the reader's client call them: "Send Messages and Attach Files". */
export function permissionWords(names: readonly string[], t: Translate, language: Language): string {
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  return list.format(names.map((name) => t(`permission.${name}`)));
}
