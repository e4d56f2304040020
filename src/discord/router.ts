/**
 * Brings each interaction to its handler and answers every fault. Discord gives three seconds for the first answer: a
 * handler that has not given one after two is acknowledged for, in private.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type AutocompleteInteraction, type Client, Events, type Interaction, RESTEvents } from 'discord.js';

import { chooseLanguage } from '../locale.ts';
import { acknowledge, acknowledgementOf, acknowledgePress, type Answerable, answerPrivately } from './answer.ts';
import type {
  BotServices,
  Command,
  CommandContext,
  ComponentHandler,
  MessageCommand,
  ModalHandler,
  SlashCommand,
} from './command.ts';
import { readCustomId } from './custom-id.ts';
import { isGone, sentenceOf } from './fault-answer.ts';
import { translatorOf } from './localise.ts';
import { notice } from './message.ts';

export interface RouterOptions {
  readonly commands: readonly Command[];
  readonly services: BotServices;
  /** Told when Discord has taken the first answer: milliseconds from the interaction's arrival here. */
  readonly onAcknowledged?: (command: string, milliseconds: number) => void;
  /** Told of each answer that failed by a fault of ours. */
  readonly onFault?: (command: string) => void;
  /** Milliseconds of silence after which the router acknowledges in the handler's place. */
  readonly patienceMs?: number;
}

export interface Router {
  /** Answers one interaction. Never rejects. */
  readonly handle: (interaction: Interaction) => Promise<void>;
  /** Listens to the client until the function it gives is called. */
  readonly attach: (client: Client<true>) => () => void;
  /** Waits for the answers that are being given, at most `graceMs` (2 s): a download may take longer than a stop. */
  readonly drain: (graceMs?: number) => Promise<void>;
}

/** Milliseconds after which the router acknowledges in a handler's place: Discord forgets an interaction after 3,000. */
export const handlerPatienceMs = 2000;
const drainGrace = 2000;
const mostChoices = 25;

interface Handlers {
  readonly slash: ReadonlyMap<string, SlashCommand>;
  readonly message: ReadonlyMap<string, MessageCommand>;
  readonly components: ReadonlyMap<string, ComponentHandler>;
  readonly modals: ReadonlyMap<string, ModalHandler>;
}

/** @throws Error when two commands claim one name or one action: found at start, not by the first who presses. */
function collect(commands: readonly Command[]): Handlers {
  const claim = <Value>(map: Map<string, Value>, kind: string, name: string, value: Value): void => {
    if (map.has(name)) throw new Error(`two handlers for ${kind} ${name}`);
    map.set(name, value);
  };
  const slash = new Map<string, SlashCommand>();
  const message = new Map<string, MessageCommand>();
  const components = new Map<string, ComponentHandler>();
  const modals = new Map<string, ModalHandler>();
  for (const command of commands) {
    if (command.kind === 'slash') claim(slash, 'the command', command.definition.name, command);
    if (command.kind === 'message') claim(message, 'the command', command.definition.name, command);
    for (const [action, handler] of Object.entries(command.components ?? {})) {
      claim(components, 'the component', action, handler);
    }
    for (const [action, handler] of Object.entries(command.modals ?? {})) claim(modals, 'the form', action, handler);
  }
  return { slash, message, components, modals };
}

/** A name for logs and measures: one of ours, never what a member typed. */
function nameOf(interaction: Interaction): string {
  if (interaction.isCommand() || interaction.isAutocomplete()) return interaction.commandName;
  return readCustomId(interaction.customId)?.action ?? 'unknown';
}

