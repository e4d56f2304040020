/** An agreement is taken back: with it go, in one transaction, all requests that were made under it. */
import { changeConsent } from './consent-changes.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
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
 * Takes agreements back that `subjectId` gave; those of others, and those taken back already, are left alone. With one for
 * thirty days that holds go all that hold for the same requester in the same guild: whoever takes it back wants to be asked
 * again. With a request goes what was made from it. Requests that wait or run end, files drop, and what was posted is taken away. One transaction for each of `ids`.
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
    const { revoked, requests } = await inTransaction(db, async (tx) => {
      const change = { actor, now, from: ['given'], set: { revokedAt: now } } as const;
      const revoked: string[] = [];
      for (const one of await withItsTwins(tx, id, { subjectId, now })) {
        if ((await changeConsent(tx, one, 'revoked', change)) !== undefined) revoked.push(one);
      }
      const requests: (Omit<RevokedRequest, 'stopped'> & { readonly stopped: Stopped })[] = [];
      const under = { consentId: { in: revoked } };
      const made = await tx.request.findMany({
        where: { OR: [under, { madeFrom: under }] },
        select: { id: true, requesterId: true },
        // What was made from a result before that one, which would take it along: each is told of.
        orderBy: { createdAt: 'desc' },
      });
      for (const request of made) {
        requests.push({ ...request, stopped: await stopAndRemoveIn(tx, request.id, { actor, code, now }) });
      }
      return { revoked, requests };
    });
    consents += revoked.length;
    for (const { stopped, ...request } of requests) {
      if (stopped !== 'nothing') ended.push({ ...request, stopped });
    }
  }
  return { consents, requests: ended };
}

/**
 * An agreement that `subjectId` gave, and those that allow the same beside it: a question can be answered with thirty days while
 * such an agreement holds. Of one whose time is over there are none. Empty where it is not theirs, or taken back.
 */
async function withItsTwins(
  tx: Transaction,
  id: string,
  { subjectId, now }: { readonly subjectId: string; readonly now: Date },
): Promise<string[]> {
  const consent = await tx.consent.findFirst({ where: { id, subjectId, state: 'given' } });
  if (consent === null) return [];
  const { kind, scope, requesterId, guildId, expiresAt } = consent;
  if (kind !== 'member' || scope !== 'requester' || (expiresAt !== null && expiresAt <= now)) return [id];
  const twins = await tx.consent.findMany({
    where: {
      ...{ subjectId, requesterId, guildId, kind, scope, state: 'given', id: { not: id } },
      OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
    },
    select: { id: true },
  });
  return [id, ...twins.map((twin) => twin.id)];
}
