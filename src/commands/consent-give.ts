/** `/consent give`: a member agrees unasked, for thirty days. The text is shown before it is agreed to. */
import { ButtonStyle, type ChatInputCommandInteraction, type MessageComponentInteraction } from 'discord.js';

import { answer, answerPrivately } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { type CustomId, writeCustomId } from '../discord/custom-id.ts';
import { button, container, message, notice, row, text } from '../discord/message.ts';
import { stamp } from '../discord/timestamps.ts';
import { refuseNamed } from '../policy/consent.ts';
import { consentTextKey, consentTextVersion } from '../policy/consent-texts.ts';
import { Refusal } from '../policy/refusal.ts';
import { giveConsent } from '../store/consent-questions.ts';
import { consentMs } from '../store/consents.ts';

/** Shows what would be agreed to. Rejects with a Refusal for a bot, somebody who is not here, and the member themselves. */
export async function offerToGive(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { t, now } = context;
  if (interaction.guildId === null) throw new Refusal('refusal.member-in-guild');
  const requester = interaction.options.getUser('member', true);
  const isHere = interaction.options.getMember('member') !== null;
  const refusal = refuseNamed({ id: requester.id, isBot: requester.bot, isHere }, interaction.user.id);
  if (refusal !== undefined) throw refusal;
  const when = stamp(new Date(now() + consentMs));
  const lines = [
    `### ${t('consent.give.title')}`,
    t('consent.give.words', { requester: `<@${requester.id}>`, when }),
    `- ${t(consentTextKey('member', 'requester'))}`,
    `-# ${t('question.kept')}`,
  ];
  // The language and the version that are shown go with the button: the record says which they were.
  const agree = button(
    writeCustomId('consent-give', requester.id, `${context.language}:${consentTextVersion}`),
    t('consent.give.button'),
    ButtonStyle.Success,
  );
  const said = message([container('waiting', [text(lines.join('\n')), row(agree)])]);
  await answer(interaction, said, { isPrivate: true });
}

/** The button under it: seen, and so pressed, by that member alone. */
export async function agreeToGive(
  interaction: MessageComponentInteraction,
  { subject: requesterId, argument }: CustomId,
  { db, now, t, language }: CommandContext,
): Promise<void> {
  const { guildId, user } = interaction;
  if (guildId === null) throw new Refusal('refusal.member-in-guild');
  if (requesterId === user.id) throw new Refusal('refusal.ask-yourself');
  const [textLocale = language, textVersion] = argument?.split(':') ?? [];
  // Shown by an earlier release: nobody agrees to words that they have not read.
  if (textVersion !== consentTextVersion) throw new Refusal('refusal.text-changed');
  await giveConsent(db, {
    ...{ subjectId: user.id, requesterId, guildId },
    textVersion,
    textLocale,
    now: new Date(now()),
  });
  const params = { requester: `<@${requesterId}>` };
  await answerPrivately(interaction, notice('done', t('consent.accepted.requester', params)));
}