export function createRouter({ commands, services, onAcknowledged, onFault, patienceMs }: RouterOptions): Router {
  const handlers = collect(commands);
  const underWay = new Set<Promise<void>>();
  const arrivals = new Map<string, { readonly name: string; readonly at: number }>();

  const contextOf = (interaction: Interaction): CommandContext => {
    const language = chooseLanguage([interaction.locale]);
    const log = services.log.child({ interactionId: interaction.id, command: nameOf(interaction) });
    return { ...services, language, t: translatorOf(language), log };
  };

  const complete = async (interaction: AutocompleteInteraction, context: CommandContext): Promise<void> => {
    const offer = handlers.slash.get(interaction.commandName)?.autocomplete;
    try {
      const choices = offer === undefined ? [] : await offer(interaction, context);
      await interaction.respond(choices.slice(0, mostChoices));
    } catch (error) {
      // Nobody waits for choices any more than for a dropped key stroke.
      if (isGone(error)) return;
      context.log.error({ err: error }, 'no choices could be offered');
      if (!interaction.responded) await interaction.respond([]).catch(() => undefined);
    }
  };

  const dispatch = async (interaction: Answerable, context: CommandContext): Promise<void> => {
    if (interaction.isChatInputCommand()) {
      const command = handlers.slash.get(interaction.commandName);
      if (command !== undefined) return command.execute(interaction, context);
    } else if (interaction.isMessageContextMenuCommand()) {
      const command = handlers.message.get(interaction.commandName);
      if (command !== undefined) return command.execute(interaction, context);
    } else {
      const id = readCustomId(interaction.customId);
      if (id !== undefined && interaction.isModalSubmit()) {
        const handler = handlers.modals.get(id.action);
        if (handler !== undefined) return handler(interaction, id, context);
      } else if (id !== undefined && interaction.isMessageComponent()) {
        const handler = handlers.components.get(id.action);
        if (handler !== undefined) return handler(interaction, id, context);
      }
    }
    // Of an earlier version: a command not yet replaced everywhere, a button of an old message.
    await answerPrivately(interaction, notice('refused', context.t('discord.outdated')));
  };

  const answerFault = async (
    interaction: Answerable,
    name: string,
    error: unknown,
    context: CommandContext,
  ): Promise<void> => {
    const { t, language, log } = context;
    if (isGone(error)) {
      log.debug({ err: error }, 'the interaction is gone or already answered');
      return;
    }
    const sentence = sentenceOf(error, t, language);
    if (sentence === undefined) {
      onFault?.(name);
      log.error({ err: error }, 'an answer failed');
    }
    const said =
      sentence === undefined
        ? notice('failed', t('discord.fault', { reference: interaction.id }))
        : notice('refused', sentence);
    try {
      await answerPrivately(interaction, said);
    } catch (failure) {
      log[isGone(failure) ? 'debug' : 'warn']({ err: failure }, 'a fault could not be told');
    }
  };

  const answerInTime = async (interaction: Answerable, name: string, context: CommandContext): Promise<void> => {
    const late = setTimeout(() => {
      if (acknowledgementOf(interaction) !== undefined || interaction.replied) return;
      context.log.warn('acknowledged in place of a late handler');
      const made = interaction.isMessageComponent()
        ? acknowledgePress(interaction)
        : acknowledge(interaction, { isPrivate: true });
      made.catch((error: unknown) => {
        context.log.debug({ err: error }, 'a late acknowledgement was not taken');
      });
    }, patienceMs ?? handlerPatienceMs);
    try {
      await dispatch(interaction, context);
    } catch (error) {
      await answerFault(interaction, name, error, context);
    } finally {
      clearTimeout(late);
    }
  };

  const route = async (interaction: Interaction): Promise<void> => {
    const name = nameOf(interaction);
    arrivals.set(interaction.id, { name, at: performance.now() });
    const context = contextOf(interaction);
    try {
      if (interaction.isAutocomplete()) await complete(interaction, context);
      else if (!interaction.isUserContextMenuCommand() && !interaction.isPrimaryEntryPointCommand()) {
        await answerInTime(interaction, name, context);
      }
    } finally {
      arrivals.delete(interaction.id);
    }
  };

  const handle = (interaction: Interaction): Promise<void> => {
    const answered = route(interaction);
    underWay.add(answered);
    return answered.finally(() => underWay.delete(answered));
  };

  return {
    handle,
    attach: (client) => {
      const listen = (interaction: Interaction): void => void handle(interaction);
      const measure = ({ path }: { readonly path: string }, { ok }: { readonly ok: boolean }): void => {
        const id = /^\/interactions\/(\d+)\/[^/]+\/callback/.exec(path)?.[1];
        const arrival = id === undefined ? undefined : arrivals.get(id);
        if (id === undefined || arrival === undefined || !ok) return;
        arrivals.delete(id);
        onAcknowledged?.(arrival.name, performance.now() - arrival.at);
      };
      client.on(Events.InteractionCreate, listen);
      client.rest.on(RESTEvents.Response, measure);
      return () => {
        client.off(Events.InteractionCreate, listen);
        client.rest.off(RESTEvents.Response, measure);
      };
    },
    drain: async (graceMs = drainGrace) => {
      const over = new AbortController();
      const grace = pause(graceMs, undefined, over).catch(() => undefined);
      await Promise.race([Promise.all(underWay), grace]);
      over.abort();
    },
  };
}
