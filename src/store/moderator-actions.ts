/** What moderators did and looked at. Append-only: triggers in the database refuse changes too. */
import type { Database, Transaction } from './database.ts';
import type { JsonObject, ModeratorActionKind } from './rows.ts';

export interface NewModeratorAction {
  readonly kind: ModeratorActionKind;
  readonly moderatorId: string;
  /** Absent for an operator's action on the whole installation. */
  readonly guildId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly targetUserId?: string | undefined;
  readonly reason?: string;
  readonly detail?: JsonObject;
  readonly now: Date;
}

/** With `deleteResult`: there was no result yet, what waited or ran was stopped. */
export const stoppedDetail = { stopped: true } as const satisfies JsonObject;

/** Writes an action down; inside the transaction of what it did, where it did something. */
export async function recordModeratorAction(tx: Database | Transaction, action: NewModeratorAction): Promise<void> {
  const { now, detail, ...rest } = action;
  const { guildId = null, requestId = null, targetUserId = null } = action;
  await tx.moderatorAction.create({
    data: {
      ...rest,
      guildId,
      requestId,
      targetUserId,
      at: now,
      ...(detail === undefined ? {} : { detail: detail }),
    },
  });
}
