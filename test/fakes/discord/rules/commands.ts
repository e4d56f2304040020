/** What Discord asks of the definitions of commands beyond their schemas. */
import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord.js';
import { apiErrors, type FormFault, formFault, Refusal } from '../errors.ts';
import { localisationFaults, type Localisations, longest, slashNameFaults } from './localisations.ts';

interface Named {
  readonly name: string;
  readonly name_localizations?: Localisations;
}

export interface CommandChoice extends Named {
  readonly value: string | number;
}

export interface CommandOption extends Named {
  readonly type: ApplicationCommandOptionType;
  readonly description: string;
  readonly description_localizations?: Localisations;
  readonly required?: boolean | null;
  readonly choices?: readonly CommandChoice[] | null;
  readonly options?: readonly CommandOption[] | null;
  readonly autocomplete?: boolean | null;
  readonly min_value?: number | null;
  readonly max_value?: number | null;
  readonly min_length?: number | null;
  readonly max_length?: number | null;
}

export interface CommandDefinition extends Named {
  readonly type?: ApplicationCommandType | null;
  readonly description?: string | null;
  readonly description_localizations?: Localisations;
  readonly options?: readonly CommandOption[] | null;
  readonly default_member_permissions?: string | null;
  readonly contexts?: readonly number[] | null;
  readonly integration_types?: readonly number[] | null;
  readonly dm_permission?: boolean | null;
  readonly nsfw?: boolean | null;
}

type Path = readonly (string | number)[];

const MOST_OF_A_TYPE = new Map([
  [ApplicationCommandType.ChatInput, 100],
  [ApplicationCommandType.User, 15],
  [ApplicationCommandType.Message, 15],
]);
const MOST_CHARACTERS = 8000;
const MOST_CHOICES = 25;

const { Subcommand, SubcommandGroup } = ApplicationCommandOptionType;
const SUBCOMMANDS: readonly ApplicationCommandOptionType[] = [Subcommand, SubcommandGroup];

function choiceFaults({ choices, autocomplete }: CommandOption, path: Path): FormFault[] {
  const given = choices ?? [];
  const faults: FormFault[] = [];
  if (given.length > MOST_CHOICES) {
    faults.push(formFault([...path, 'choices'], 'BASE_TYPE_BAD_LENGTH', `Must be ${MOST_CHOICES} or fewer in length.`));
  }
  if (given.length > 0 && autocomplete) {
    faults.push(
      formFault(
        path,
        'APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_WITH_CHOICES',
        'Autocomplete and choices cannot both be given',
      ),
    );
  }
  given.forEach(({ name, value, name_localizations }, at) => {
    const here = [...path, 'choices', at];
    if (given.findIndex((other) => other.name === name) < at) {
      faults.push(
        formFault(
          [...here, 'name'],
          'APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATE',
          'Choice names must be unique',
        ),
      );
    }
    if (given.findIndex((other) => other.value === value) < at) {
      faults.push(
        formFault(
          [...here, 'value'],
          'APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_DUPLICATE',
          'Choice values must be unique',
        ),
      );
    }
    faults.push(...localisationFaults(name_localizations, [...here, 'name_localizations'], 100));
  });
  return faults;
}

function rangeFaults(option: CommandOption, path: Path): FormFault[] {
  const { min_value, max_value, min_length, max_length } = option;
  const above = (least: number | null | undefined, most: number | null | undefined): boolean =>
    typeof least === 'number' && typeof most === 'number' && least > most;
  return above(min_value, max_value) || above(min_length, max_length)
    ? [formFault(path, 'APPLICATION_COMMAND_OPTION_RANGE', 'The least allowed is above the most allowed')]
    : [];
}

