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
import type { Request } from '../store/rows.ts';
import { notQueuedWords, standingLine } from './standing-words.ts';

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
    const parts = [
      `### ${t('queue.title')}`,
      ownLines(overview.entries, own, user.id, t).join('\n'),
      [...countLines(overview.entries, guildId, t), workersLine(overview, t), ...allowance]
        .map((line) => `-# ${line}`)
        .join('\n'),
    ];
    await answer(interaction, message([container('busy', parts.map(text))]), { isPrivate: true });
  },
};

function ownLines(entries: readonly QueueEntry[], open: readonly Request[], userId: string, t: Translate): string[] {
  const names = new Map(open.map(({ id, inputName }) => [id, inputName ?? id]));
  const queued = entries.filter((entry) => entry.userId === userId);
  const all = [
    ...queued.map((entry) => [names.get(entry.requestId) ?? '', standingLine(entry, t)] as const),
    // Those that are fetched or wait for an answer have no place in the queue yet, but count as open.
    ...open
      .filter(({ id }) => !queued.some(({ requestId }) => requestId === id))
      .flatMap((request) => {
        const words = notQueuedWords(request, t);
        return words === undefined ? [] : [[request.inputName ?? request.id, words] as const];
      }),
  ];
  if (all.length === 0) return [t('queue.none-yours')];
  const lines = all.slice(0, mostListed).map(([clip, words]) => `- **${plain(clip)}** · ${words}`);
  return all.length > mostListed ? [...lines, t('queue.more', { count: all.length - mostListed })] : lines;
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
