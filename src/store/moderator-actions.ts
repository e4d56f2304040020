/** What moderators, and the operator, did and looked at. Append-only: triggers in the database refuse changes too. */
import type { Database, Transaction } from './database.ts';
import type { JsonObject, ModeratorActionKind } from './rows.ts';

/** Stands where a moderator's id would, for what the operator did on the machine (src/cli). Ids of Discord are digits. */
export const operatorId = 'operator';

/** Who did it, as events and removals name them: "moderator:ID", or "operator". */
export const actorOf = (moderatorId: string): string =>
  moderatorId === operatorId ? operatorId : `moderator:${moderatorId}`;

export interface NewModeratorAction {
  readonly kind: ModeratorActionKind;
  /** Or `operatorId`. */
  readonly moderatorId: string;
  /** Absent for what the operator did: their actions belong to no guild. */
  readonly guildId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly targetUserId?: string | undefined;
  readonly reason?: string | undefined;
  readonly detail?: JsonObject;
  readonly now: Date;
}

/** With `deleteResult`: there was no result yet, what waited or ran was stopped. */
export const stoppedDetail = { stopped: true } as const satisfies JsonObject;

/** Writes an action down; inside the transaction of what it did, where it did something. */
export async function recordModeratorAction(tx: Database | Transaction, action: NewModeratorAction): Promise<void> {
  const { now, detail, ...rest } = action;
  const { guildId = null, requestId = null, targetUserId = null, reason = null } = action;
  await tx.moderatorAction.create({
    data: {
      ...rest,
      guildId,
      requestId,
      targetUserId,
      reason,
      at: now,
      ...(detail === undefined ? {} : { detail: detail }),
    },
  });
}
