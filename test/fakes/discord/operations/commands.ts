/** Registering commands. */
import { commandType, describeCommand, type RegisteredCommand } from '../commands.ts';
import { apiErrors, Refusal, refuseFaults } from '../errors.ts';
import { type CommandDefinition, commandFaults, commandListFaults } from '../rules/commands.ts';
import type { State } from '../state.ts';
import { type ApiRequest, noContent, ok, type Operation } from './operation.ts';

/** @throws Refusal 10002 when the path names another application, 10004 when it names an unknown guild. */
function guildOf({ applicationId, world }: State, { parameters }: ApiRequest): string | undefined {
  if (parameters['application_id'] !== applicationId) throw new Refusal(apiErrors.unknownApplication);
  const guildId = parameters['guild_id'];
  return guildId === undefined ? undefined : world.guild(guildId).id;
}

function find(state: State, request: ApiRequest): RegisteredCommand {
  guildOf(state, request);
  const command = state.commands.find(request.parameters['command_id']!);
  if (!command) throw new Refusal(apiErrors.unknownCommand);
  return command;
}

const describeAll = ({ applicationId }: State, commands: readonly RegisteredCommand[]): unknown =>
  commands.map((command) => describeCommand(command, applicationId));

export const listCommands: Operation = (state, request) =>
  ok(describeAll(state, state.commands.list(guildOf(state, request))));

export const setCommands: Operation = (state, request) => {
  const guildId = guildOf(state, request);
  const definitions = (request.body ?? []) as readonly CommandDefinition[];
  refuseFaults(commandListFaults(definitions));
  return ok(describeAll(state, state.commands.set(definitions, guildId)));
};

export const createCommand: Operation = (state, request) => {
  const guildId = guildOf(state, request);
  const definition = request.body as CommandDefinition;
  const others = state.commands.list(guildId).map((command) => command.definition);
  const replaces = others.filter(
    (other) => other.name === definition.name && commandType(other) === commandType(definition),
  );
  refuseFaults(commandFaults(definition, []));
  commandListFaults([...others.filter((other) => !replaces.includes(other)), definition]);
  const command = state.commands.put(definition, guildId);
  return { status: replaces.length > 0 ? 200 : 201, body: describeCommand(command, state.applicationId) };
};

export const getCommand: Operation = (state, request) => ok(describeCommand(find(state, request), state.applicationId));

export const updateCommand: Operation = (state, request) => {
  const command = find(state, request);
  const definition = { ...command.definition, ...(request.body as Partial<CommandDefinition>) };
  refuseFaults(commandFaults(definition, []));
  return ok(describeCommand(state.commands.replace(command, definition), state.applicationId));
};

export const deleteCommand: Operation = (state, request) => {
  state.commands.remove(find(state, request).id);
  return noContent;
};
