/** `/cancel` and the Cancel button of a progress message: for the one who asked, and for the moderators of the guild or channel. */
import {
  ApplicationCommandOptionType,
  type AutocompleteInteraction,
  type BaseInteraction,
  type ChatInputCommandInteraction,
} from 'discord.js';

import { acknowledgePress, answer } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import { optionTexts } from '../discord/localise.ts';
import { notice, plain } from '../discord/message.ts';
import { Refusal } from '../policy/refusal.ts';
import { mayHandle } from '../policy/asking.ts';
import { openRequests, type WholeRequest } from '../store/member-requests.ts';
import { stopRequest } from '../store/moderation.ts';
import type { Cancelled } from '../store/requests.ts';
import { askerOf } from './asker.ts';
import { type Choice, choiceOf, matching } from './choices.ts';
import { slashDefinition } from './definition.ts';
import { requestFor } from './request-for.ts';
import { standingWords } from './standing-words.ts';

/** More are never offered at once, and a moderator who looks for one types its name. */
const mostLookedAt = 200;

export const cancelCommand: SlashCommand = {
  kind: 'slash',
  definition: slashDefinition('cancel', [
    { type: ApplicationCommandOptionType.String, ...optionTexts('cancel', 'clip'), required: true, autocomplete: true },
  ]),
  execute: async (interaction, context) => {
    await cancelByName(interaction, context);
  },
  autocomplete: offer,
  components: {
    cancel: async (interaction, { subject }, context) => {
      // The message itself says that it stops; a second one would only be in the way.
      await stop(interaction, subject, context);
      await acknowledgePress(interaction);
      context.cards.refresh(subject);
    },
  },
};

async function cancelByName(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { request, outcome } = await stop(interaction, interaction.options.getString('clip', true), context);
  context.cards.refresh(request.id);
  const clip = plain(request.inputName ?? '');
  await answer(interaction, notice('done', context.t(`cancel.${outcome}`, { clip })), { isPrivate: true });
}

/** Rejects with `refusal.unknown-request`, `refusal.not-yours` or `refusal.already-ended`. */
async function stop(
  interaction: BaseInteraction,
  id: string,
  context: CommandContext,
): Promise<{ readonly request: WholeRequest; readonly outcome: 'cancelled' | 'asked' }> {
  const request = await requestFor(interaction, id, context);
  const asker = askerOf(interaction);
  if (!mayHandle(request, asker)) throw new Refusal('refusal.not-yours');
  const outcome =
    request.requesterId === asker.id
      ? await context.queue.cancel(id, `member:${asker.id}`)
      : await stopAnothers(request, asker.id, context);
  if (outcome === 'too-late') throw new Refusal('refusal.already-ended');
  return { request, outcome };
}

/** In the words of a moderator's deed, and with a row that says whose it was: the requester did not do it. */
async function stopAnothers(
  { id, guildId }: WholeRequest,
  moderatorId: string,
  { db, queue, now }: CommandContext,
): Promise<Cancelled> {
  if (guildId === null) throw new Refusal('refusal.not-yours');
  const outcome = await stopRequest(db, id, { moderatorId, guildId, now: new Date(now()) });
  if (outcome === 'unknown') throw new Refusal('refusal.unknown-request');
  // What is written already is told to the worker that has it, and to whoever takes it in.
  if (outcome !== 'too-late') await queue.cancel(id, `moderator:${moderatorId}`);
  return outcome;
}

async function offer(interaction: AutocompleteInteraction, context: CommandContext): Promise<Choice[]> {
  const { db, queue, now, language, t } = context;
  const asker = askerOf(interaction);
  const { id, guildId, moderates } = asker;
  const whose = { userId: id, ...(moderates !== 'nothing' && guildId !== null && { guildId }) };
  const [open, { entries }] = await Promise.all([openRequests(db, whose, mostLookedAt), queue.overview()]);
  const standings = new Map(entries.map((entry) => [entry.requestId, entry]));
  const theirs = open.filter((request) => mayHandle(request, asker));
  const choices = theirs.map((request) => {
    const standing = standings.get(request.id);
    return choiceOf(request, now(), language, standing === undefined ? undefined : standingWords(standing, t));
  });
  return matching(choices, interaction.options.getFocused());
}
