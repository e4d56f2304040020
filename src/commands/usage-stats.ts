/** `/usage stats`: what the guild asked for in the last days, as a chart and a few figures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChatInputCommandInteraction, ComponentType } from 'discord.js';

import { acknowledge } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { container, type Message, message, text } from '../discord/message.ts';
import { formatDuration, type Translate } from '../locale.ts';
import { recordModeratorAction } from '../store/moderator-actions.ts';
import { usageStats, type UsageStats } from '../store/usage-stats.ts';
import { moderatorOf } from './moderator-of.ts';
import { answerWithFile } from './send-file.ts';
import { chartWords, totalOf, usageChart } from './usage-chart.ts';
import { type StateGroup, stateGroups } from './usage-filter.ts';

export const statsDays = [7, 30, 90] as const;
const usualDays = 30;

const dayMs = 86_400_000;
const name = 'usage.png';

export async function sendStats(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { db, now, t, language } = context;
  const { moderatorId, guildId } = moderatorOf(interaction);
  const asked = interaction.options.getInteger('days');
  const days = statsDays.find((known) => known === asked) ?? usualDays;
  await acknowledge(interaction, { isPrivate: true });
  // Today is the last of them.
  const to = new Date(now());
  const detail = { look: 'stats', days };
  await recordModeratorAction(db, { kind: 'view', guildId, moderatorId, detail, now: to });
  const stats = await usageStats(db, guildId, { from: new Date(to.getTime() - (days - 1) * dayMs), to });
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-chart-'));
  try {
    const path = join(folder, name);
    await writeFile(path, await usageChart(stats, t, language), { mode: 0o600 });
    const file = { path, name, mediaType: 'image/png', isSpoiler: false };
    await answerWithFile(interaction, statsMessage(stats, t), file, context);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function statsMessage(stats: UsageStats, t: Translate): Message {
  const groups = Object.keys(stateGroups) as StateGroup[];
  const total = groups.reduce((sum, group) => sum + totalOf(stats, group), 0);
  const seconds = stats.days.reduce((sum, day) => sum + day.computeSeconds, 0);
  const lines = [
    `### ${t('usage.stats.title', { days: stats.days.length })}`,
    t('usage.stats.requests', { count: total, members: stats.members, made: totalOf(stats, 'made') }),
    t('usage.stats.compute', { time: formatDuration(seconds) }),
    t('usage.stats.reports', { count: stats.reports }),
  ];
  const picture = { media: { url: `attachment://${name}` }, description: chartWords(stats, t).slice(0, 1024) };
  return message([container('busy', [text(lines.join('\n')), { type: ComponentType.MediaGallery, items: [picture] }])]);
}
