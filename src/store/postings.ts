/** Further messages that show a result: sent again by `/result`, or a comparison. They go when the result goes. */
import { type Database, inTransaction } from './database.ts';
import { askRemoval } from './removals.ts';
import { shownStates } from './request-states.ts';
import type { Posting } from './rows.ts';

/**
 * Notes a message that shows a request's result. When the result was held or removed while it was sent, the message is taken
 * away again.
 */
export function notePosting(db: Database, { postedAt, ...posting }: Posting): Promise<void> {
  const { channelId, messageId, requestId } = posting;
  return inTransaction(db, async (tx) => {
    // Takes the row's lock: whoever removes the result comes before, and is seen here, or after, and sees the message.
    const { count } = await tx.request.updateMany({
      where: { id: requestId, state: { in: [...shownStates] } },
      data: { attempts: { increment: 0 } },
    });
    await tx.posting.upsert({
      where: { channelId_messageId: { channelId, messageId } },
      create: { ...posting, postedAt },
      update: { ...posting, postedAt },
    });
    if (count > 0) return;
    const { code } = await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { code: true } });
    await askRemoval(tx, requestId, { reason: code ?? 'queue.removed', now: postedAt });
  });
}
