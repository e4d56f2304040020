/** Whether a clip may be restored that is an animation made here: not where that one may not be shown itself. */
import { QueueProblem } from '../queue/reasons.ts';
import { isSourceGone } from '../store/consents.ts';
import type { Database } from '../store/database.ts';
import { animationsOfFile } from '../store/made-files.ts';

/**
 * Rejects with a QueueProblem where the very file was made by an animation that is removed, held or not agreed to any more. Files
 * that were altered since are the worker's to tell, by their marks (src/queue/animation-source.ts).
 */
export async function refuseGoneAnimation(
  { requesterId }: { readonly requesterId: string },
  sha256: string,
  { db, now }: { readonly db: Database; readonly now: () => number },
): Promise<void> {
  for (const madeFromId of await animationsOfFile(db, sha256)) {
    const isGone = await isSourceGone(db, { madeFromId, requesterId }, new Date(now()));
    if (isGone) throw new QueueProblem('queue.consent-source');
  }
}
