/**
 * *Restore this clip*, in the menu of any message. When the message shows several clips the member is shown them and asked
 * which; the answer names its clip by its place among those shown, so nothing has to be remembered in between.
 */
import {
  type APIMediaGalleryItem,
  ComponentType,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
} from 'discord.js';

import { answer } from '../discord/answer.ts';
import type { CommandContext, MessageCommand } from '../discord/command.ts';
import { writeCustomId } from '../discord/custom-id.ts';
import { isFetchable } from '../discord/intake.ts';
import { container, type Message, message, row, text } from '../discord/message.ts';
import { formatBytes, type Language, type Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { messageDefinition } from './definition.ts';
import { type ClipSource, clipsOf, nameIn } from './message-clips.ts';
import { plainParameters } from './restore-options.ts';
import { shortened } from './shorten.ts';
import type { StartRestore } from './start-restore.ts';

/** A gallery shows ten; a message has no more attachments either. */
const mostOffered = 10;

export function restoreMessageCommand(start: StartRestore): MessageCommand {
  const restore = (
    interaction: Parameters<StartRestore>[0],
    clip: ClipSource,
    context: CommandContext,
  ): Promise<void> =>
    start(interaction, { clip, parameters: plainParameters, isPrivate: false, isSpoiler: false }, context);

  return {
    kind: 'message',
    definition: messageDefinition('restore-message'),
    execute: async (interaction, context) => {
      const clips = clipsOf(interaction.targetMessage, context.downloads).slice(0, mostOffered);
      const [first] = clips;
      if (first === undefined) throw new Refusal('refusal.no-clip');
      if (clips.length === 1) await restore(interaction, first, context);
      else await ask(interaction, clips, context);
    },
    components: {
      choose: async (interaction, _id, context) => {
        if (!interaction.isStringSelectMenu()) return;
        const clip = chosenClip(interaction, Number(interaction.values[0]));
        if (clip === undefined || !isFetchable(clip.url, context.downloads)) throw new Refusal('refusal.no-clip');
        await restore(interaction, clip, context);
      },
    },
  };
}

async function ask(
  interaction: MessageContextMenuCommandInteraction,
  clips: readonly ClipSource[],
  { t, language }: CommandContext,
): Promise<void> {
  await answer(interaction, question(interaction.targetId, clips, t, language), { isPrivate: true });
}

function question(messageId: string, clips: readonly ClipSource[], t: Translate, language: Language): Message {
  const items = clips.map(({ url }): APIMediaGalleryItem => ({ media: { url } }));
  const options = clips.map(({ name, bytes }, at) => ({
    label: shortened(`${at + 1}. ${name}`, 100),
    value: String(at),
    ...(bytes !== undefined && { description: formatBytes(bytes, language) }),
  }));
  return message([
    container('waiting', [
      text(`### ${t('choose.title')}`),
      { type: ComponentType.MediaGallery, items },
      row({
        type: ComponentType.StringSelect,
        custom_id: writeCustomId('choose', messageId),
        placeholder: t('choose.placeholder'),
        options,
      }),
    ]),
  ]);
}

/** The clip at a place of the gallery that the message itself shows. */
function chosenClip({ message: { components } }: MessageComponentInteraction, at: number): ClipSource | undefined {
  for (const component of components) {
    if (component.type !== ComponentType.Container) continue;
    for (const part of component.components) {
      const url = part.type === ComponentType.MediaGallery ? part.items[at]?.media.url : undefined;
      if (url !== undefined) return { url, name: nameIn(url) };
    }
  }
  return undefined;
}
