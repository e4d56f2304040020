/** How an agreement moves from state to state: conditional on the state it was decided on, with an event in the same transaction. */
import type { Transaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import type { Consent, ConsentState } from './rows.ts';

export interface ConsentChange {
  /** "member:ID", "moderator:ID", "bot" or "operator". */
  readonly actor: string;
  readonly now: Date;
  /** Only from one of these states. */
  readonly from: readonly ConsentState[];
  /** Further fields to set. */
  readonly set?: Omit<Prisma.ConsentUncheckedUpdateManyInput, 'id' | 'state'>;
}

/** Resolves to the agreement as it is now; to undefined, and changes nothing, when it is in none of the states. */
export async function changeConsent(
  tx: Transaction,
  id: string,
  to: ConsentState,
  { actor, now, from, set }: ConsentChange,
): Promise<Consent | undefined> {
  for (;;) {
    const before = await tx.consent.findUnique({ where: { id } });
    if (before === null || !from.includes(before.state)) return undefined;
    const [after] = await tx.consent.updateManyAndReturn({
      where: { id, state: before.state },
      data: { state: to, ...set },
    });
    if (after === undefined) continue; // changed by somebody else between the two: look again
    await tx.consentEvent.create({ data: { consentId: id, at: now, from: before.state, to, actor } });
    return after;
  }
}

/** A new agreement with its first event. */
export async function createConsent(
  tx: Transaction,
  data: Prisma.ConsentUncheckedCreateInput,
  { actor, now }: Pick<ConsentChange, 'actor' | 'now'>,
): Promise<Consent> {
  const consent = await tx.consent.create({ data });
  await tx.consentEvent.create({ data: { consentId: consent.id, at: now, to: consent.state, actor } });
  return consent;
}

/** A request that has ended asks nobody any more. */
export async function endQuestion(
  tx: Transaction,
  consentId: string | null,
  change: Pick<ConsentChange, 'actor' | 'now'>,
): Promise<void> {
  if (consentId !== null) await changeConsent(tx, consentId, 'expired', { ...change, from: ['asked'] });
}
