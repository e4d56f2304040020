/** `/usage export`: the guild's log as a file, sent to the moderator alone. That they took it is in the log. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatInputCommandInteraction, ComponentType, MessageFlags } from 'discord.js';

import { acknowledge, answer } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { container, type Message, message, notice, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { mostBytes } from '../queue/upload-limits.ts';
import { recordModeratorAction } from '../store/moderator-actions.ts';
import { exportUsage } from '../store/usage.ts';
import { type ExportPart, writeExport } from './export-file.ts';
import { moderatorOf } from './moderator-of.ts';
import { answerWithFile } from './send-file.ts';
import type { Turns } from './turns.ts';
import { filterOf, readWish, type UsageWish, wishRecord } from './usage-filter.ts';
import { wishLines } from './usage-list.ts';
import { exportFormats } from './usage-record.ts';

export const formatNames = ['csv', 'json'] as const;

/** Files that one answer may become; a larger log is exported in pieces of time. */
const mostParts = 10;

export async function sendExport(
  interaction: ChatInputCommandInteraction,
  turns: Turns,
  context: CommandContext,
): Promise<void> {
  const { db, now, t } = context;
  const { moderatorId, guildId } = moderatorOf(interaction);
  const wish = readWish(interaction);
  const format = formatNames.find((name) => name === interaction.options.getString('format')) ?? 'csv';
  await acknowledge(interaction, { isPrivate: true });
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-export-'));
  try {
    const filter = filterOf(wish);
    const exportWish = {
      folder,
      name: `usage-${new Date(now()).toISOString().slice(0, 10)}`,
      format: exportFormats[format],
      limit: mostBytes(interaction.attachmentSizeLimit),
      mostParts,
    };
    const exported = await turns(() => writeExport(() => exportUsage(db, guildId, filter), exportWish));
    if (exported === undefined) throw new Refusal('refusal.export-too-large');
    const { parts, rows } = exported;
    // Before anything is sent: what is not written down is not given away.
    await recordModeratorAction(db, {
      kind: 'export',
      guildId,
      moderatorId,
      detail: { format, rows, ...wishRecord(wish) },
      now: new Date(now()),
    });
    if (rows === 0) {
      await answer(interaction, notice('waiting', t('usage.list.none')), { isPrivate: true });
      return;
    }
    for (const [at, part] of parts.entries()) {
      const said = partMessage(part, { at, of: parts.length, rows }, wish, t);
      const file = { ...part, isSpoiler: false };
      if (at === 0) await answerWithFile(interaction, said, file, context);
      else await followWith(interaction, said, part);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One more message, below what was answered. */
async function followWith(
  interaction: ChatInputCommandInteraction,
  { components }: Message,
  { path, name }: ExportPart,
): Promise<void> {
  await interaction.followUp({
    components,
    allowedMentions: { parse: [] },
    files: [{ attachment: path, name }],
    flags: [MessageFlags.IsComponentsV2, MessageFlags.Ephemeral],
  });
}

function partMessage(
  { name }: ExportPart,
  { at, of, rows }: { readonly at: number; readonly of: number; readonly rows: number },
  wish: UsageWish,
  t: Translate,
): Message {
  const lines = [
    `### ${t('usage.export.title')}`,
    ...wishLines(wish, t),
    t('usage.export.rows', { count: rows }),
    ...(of > 1 ? [t('usage.export.part', { part: at + 1, of })] : []),
    ...(name.endsWith('.gz') ? [t('usage.export.compressed')] : []),
    `-# ${t('usage.export.care')}`,
  ];
  return message([
    container('done', [text(lines.join('\n')), { type: ComponentType.File, file: { url: `attachment://${name}` } }]),
  ]);
}
