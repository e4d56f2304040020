/** `/restore clip:` with all its options. */
import type { SlashCommand } from '../discord/command.ts';
import { slashDefinition } from './definition.ts';
import { clipOfAttachment } from './message-clips.ts';
import { offerRates, readRestoreOptions, restoreOptions } from './restore-options.ts';
import type { StartRestore } from './start-restore.ts';

export function restoreCommand(start: StartRestore): SlashCommand {
  return {
    kind: 'slash',
    definition: slashDefinition('restore', restoreOptions),
    execute: async (interaction, context) => {
      const { options } = interaction;
      const wish = {
        clip: clipOfAttachment(options.getAttachment('clip', true)),
        parameters: readRestoreOptions(interaction),
        isPrivate: options.getBoolean('private') ?? false,
        isSpoiler: options.getBoolean('spoiler') ?? false,
      };
      await start(interaction, wish, context);
    },
    autocomplete: async (interaction, { t }) => Promise.resolve(offerRates(interaction.options.getFocused(), t)),
  };
}
