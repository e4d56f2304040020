/**
 * Messages as the bot writes them: Components V2 in a container with a coloured edge, and never a ping that was not meant.
 * The shapes are those of Discord's API, so one message serves replies, edits by either token and posts.
 */
import {
  type APIActionRowComponent,
  type APIAllowedMentions,
  type APIButtonComponent,
  type APIComponentInActionRow,
  type APIComponentInContainer,
  type APIMessageTopLevelComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
} from 'discord.js';

import { shortened } from './shorten.ts';

/** Colours of the edge, by what the message says. */
export const tones = {
  busy: 0x5865f2,
  waiting: 0x9aa0a6,
  done: 0x2e9e5b,
  refused: 0xd9a441,
  failed: 0xc0392b,
} as const;

export type Tone = keyof typeof tones;

/** The part of a message that its text makes; `delivery` and `answer` add files and flags of their own. */
export interface Message {
  readonly components: APIMessageTopLevelComponent[];
  readonly allowed_mentions: APIAllowedMentions;
  readonly flags: MessageFlags.IsComponentsV2;
}

/** A message of these components that pings nobody but `mention`, a user's id. */
export function message(components: APIMessageTopLevelComponent[], mention?: string): Message {
  return {
    components,
    allowed_mentions: mention === undefined ? { parse: [] } : { parse: [], users: [mention] },
    flags: MessageFlags.IsComponentsV2,
  };
}

export function container(tone: Tone, components: APIComponentInContainer[]): APIMessageTopLevelComponent {
  return { type: ComponentType.Container, accent_color: tones[tone], components };
}

export function text(content: string): APIComponentInContainer & { readonly type: ComponentType.TextDisplay } {
  return { type: ComponentType.TextDisplay, content };
}

export function row<Component extends APIComponentInActionRow>(
  ...components: Component[]
): APIActionRowComponent<Component> {
  return { type: ComponentType.ActionRow, components };
}

export function button(
  customId: string,
  label: string,
  style: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Success | ButtonStyle.Danger = ButtonStyle.Secondary,
): APIButtonComponent {
  return { type: ComponentType.Button, style, label, custom_id: customId };
}

/** A sentence or two in a container. */
export function notice(tone: Tone, content: string): Message {
  return message([container(tone, [text(content)])]);
}

/**
 * Text of somebody else, such as a file's name, made safe to stand in a line: no marks of Discord's, no line breaks, no
 * characters that turn the direction of writing.
 *
 * @param most characters of it that are kept, before those are escaped: an escape is never cut in half.
 */
export function plain(foreign: string, most = 200): string {
  const clean = foreign.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  return shortened(clean, most).replaceAll(/[\\*_~`|>#[\]()<@:-]/g, String.raw`\$&`);
}
