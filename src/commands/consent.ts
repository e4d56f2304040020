/** `/consent`: what a member says about their own face, beyond the questions that they are asked. All of it in private. */
import { type APIApplicationCommandOption, ApplicationCommandOptionType } from 'discord.js';

import { answer } from '../discord/answer.ts';
import type { CommandContext, SlashCommand } from '../discord/command.ts';
import { optionTexts } from '../discord/localise.ts';
import { consentsOf, consentsToOthers, openQuestions, refusedForGood } from '../store/consent-lookups.ts';
import { agreeToGive, offerToGive } from './consent-give.ts';
import { offerRevocable, revoke, withoutTwins } from './consent-revoke.ts';
import { statusMessage, whoHasMessage } from './consent-words.ts';
import { slashDefinition } from './definition.ts';

const { Subcommand, String: Text, User: Person } = ApplicationCommandOptionType;

const sub = (
  name: 'give' | 'status' | 'revoke' | 'who-has-mine',
  options: Extract<APIApplicationCommandOption, { type: typeof Subcommand }>['options'] = [],
): APIApplicationCommandOption => ({ type: Subcommand, ...optionTexts('consent', name), options });

/** More are never shown in one message. */
const most = 20;

export const consentCommand: SlashCommand = {
  kind: 'slash',
  definition: slashDefinition('consent', [
    sub('give', [{ type: Person, ...optionTexts('consent', 'member'), required: true }]),
    sub('status'),
    sub('revoke', [{ type: Text, ...optionTexts('consent', 'which'), required: true, autocomplete: true }]),
    sub('who-has-mine'),
  ]),
  execute: async (interaction, context) => {
    switch (interaction.options.getSubcommand()) {
      case 'give':
        return offerToGive(interaction, context);
      case 'revoke':
        return revoke(interaction, context);
      case 'who-has-mine': {
        const at = new Date(context.now());
        const given = await consentsToOthers(context.db, interaction.user.id, most + 1, at);
        const { cache } = context.client.guilds;
        const isHere = (guildId: string, channelId: string) => !!cache.get(guildId)?.channels.cache.has(channelId);
        const said = whoHasMessage(given, { now: at, most, isHere }, context.t);
        await answer(interaction, said, { isPrivate: true });
        return;
      }
      default:
        await answer(interaction, await status(interaction.user.id, context), { isPrivate: true });
    }
  },
  autocomplete: offerRevocable,
  components: { 'consent-give': agreeToGive },
};

async function status(memberId: string, { db, now, t }: CommandContext) {
  const at = new Date(now());
  // One more than is shown says whether there are more.
  const [gave, questions, refused] = await Promise.all([
    consentsOf(db, memberId, most + 1, at),
    openQuestions(db, memberId, most + 1),
    refusedForGood(db, memberId, most + 1),
  ]);
  const view = { memberId, gave: withoutTwins(gave, at), questions, refused, now: at, most };
  return statusMessage(view, t);
}
