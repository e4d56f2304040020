/** What moderators did and looked at. Append-only: triggers in the database refuse changes too. */
import type { Database, Transaction } from './database.ts';
import type { JsonObject, ModeratorAction, ModeratorActionKind } from './rows.ts';

export interface NewModeratorAction {
  readonly kind: ModeratorActionKind;
  readonly moderatorId: string;
  /** Absent for an operator's action on the whole installation. */
  readonly guildId?: string | undefined;
  readonly requestId?: string;
  readonly targetUserId?: string;
  readonly reason?: string;
  readonly detail?: JsonObject;
  readonly now: Date;
}

/** Writes an action down; inside the transaction of what it did, where it did something. */
export async function recordModeratorAction(tx: Database | Transaction, action: NewModeratorAction): Promise<void> {
  const { now, detail, ...rest } = action;
  await tx.moderatorAction.create({
    data: {
      ...rest,
      guildId: action.guildId ?? null,
      at: now,
      ...(detail === undefined ? {} : { detail: detail }),
    },
  });
}

/** The actions in a guild, newest first; `before` is the id of the last one of the page before. */
export function listModeratorActions(
  db: Database,
  guildId: string,
  page: { readonly limit: number; readonly before?: number },
): Promise<ModeratorAction[]> {
  return db.moderatorAction.findMany({
    where: { guildId, ...(page.before === undefined ? {} : { id: { lt: page.before } }) },
    orderBy: { id: 'desc' },
    take: page.limit,
  });
}
