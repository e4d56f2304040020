/** What a file of src/commands is: a definition as Discord takes it, and what answers it. */
import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  Client,
  MessageComponentInteraction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
  REST,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js';
import type { Logger } from 'pino';

import type { Language, Translate } from '../locale.ts';
import type { ConsentRules } from '../policy/consent.ts';
import type { Limits } from '../policy/limits.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Database } from '../store/database.ts';
import type { MediaStore } from '../store/media-store.ts';
import type { CardUpdates } from './card-updates.ts';
import type { CustomId } from './custom-id.ts';
import type { DownloadRules } from './intake.ts';

/** What every answer of the bot may use. */
export interface BotServices {
  readonly client: Client<true>;
  /** For answers with a file: minutes for an upload, and no tries of its own. */
  readonly deliveryRest: REST;
  readonly db: Database;
  readonly queue: JobQueue;
  readonly media: MediaStore;
  /** The installation's key of the usage log: pseudonyms of members are made with it. */
  readonly logKey: Uint8Array;
  /** The progress messages; tell it of each new request whose reply is known. */
  readonly cards: CardUpdates;
  /** The operator's; `limitsFor` puts a guild's own before them. */
  readonly limits: Partial<Limits>;
  readonly consent: ConsentRules;
  /** Days for which the usage log is kept. */
  readonly logDays: number;
  readonly downloads: DownloadRules;
  /** How much the media store may hold. */
  readonly mediaMaxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A new UUID v7: sorts by time. */
  readonly newId: () => string;
  /** Never given message text, tokens or file names. */
  readonly log: Logger;
}

/** The same in the language of whoever asked; `log` carries the interaction's id. */
export interface CommandContext extends BotServices {
  readonly t: Translate;
  readonly language: Language;
}

/** Answers a button or a menu whose id is `<action>:<subject>[:argument]`. */
export type ComponentHandler = (
  interaction: MessageComponentInteraction,
  id: CustomId,
  context: CommandContext,
) => Promise<void>;

/** Answers a filled-in form whose id is `<action>:<subject>[:argument]`. */
export type ModalHandler = (
  interaction: ModalSubmitInteraction,
  id: CustomId,
  context: CommandContext,
) => Promise<void>;

interface Parts {
  /** By action; an action belongs to one command file only. */
  readonly components?: Readonly<Record<string, ComponentHandler>>;
  readonly modals?: Readonly<Record<string, ModalHandler>>;
}

/** A `/name` command. */
export interface SlashCommand extends Parts {
  readonly kind: 'slash';
  readonly definition: RESTPostAPIChatInputApplicationCommandsJSONBody;
  readonly execute: (interaction: ChatInputCommandInteraction, context: CommandContext) => Promise<void>;
  /** Gives the choices for the option being typed; the router cuts them to 25. */
  readonly autocomplete?: (
    interaction: AutocompleteInteraction,
    context: CommandContext,
  ) => Promise<readonly { readonly name: string; readonly value: string | number }[]>;
}

/** A command in the menu of a message. */
export interface MessageCommand extends Parts {
  readonly kind: 'message';
  readonly definition: RESTPostAPIContextMenuApplicationCommandsJSONBody;
  readonly execute: (interaction: MessageContextMenuCommandInteraction, context: CommandContext) => Promise<void>;
}

/** Buttons, menus and forms that belong to no command, such as those of a result. */
export interface ComponentSet extends Parts {
  readonly kind: 'components';
}

export type Command = SlashCommand | MessageCommand | ComponentSet;
