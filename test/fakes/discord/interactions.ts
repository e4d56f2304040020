/** Every interaction: what a member asked, and how far the bot's answer has come. */
import { randomBytes } from 'node:crypto';
import type { APIApplicationCommandOptionChoice, InteractionResponseType } from 'discord.js';
import { type Clock, MINUTE, SECOND } from './clock.ts';
import type { Component } from './components.ts';

/** The first answer comes within this time or not at all. */
export const ACKNOWLEDGE_WITHIN = 3 * SECOND;
/** After that a token lives for this long. */
export const TOKEN_LIFETIME = 15 * MINUTE;

export type InteractionKind = 'command' | 'component' | 'autocomplete' | 'modal';

/** Numbers of the kinds on the wire. */
export const interactionTypes: Readonly<Record<InteractionKind, number>> = {
  command: 2,
  component: 3,
  autocomplete: 4,
  modal: 5,
};

/** A form as the bot sent it. */
export interface Modal {
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly Component[];
}

export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly kind: InteractionKind;
  readonly userId: string;
  readonly guildId: string | undefined;
  readonly channelId: string;
  /** The command's name or the component's or form's `custom_id`. */
  readonly name: string;
  readonly createdAt: number;
  /** `performance.now()` when it was sent to the bot: how fast the bot answered is a matter of real time. */
  readonly sentAt: number;
  readonly uploadLimit: number;
  /** The message whose component was used, or whose component had opened the form. */
  readonly sourceMessageId: string | undefined;
  acknowledged: { readonly type: InteractionResponseType; readonly at: number; readonly afterMs: number } | undefined;
  /** The message that `@original` names. */
  originalMessageId: string | undefined;
  /** The form it was answered with. */
  modal: Modal | undefined;
  /** The choices it was answered with. */
  choices: readonly APIApplicationCommandOptionChoice[] | undefined;
}

export interface Interactions {
  readonly create: (asked: {
    readonly kind: InteractionKind;
    readonly userId: string;
    readonly guildId: string | undefined;
    readonly channelId: string;
    readonly name: string;
    readonly uploadLimit: number;
    readonly sourceMessageId?: string | undefined;
  }) => Interaction;
  readonly all: () => readonly Interaction[];
  readonly byToken: (token: string) => Interaction | undefined;
  readonly byId: (id: string) => Interaction | undefined;
  /** Whether the bot may still give its first answer. */
  readonly isAnswerable: (interaction: Interaction) => boolean;
  /** Whether the token can still be used for edits and follow-ups. */
  readonly isTokenAlive: (interaction: Interaction) => boolean;
}

export function createInteractions(
  clock: Clock,
  nextId: () => string,
  settings: { readonly acknowledgeWithin: number },
): Interactions {
  const byToken = new Map<string, Interaction>();
  const byId = new Map<string, Interaction>();
  return {
    create: (asked) => {
      const id = nextId();
      const interaction: Interaction = {
        ...asked,
        sourceMessageId: asked.sourceMessageId,
        id,
        token: `aW50ZXJhY3Rpb246${id}${randomBytes(24).toString('base64url')}`,
        createdAt: clock.now(),
        sentAt: performance.now(),
        acknowledged: undefined,
        originalMessageId: undefined,
        modal: undefined,
        choices: undefined,
      };
      byToken.set(interaction.token, interaction);
      byId.set(id, interaction);
      return interaction;
    },
    all: () => [...byId.values()],
    byToken: (token) => byToken.get(token),
    byId: (id) => byId.get(id),
    isAnswerable: ({ createdAt }) => clock.now() - createdAt <= settings.acknowledgeWithin,
    isTokenAlive: ({ createdAt }) => clock.now() - createdAt < TOKEN_LIFETIME,
  };
}
