/** An agreement is taken back: with it go, in one transaction, all requests that were made under it. */
import { changeConsent } from './consent-changes.ts';
import { type Database, inTransaction } from './database.ts';
import { type Stopped, stopAndRemoveIn } from './removals.ts';

/** A request that came to nothing by it, whose it was, and how. */
export interface RevokedRequest {
  readonly id: string;
  readonly requesterId: string;
  readonly stopped: Exclude<Stopped, 'nothing'>;
}

export interface Revocation {
  readonly requests: readonly RevokedRequest[];
}

/**
 * Takes agreements back that `subjectId` gave; those of others, and those taken back already, are left alone. Requests that
 * wait or run end, files drop, and what was posted is taken away. One transaction for each agreement.
 *
 * @returns how many agreements ended, and what became of the requests.
 */
export async function revokeConsents(
  db: Database,
  ids: readonly string[],
  { subjectId, code, now }: { readonly subjectId: string; readonly code: string; readonly now: Date },
): Promise<Revocation & { readonly consents: number }> {
  const actor = `member:${subjectId}`;
  let consents = 0;
  const ended: RevokedRequest[] = [];
  for (const id of ids) {
    const requests = await inTransaction(db, async (tx) => {
      const theirs = await tx.consent.count({ where: { id, subjectId } });
      const change = { actor, now, from: ['given'], set: { revokedAt: now } } as const;
      if (theirs === 0 || (await changeConsent(tx, id, 'revoked', change)) === undefined) return undefined;
      const made: (Omit<RevokedRequest, 'stopped'> & { readonly stopped: Stopped })[] = [];
      const wish = { where: { consentId: id }, select: { id: true, requesterId: true } };
      for (const request of await tx.request.findMany(wish)) {
        made.push({ ...request, stopped: await stopAndRemoveIn(tx, request.id, { actor, code, now }) });
      }
      return made;
    });
    if (requests === undefined) continue;
    consents += 1;
    for (const { stopped, ...request } of requests) {
      if (stopped !== 'nothing') ended.push({ ...request, stopped });
    }
  }
  return { consents, requests: ended };
}
