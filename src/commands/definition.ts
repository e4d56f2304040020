/** What all definitions of commands have in common: their words in every language, and where they are offered. */
import {
  type APIApplicationCommandOption,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  PermissionFlagsBits,
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
  options: APIApplicationCommandOption[] = [],
): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return { type: ApplicationCommandType.ChatInput, ...slashTexts(name), ...everywhere, options };
}

/** @param key of its name in the locales: `command.<key>.name`. */
export function messageDefinition(key: string): RESTPostAPIContextMenuApplicationCommandsJSONBody {
  return { type: ApplicationCommandType.Message, ...contextTexts(key), ...everywhere };
}

/**
 * A command for moderators: in guilds alone, and shown by Discord to those who may. What it answers asks `moderatorOf` all the
 * same.
 * @param needs the permission that Discord asks for by default: a guild may lend the command to others, who are then refused.
 */
export function moderatorDefinition(
  name: string,
  options: APIApplicationCommandOption[] = [],
  needs: bigint = PermissionFlagsBits.ModerateMembers,
): RESTPostAPIChatInputApplicationCommandsJSONBody {
  return {
    type: ApplicationCommandType.ChatInput,
    ...slashTexts(name),
    contexts: [InteractionContextType.Guild],
    integration_types: [ApplicationIntegrationType.GuildInstall],
    default_member_permissions: needs.toString(),
    options,
  };
}
