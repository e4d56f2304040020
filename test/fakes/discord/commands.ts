/** The application's registered commands, global and per guild. */
import { ApplicationCommandType } from 'discord.js';
import type { CommandDefinition } from './rules/commands.ts';
import type { ApiObject } from './world/describe.ts';

export interface RegisteredCommand {
  readonly id: string;
  readonly version: string;
  /** Undefined for a command that every guild has. */
  readonly guildId: string | undefined;
  readonly definition: CommandDefinition;
}

export interface Commands {
  /** Of a guild alone, or the global ones. */
  readonly list: (guildId: string | undefined) => readonly RegisteredCommand[];
  readonly find: (id: string) => RegisteredCommand | undefined;
  /** Adds one, or replaces the one of the same type and name, which keeps its id. */
  readonly put: (definition: CommandDefinition, guildId: string | undefined) => RegisteredCommand;
  /** Replaces a whole list. */
  readonly set: (
    definitions: readonly CommandDefinition[],
    guildId: string | undefined,
  ) => readonly RegisteredCommand[];
  readonly replace: (command: RegisteredCommand, definition: CommandDefinition) => RegisteredCommand;
  readonly remove: (id: string) => void;
}

export const commandType = ({ type }: CommandDefinition): ApplicationCommandType =>
  type ?? ApplicationCommandType.ChatInput;

export function createCommands(nextId: () => string): Commands {
  let all: RegisteredCommand[] = [];
  const list: Commands['list'] = (guildId) => all.filter((command) => command.guildId === guildId);
  const put: Commands['put'] = (definition, guildId) => {
    const known = list(guildId).find(
      (command) =>
        command.definition.name === definition.name && commandType(command.definition) === commandType(definition),
    );
    const command: RegisteredCommand = { id: known?.id ?? nextId(), version: nextId(), guildId, definition };
    all = [...all.filter((other) => other !== known), command];
    return command;
  };
  return {
    list,
    find: (id) => all.find((command) => command.id === id),
    put,
    set: (definitions, guildId) => {
      const kept = definitions.map((definition) => put(definition, guildId));
      all = all.filter((command) => command.guildId !== guildId || kept.includes(command));
      return kept;
    },
    replace: (command, definition) => {
      const replaced: RegisteredCommand = { ...command, version: nextId(), definition };
      all = all.map((other) => (other === command ? replaced : other));
      return replaced;
    },
    remove: (id) => {
      all = all.filter((command) => command.id !== id);
    },
  };
}

export function describeCommand(
  { id, version, guildId, definition }: RegisteredCommand,
  applicationId: string,
): ApiObject {
  return {
    ...Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined)),
    id,
    version,
    application_id: applicationId,
    ...(guildId !== undefined && { guild_id: guildId }),
    type: commandType(definition),
    description: definition.description ?? '',
    default_member_permissions: definition.default_member_permissions ?? null,
    nsfw: definition.nsfw ?? false,
  };
}