function optionListFaults(options: readonly CommandOption[], path: Path): FormFault[] {
  const faults: FormFault[] = [];
  if (
    options.some(({ type }) => SUBCOMMANDS.includes(type)) &&
    !options.every(({ type }) => SUBCOMMANDS.includes(type))
  ) {
    faults.push(
      formFault(path, 'APPLICATION_COMMAND_OPTIONS_TYPE_MIXED', 'Sub-commands and other options cannot be mixed'),
    );
  }
  options.forEach((option, at) => {
    const here = [...path, at];
    if (
      option.required &&
      options.slice(0, at).some(({ required, type }) => !required && !SUBCOMMANDS.includes(type))
    ) {
      faults.push(
        formFault(
          here,
          'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
          'Required options must be placed before non-required options',
        ),
      );
    }
    if (options.findIndex(({ name }) => name === option.name) < at) {
      faults.push(
        formFault([...here, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE', 'Option names must be unique'),
      );
    }
    faults.push(
      ...slashNameFaults(option.name, [...here, 'name']),
      ...localisationFaults(option.name_localizations, [...here, 'name_localizations'], 32, slashNameFaults),
      ...localisationFaults(option.description_localizations, [...here, 'description_localizations'], 100),
      ...choiceFaults(option, here),
      ...rangeFaults(option, here),
      ...optionListFaults(option.options ?? [], [...here, 'options']),
    );
  });
  return faults;
}

const optionCharacters = (option: CommandOption): number =>
  longest(option.name, option.name_localizations) +
  longest(option.description, option.description_localizations) +
  (option.choices ?? []).reduce(
    (sum, choice) => sum + longest(choice.name, choice.name_localizations) + String(choice.value).length,
    0,
  ) +
  (option.options ?? []).reduce((sum, inner) => sum + optionCharacters(inner), 0);

/** What Discord counts towards the 8,000 characters of a command. */
export const commandCharacters = (command: CommandDefinition): number =>
  longest(command.name, command.name_localizations) +
  longest(command.description ?? '', command.description_localizations) +
  (command.options ?? []).reduce((sum, option) => sum + optionCharacters(option), 0);

function slashFaults(command: CommandDefinition, path: Path): FormFault[] {
  const described = command.description ?? '';
  return [
    ...slashNameFaults(command.name, [...path, 'name']),
    ...localisationFaults(command.name_localizations, [...path, 'name_localizations'], 32, slashNameFaults),
    ...localisationFaults(command.description_localizations, [...path, 'description_localizations'], 100),
    ...(described.length === 0
      ? [formFault([...path, 'description'], 'BASE_TYPE_REQUIRED', 'This field is required')]
      : []),
    ...optionListFaults(command.options ?? [], [...path, 'options']),
  ];
}

/** A context command has a name, with spaces and capitals if it likes, and neither a description nor options. */
function contextFaults(command: CommandDefinition, path: Path): FormFault[] {
  const faults = localisationFaults(command.name_localizations, [...path, 'name_localizations'], 32);
  if (command.description) {
    faults.push(
      formFault(
        [...path, 'description'],
        'APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION',
        'Context menu commands cannot have description',
      ),
    );
  }
  if (command.options && command.options.length > 0) {
    faults.push(
      formFault(
        [...path, 'options'],
        'APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS',
        'Context menu commands cannot have options',
      ),
    );
  }
  return faults;
}

const typeOf = ({ type }: CommandDefinition): ApplicationCommandType => type ?? ApplicationCommandType.ChatInput;

export function commandFaults(command: CommandDefinition, path: Path): FormFault[] {
  const faults =
    typeOf(command) === ApplicationCommandType.ChatInput ? slashFaults(command, path) : contextFaults(command, path);
  if (commandCharacters(command) > MOST_CHARACTERS) {
    faults.push(formFault(path, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${MOST_CHARACTERS})`));
  }
  return faults;
}

/** Faults of a whole list, as one bulk request sets it. @throws Refusal 30032 when there are too many of a type. */
export function commandListFaults(commands: readonly CommandDefinition[]): FormFault[] {
  for (const [type, most] of MOST_OF_A_TYPE) {
    if (commands.filter((command) => typeOf(command) === type).length > most)
      throw new Refusal(apiErrors.tooManyCommands);
  }
  return commands.flatMap((command, at) => [
    ...commandFaults(command, [at]),
    ...(commands.findIndex((other) => typeOf(other) === typeOf(command) && other.name === command.name) < at
      ? [formFault([at, 'name'], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique')]
      : []),
  ]);
}
