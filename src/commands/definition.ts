/** What all definitions of commands have in common: their words in every language, and where they are offered. */
import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js';

import { contextTexts, slashTexts } from '../discord/localise.ts';

/** In guilds that the bot was added to, and in its direct messages. */
const everywhere = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

export function slashDefinition(
  name: string,
  options: APIApplicationCommandBasicOption[] = [],
): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return { type: ApplicationCommandType.ChatInput, ...slashTexts(name), ...everywhere, options };
}

/** @param key of its name in the locales: `command.<key>.name`. */
export function messageDefinition(key: string): RESTPostAPIContextMenuApplicationCommandsJSONBody {
  return { type: ApplicationCommandType.Message, ...contextTexts(key), ...everywhere };
}
