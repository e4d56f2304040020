/** `/restore clip:` with all its options. */
import type { SlashCommand } from '../discord/command.ts';
import { slashDefinition } from './definition.ts';
import { sourceOf } from './message-files.ts';
import { offerRates, readRestoreOptions, restoreOptions } from './restore-options.ts';
import type { StartRequest } from './start-request.ts';

export function restoreCommand(start: StartRequest): SlashCommand {
  return {
    kind: 'slash',
    definition: slashDefinition('restore', restoreOptions),
    execute: async (interaction, context) => {
      const { options } = interaction;
      const wish = {
        files: [{ role: 'input', source: sourceOf(options.getAttachment('clip', true)) }] as const,
        parameters: readRestoreOptions(interaction),
        isPrivate: options.getBoolean('private') ?? false,
        isSpoiler: options.getBoolean('spoiler') ?? false,
      };
      await start(interaction, wish, context);
    },
    autocomplete: async (interaction, { t }) => Promise.resolve(offerRates(interaction.options.getFocused(), t)),
  };
}
