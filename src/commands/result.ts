/** `/result`: sends one of the member's own results again while it is kept, by default to them alone. */
import {
  ApplicationCommandOptionType,
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
} from 'discord.js';

import { acknowledge, answerPrivately } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import { resultAt, resultName } from '../discord/delivery-message.ts';
import { choiceTexts, optionTexts } from '../discord/localise.ts';
import { notice } from '../discord/message.ts';
import { undeliveredWords } from '../discord/notice-message.ts';
import { lackingPermissions } from '../discord/permissions.ts';
import type { Translate } from '../locale.ts';
import { refuseMember, refusePlace } from '../policy/asking.ts';
import { limitsFor } from '../policy/limits.ts';
import { Refusal } from '../policy/refusal.ts';
import { QueueProblem } from '../queue/reasons.ts';
import { smallestUpload } from '../queue/upload-limits.ts';
import { findPictureFault } from '../store/blocks.ts';
import { findConsentFault } from '../store/consents.ts';
import { markFetched } from '../store/deliveries.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { keptResults, type WholeRequest } from '../store/member-requests.ts';
import { askerOf } from './asker.ts';
import { channelAgeOf } from './channel-age.ts';
import { type Choice, choiceOf, matching } from './choices.ts';
import { slashDefinition } from './definition.ts';
import { memberFacts } from './member-facts.ts';
import { requestFor } from './request-for.ts';
import { answerWithFile, noteIntended, noteShown, refuseTooLarge, sendDirectly, withFile } from './send-file.ts';
import { storedResult } from './stored-result.ts';

const places = ['me', 'channel', 'direct'] as const;

export const resultCommand: SlashCommand = {
  kind: 'slash',
  definition: slashDefinition('result', [
    { type: ApplicationCommandOptionType.String, ...optionTexts('result', 'clip'), required: true, autocomplete: true },
    {
      type: ApplicationCommandOptionType.String,
      ...optionTexts('result', 'to'),
      choices: places.map((place) => choiceTexts('result', 'to', place)),
    },
  ]),
  execute: sendAgain,
  autocomplete: offer,
};

async function sendAgain(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { t } = context;
  const { options } = interaction;
  const to = places.find((place) => place === options.getString('to')) ?? 'me';
  const request = await requestFor(interaction, options.getString('clip', true), context);
  if (request.requesterId !== interaction.user.id) throw new Refusal('refusal.unknown-request');
  const { sha256, bytes, mediaType, reply } = storedResult(request, context.now());
  const fault = await findConsentFault(context.db, request, new Date(context.now()));
  if (fault !== undefined) throw new QueueProblem(`queue.consent-${fault}`);
  const blocked = await findPictureFault(context.db, request);
  if (blocked !== undefined) throw new QueueProblem(blocked);
  if (to === 'channel') await refuseShowing(interaction, request, context);
  refuseTooLarge(bytes, to === 'direct' ? smallestUpload : interaction.attachmentSizeLimit);

  const acknowledged = await acknowledge(interaction, { isPrivate: to !== 'channel' });
  if (to !== 'direct') await noteIntended(interaction, request.id, acknowledged, context);
  const place = to === 'direct' ? 'direct' : 'interaction';
  const said = resultAt({ request: { ...request, reply } }, place, { bytes, mediaType });
  await withFile(context, sha256, async (path) => {
    const file = { path, mediaType, name: resultName(request, mediaType), isSpoiler: reply.isSpoiler };
    if (to !== 'direct') {
      await noteShown(interaction, request.id, await answerWithFile(interaction, said, file, context), context);
      return;
    }
    await noteShown(interaction, request.id, await sendDirectly(interaction, said, file, context), context);
    await answerPrivately(interaction, notice('done', t('resend.sent')));
  });
  if (request.state === 'kept') await markFetched(context.db, request.id, new Date(context.now()));
}

/**
 * What others would see was agreed to for one server, whose moderators look after it: it is shown there alone, and while the
 * member might ask for it there. Whether artworks may be shown is with the consent. Rejects with a Refusal.
 */
async function refuseShowing(
  interaction: ChatInputCommandInteraction,
  { guildId, command }: WholeRequest,
  { db, logKey, limits }: CommandContext,
): Promise<void> {
  if (guildId !== interaction.guildId) throw new Refusal('refusal.result-elsewhere');
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const ageRestrictedOnly = settings?.ageRestrictedOnly ?? false;
  const [member, channelAge] = await Promise.all([
    memberFacts(askerOf(interaction), command, settings, { db, logKey }),
    channelAgeOf(interaction),
  ]);
  const place = { command, ageRestrictedOnly, channelAge };
  const refusal = refuseMember(member) ?? refusePlace(place, limitsFor(limits, settings));
  if (refusal !== undefined) throw refusal;
  const lacking = lackingPermissions(interaction);
  if (lacking.length > 0) throw new Refusal('refusal.bot-lacks-permission', { permissions: lacking });
}

/** Why it was not sent, or cannot be: a held one is offered so that its member learns of it. */
function noteOf({ state, code }: Pick<WholeRequest, 'state' | 'code'>, t: Translate): string | undefined {
  if (state === 'held') return t('resend.held');
  return state === 'kept' ? undeliveredWords(code, t) : undefined;
}

async function offer(
  interaction: AutocompleteInteraction,
  { db, now, language, t }: CommandContext,
): Promise<Choice[]> {
  const kept = await keptResults(db, interaction.user.id, new Date(now()), 100);
  return matching(
    kept.map((request) => {
      return choiceOf(request, now(), language, noteOf(request, t));
    }),
    interaction.options.getFocused(),
  );
}
