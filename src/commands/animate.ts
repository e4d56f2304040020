/** `/animate photo: subject:` with all its options. */
import type { SlashCommand } from '../discord/command.ts';
import { animateOptions, readAnimateFiles, readAnimateOptions } from './animate-options.ts';
import { slashDefinition } from './definition.ts';
import type { StartRequest } from './start-request.ts';

export function animateCommand(start: StartRequest): SlashCommand {
  return {
    kind: 'slash',
    definition: slashDefinition('animate', animateOptions),
    execute: async (interaction, context) => {
      const { options } = interaction;
      const wish = {
        files: readAnimateFiles(interaction),
        parameters: readAnimateOptions(interaction, context.language),
        chosenMotion: options.getString('motion') ?? undefined,
        isPrivate: options.getBoolean('private') ?? false,
        isSpoiler: options.getBoolean('spoiler') ?? false,
      };
      await start(interaction, wish, context);
    },
  };
}
