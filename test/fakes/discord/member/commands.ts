/** Commands as a member's client offers them: which there are, in the member's language, and what may be filled in. */
import {
  ApplicationCommandOptionType as Kind,
  ApplicationCommandType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import { commandType, type RegisteredCommand } from '../commands.ts';
import type { CommandDefinition, CommandOption } from '../rules/commands.ts';
import type { Localisations } from '../rules/localisations.ts';
import type { State } from '../state.ts';
import { type ApiObject, describeChannel, describeMembership, describeUser } from '../world/describe.ts';
import type { Channel, User } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';
import { describeAttachment } from '../operations/describe-message.ts';
import { uploadLimitOf } from './ask.ts';
import { isMemberFile, type MemberFile, upload } from './file.ts';
import { MemberError } from './member-error.ts';

/** What a member fills in for an option. Users, channels and roles are named by something with an id. */
export type OptionValue = string | number | boolean | MemberFile | { readonly id: string };
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** A command as the client lists it. */
export interface OfferedCommand {
  readonly kind: 'slash' | 'user' | 'message';
  /** In the member's language, like the description. */
  readonly name: string;
  readonly description: string;
}

const inLanguage = (text: string, localisations: Localisations, locale: string): string =>
  localisations?.[locale] ?? text;

/** Whether Discord shows a command to a member in a channel. */
function isOffered(state: State, user: User, channel: Channel, { definition }: RegisteredCommand): boolean {
  const isDirect = channel.guildId === undefined;
  const context = isDirect ? InteractionContextType.BotDM : InteractionContextType.Guild;
  if (definition.contexts && !definition.contexts.includes(context)) return false;
  if (isDirect) return definition.dm_permission !== false;
  const permissions = permissionsIn(state.world, user.id, channel);
  if (!(permissions & PermissionFlagsBits.UseApplicationCommands)) return false;
  if (permissions & PermissionFlagsBits.Administrator) return true;
  const needed = definition.default_member_permissions;
  if (needed === undefined || needed === null) return true;
  // "0" is for administrators alone.
  return needed !== '0' && (permissions & BigInt(needed)) === BigInt(needed);
}

function commandsFor(state: State, user: User, channel: Channel): RegisteredCommand[] {
  const all = [
    ...state.commands.list(undefined),
    ...(channel.guildId === undefined ? [] : state.commands.list(channel.guildId)),
  ];
  return all.filter((command) => isOffered(state, user, channel, command));
}

export function offeredCommands(state: State, user: User, channel: Channel): OfferedCommand[] {
  return commandsFor(state, user, channel).map(({ definition }) => {
    const type = commandType(definition);
    return {
      kind:
        type === ApplicationCommandType.User ? 'user' : type === ApplicationCommandType.Message ? 'message' : 'slash',
      name: inLanguage(definition.name, definition.name_localizations, user.locale),
      description: inLanguage(definition.description ?? '', definition.description_localizations, user.locale),
    };
  });
}

/** @throws MemberError when no such command is offered to the member there. */
export function findCommand(
  state: State,
  user: User,
  channel: Channel,
  name: string,
  types: readonly ApplicationCommandType[],
): RegisteredCommand {
  const offered = commandsFor(state, user, channel).filter(({ definition }) => types.includes(commandType(definition)));
  const found = offered.find(({ definition }) => definition.name === name);
  if (found) return found;
  const names = offered.map(({ definition }) => definition.name).join(', ');
  throw new MemberError(user.username, `is not offered a command ${name} there, only: ${names || 'none'}`);
}

interface Resolved {
  readonly users: Record<string, ApiObject>;
  readonly members: Record<string, ApiObject>;
  readonly channels: Record<string, ApiObject>;
  readonly attachments: Record<string, ApiObject>;
}

export interface FillIn {
  readonly state: State;
  readonly user: User;
  readonly channel: Channel;
}

function idOf({ user }: FillIn, option: CommandOption, value: OptionValue): string {
  if (typeof value === 'object' && 'id' in value) return value.id;
  throw new MemberError(user.username, `must choose somebody or something with an id for ${option.name}`);
}

function choose({ user }: FillIn, option: CommandOption, value: string | number): string | number {
  const choices = option.choices ?? [];
  if (choices.length === 0 || option.autocomplete) return value;
  const chosen = choices.find(
    (choice) =>
      choice.value === value ||
      choice.name === value ||
      inLanguage(choice.name, choice.name_localizations, user.locale) === value,
  );
  if (chosen) return chosen.value;
  throw new MemberError(user.username, `is not offered ${value} for ${option.name}`);
}

function checkRange({ user }: FillIn, option: CommandOption, value: string | number): void {
  const size = typeof value === 'number' ? value : value.length;
  const least = (typeof value === 'number' ? option.min_value : option.min_length) ?? -Infinity;
  const most =
    (typeof value === 'number' ? option.max_value : option.max_length) ?? (typeof value === 'number' ? Infinity : 6000);
  if (size < least || size > most) {
    throw new MemberError(user.username, `cannot fill in ${value} for ${option.name}: ${least} to ${most} is allowed`);
  }
}

function textOrNumber(fillIn: FillIn, option: CommandOption, value: OptionValue): string | number {
  const wanted = option.type === Kind.String ? 'string' : 'number';
  if (
    (typeof value !== 'string' && typeof value !== 'number') ||
    (typeof value !== wanted && !option.choices?.length)
  ) {
    throw new MemberError(fillIn.user.username, `must fill in a ${wanted} for ${option.name}`);
  }
  const chosen = choose(fillIn, option, value);
  if (option.type === Kind.Integer && !Number.isInteger(chosen)) {
    throw new MemberError(fillIn.user.username, `must fill in a whole number for ${option.name}`);
  }
  checkRange(fillIn, option, chosen);
  return chosen;
}

function attach(
  { state, user, channel }: FillIn,
  option: CommandOption,
  value: OptionValue,
  resolved: Resolved,
): string {
  if (!isMemberFile(value)) throw new MemberError(user.username, `must choose a file for ${option.name}`);
  const uploader = { username: user.username, uploadLimit: uploadLimitOf(state, user, channel) };
  const attachment = upload(state, uploader, channel.id, value, true);
  resolved.attachments[attachment.file.id] = describeAttachment(state, attachment);
  return attachment.file.id;
}

function fillInOne(fillIn: FillIn, option: CommandOption, value: OptionValue, resolved: Resolved): unknown {
  const { state, channel, user } = fillIn;
  switch (option.type) {
    case Kind.String:
    case Kind.Integer:
    case Kind.Number:
      return textOrNumber(fillIn, option, value);
    case Kind.Boolean:
      if (typeof value === 'boolean') return value;
      throw new MemberError(user.username, `must choose yes or no for ${option.name}`);
    case Kind.Attachment:
      return attach(fillIn, option, value, resolved);
    case Kind.User: {
      const id = idOf(fillIn, option, value);
      resolved.users[id] = describeUser(state.world.user(id));
      const member = channel.guildId === undefined ? undefined : state.world.guild(channel.guildId).members.get(id);
      if (member) {
        resolved.members[id] = {
          ...describeMembership(member),
          permissions: String(permissionsIn(state.world, id, channel)),
        };
      }
      return id;
    }
    case Kind.Channel: {
      const id = idOf(fillIn, option, value);
      resolved.channels[id] = { ...describeChannel(state.world, state.world.channel(id)), permissions: '0' };
      return id;
    }
    case Kind.Role:
    case Kind.Mentionable:
    case Kind.Subcommand:
    case Kind.SubcommandGroup:
      throw new MemberError(user.username, `cannot fill in an option of type ${option.type} in this test server`);
  }
}

/** The options that a path of sub-commands leads to. */
function optionsAt({ user }: FillIn, definition: CommandDefinition, path: readonly string[]): readonly CommandOption[] {
  return path.reduce<readonly CommandOption[]>((options, name) => {
    const next = options.find((option) => option.name === name);
    if (next) return next.options ?? [];
    throw new MemberError(user.username, `is not offered a sub-command ${name}`);
  }, definition.options ?? []);
}

/** Wraps filled-in options in their sub-commands. */
function nest(
  definition: CommandDefinition,
  path: readonly string[],
  filled: readonly ApiObject[],
): readonly ApiObject[] {
  const types: number[] = [];
  path.reduce<readonly CommandOption[]>((options, name) => {
    const option = options.find((candidate) => candidate.name === name);
    types.push(option?.type ?? Kind.Subcommand);
    return option?.options ?? [];
  }, definition.options ?? []);
  return path.reduceRight<readonly ApiObject[]>((options, name, at) => [{ name, type: types[at], options }], filled);
}

/**
 * The data of an interaction for a slash command.
 * @param focused the option being typed, for autocomplete: nothing else need be complete then.
 * @throws MemberError for what the client would not send: an unknown option, a missing one, a value out of range.
 */
export function slashData(
  fillIn: FillIn,
  { id, definition, guildId }: RegisteredCommand,
  path: readonly string[],
  values: OptionValues,
  focused?: { readonly name: string; readonly typed: string },
): ApiObject {
  const { user } = fillIn;
  const options = optionsAt(fillIn, definition, path);
  const resolved: Resolved = { users: {}, members: {}, channels: {}, attachments: {} };
  const unknown = Object.keys(values).find((name) => !options.some((option) => option.name === name));
  if (unknown !== undefined)
    throw new MemberError(user.username, `is not offered an option ${unknown} of ${definition.name}`);
  const filled = options.flatMap((option): ApiObject[] => {
    const { name, type } = option;
    if (focused?.name === name) return [{ name, type, value: focused.typed, focused: true }];
    const value = values[name];
    if (value === undefined) {
      if (option.required && !focused)
        throw new MemberError(user.username, `must fill in ${name} of ${definition.name}`);
      return [];
    }
    return [{ name, type, value: fillInOne(fillIn, option, value, resolved) }];
  });
  return {
    id,
    name: definition.name,
    type: ApplicationCommandType.ChatInput,
    ...(guildId !== undefined && { guild_id: guildId }),
    options: nest(definition, path, filled),
    resolved: Object.fromEntries(
      Object.entries(resolved).filter(([, entries]) => Object.keys(entries as object).length > 0),
    ),
  };
}

/** @throws MemberError when the option does not complete as it is typed. */
export function checkAutocompletes(
  fillIn: FillIn,
  { definition }: RegisteredCommand,
  path: readonly string[],
  name: string,
): void {
  const option = optionsAt(fillIn, definition, path).find((candidate) => candidate.name === name);
  if (!option?.autocomplete) {
    throw new MemberError(fillIn.user.username, `is not offered completions for ${name} of ${definition.name}`);
  }
}
