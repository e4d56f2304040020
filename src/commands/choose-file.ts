/**
 * Asks a member which of several files of a message they mean: they are shown them and choose one. The answer names the file
 * by its place among those shown, so nothing has to be remembered in between.
 */
import {
  type APIMediaGalleryItem,
  ComponentType,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js';

import { answer } from '../discord/answer.ts';
import type { CommandContext, MessageCommand } from '../discord/command.ts';
import { writeCustomId } from '../discord/custom-id.ts';
import { type DownloadRules, isFetchable } from '../discord/intake.ts';
import { container, type Message, message, row, text } from '../discord/message.ts';
import { formatBytes, type Language, type Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { messageDefinition } from './definition.ts';
import { type FileSource, nameIn, type ShownMessage } from './message-files.ts';
import { shortened } from '../discord/shorten.ts';

/** A gallery shows ten; a message has no more attachments either. */
const mostOffered = 10;

export interface FileCommand {
  /** Of its name in the locales, and of the words of its question: `choose.<key>.title` and `.placeholder`. */
  readonly key: 'restore-message' | 'animate-message' | 'verify-message';
  /** Of its menu's id. */
  readonly action: string;
  readonly none: 'refusal.no-clip' | 'refusal.no-photo' | 'refusal.no-file';
  readonly filesOf: (shown: ShownMessage, rules: DownloadRules) => readonly FileSource[];
  readonly start: (
    interaction: MessageContextMenuCommandInteraction | StringSelectMenuInteraction,
    file: FileSource,
    context: CommandContext,
  ) => Promise<void>;
}

/** A command in the menu of messages that does something with one file of the message. */
export function fileCommand(command: FileCommand): MessageCommand {
  const { key, action, none, filesOf, start } = command;
  return {
    kind: 'message',
    definition: messageDefinition(key),
    execute: async (interaction, context) => {
      const files = filesOf(interaction.targetMessage, context.downloads).slice(0, mostOffered);
      const [first] = files;
      if (first === undefined) throw new Refusal(none);
      if (files.length === 1) {
        await start(interaction, first, context);
        return;
      }
      const { t, language } = context;
      await answer(interaction, question(command, interaction.targetId, files, t, language), { isPrivate: true });
    },
    components: {
      [action]: async (interaction, _id, context) => {
        if (!interaction.isStringSelectMenu()) return;
        const file = chosenFile(interaction, Number(interaction.values[0]));
        if (file === undefined || !isFetchable(file.url, context.downloads)) throw new Refusal(none);
        await start(interaction, file, context);
      },
    },
  };
}

function question(
  { key, action }: FileCommand,
  messageId: string,
  files: readonly FileSource[],
  t: Translate,
  language: Language,
): Message {
  const items = files.map(({ url }): APIMediaGalleryItem => ({ media: { url } }));
  const options = files.map(({ name, bytes }, at) => ({
    label: shortened(`${at + 1}. ${name}`, 100),
    value: String(at),
    ...(bytes !== undefined && { description: formatBytes(bytes, language) }),
  }));
  return message([
    container('waiting', [
      text(`### ${t(`choose.${key}.title`)}`),
      { type: ComponentType.MediaGallery, items },
      row({
        type: ComponentType.StringSelect,
        custom_id: writeCustomId(action, messageId),
        placeholder: t(`choose.${key}.placeholder`),
        options,
      }),
    ]),
  ]);
}

/** The file at a place of the gallery that the message itself shows. */
function chosenFile({ message: { components } }: MessageComponentInteraction, at: number): FileSource | undefined {
  for (const component of components) {
    if (component.type !== ComponentType.Container) continue;
    for (const part of component.components) {
      const url = part.type === ComponentType.MediaGallery ? part.items[at]?.media.url : undefined;
      if (url !== undefined) return { url, name: nameIn(url) };
    }
  }
  return undefined;
}
