/** `/queue`: the member's own clips by name with place and times, everybody else's only as counts, how many machines there are, and what is left of the quotas. */
import { answer } from '../discord/answer.ts';
import type { SlashCommand } from '../discord/command.ts';
import { container, message, plain, text } from '../discord/message.ts';
import type { Translate } from '../locale.ts';
import type { Overview, QueueEntry } from '../queue/queue.ts';
import { openRequests } from '../store/member-requests.ts';
import { allowanceLines } from './allowance.ts';
import { askerOf } from './asker.ts';
import { slashDefinition } from './definition.ts';
import { standingLine } from './standing-words.ts';

/** Own clips that are listed one by one. */
const mostListed = 15;

export const queueCommand: SlashCommand = {
  kind: 'slash',
  definition: slashDefinition('queue'),
  execute: async (interaction, context) => {
    const { db, queue, t } = context;
    const { user, guildId } = interaction;
    const [overview, own, allowance] = await Promise.all([
      queue.overview(),
      openRequests(db, { userId: user.id }, 200),
      allowanceLines(askerOf(interaction), context, t),
    ]);
    const names = new Map(own.map(({ id, inputName }) => [id, inputName ?? id]));
    const parts = [
      `### ${t('queue.title')}`,
      ownLines(overview.entries, names, user.id, t).join('\n'),
      [...countLines(overview.entries, guildId, t), workersLine(overview, t), ...allowance]
        .map((line) => `-# ${line}`)
        .join('\n'),
    ];
    await answer(interaction, message([container('busy', parts.map(text))]), { isPrivate: true });
  },
};

function ownLines(
  entries: readonly QueueEntry[],
  names: ReadonlyMap<string, string>,
  userId: string,
  t: Translate,
): string[] {
  const own = entries.filter((entry) => entry.userId === userId);
  if (own.length === 0) return [t('queue.none-yours')];
  const lines = own.slice(0, mostListed).map((entry) => {
    const clip = plain(names.get(entry.requestId) ?? '');
    return `- **${clip}** · ${standingLine(entry, t)}`;
  });
  return own.length > mostListed ? [...lines, t('queue.more', { count: own.length - mostListed })] : lines;
}

function countLines(entries: readonly QueueEntry[], guildId: string | null, t: Translate): string[] {
  const count = (of: readonly QueueEntry[]): { running: number; waiting: number } => {
    const running = of.filter(({ state }) => state === 'running').length;
    return { running, waiting: of.length - running };
  };
  const here = entries.filter((entry) => entry.guildId === guildId);
  return [...(guildId === null ? [] : [t('queue.here', count(here))]), t('queue.everywhere', count(entries))];
}

function workersLine({ workers }: Overview, t: Translate): string {
  const ready = workers.filter(({ closing }) => !closing);
  return ready.length === 0 ? t('queue.no-workers') : t('queue.workers', { count: ready.length });
}
