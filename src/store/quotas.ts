/**
 * What a user and a guild may use within 24 hours: jobs, and seconds of compute. The window slides. A place is reserved
 * when a request is accepted (with the predicted seconds), settled when it ended (with the measured ones) or given back.
 * Reservations of one user, and of one guild, are decided one after the other, so two can never both take the last place.
 */
import { inTransaction, type Database, type Transaction } from './database.ts';
import type { Command, QuotaReservation } from './rows.ts';

export const quotaWindowMs = 24 * 60 * 60 * 1000;

/** Absent: no limit. */
export interface QuotaLimits {
  readonly userJobs?: number | undefined;
  readonly userSeconds?: number | undefined;
  readonly guildJobs?: number | undefined;
  readonly guildSeconds?: number | undefined;
}

export type QuotaLimit = 'user-jobs' | 'user-seconds' | 'guild-jobs' | 'guild-seconds';

export type QuotaDecision =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly limit: QuotaLimit;
      /** When enough will have left the window; undefined when this request alone is more than the limit. */
      readonly freesAt: Date | undefined;
    };

export interface QuotaAsk {
  readonly userId: string;
  /** Absent in direct messages. */
  readonly guildId?: string | undefined;
  /** Predicted compute. */
  readonly seconds: number;
  readonly limits: QuotaLimits;
  readonly now: Date;
}

/** Whether a place would be granted now. Only a reservation is binding: this one is for refusing before a download. */
export function checkQuota(db: Database | Transaction, ask: QuotaAsk): Promise<QuotaDecision> {
  return decide(db, ask);
}

/** Reserves a place for a request, or says which limit it would pass and when that changes. Asking again for the same request changes nothing. */
export function reserveQuota(
  db: Database,
  ask: QuotaAsk & { readonly requestId: string; readonly command: Command },
): Promise<QuotaDecision> {
  const keys = [`quota:user:${ask.userId}`, ...(ask.guildId === undefined ? [] : [`quota:guild:${ask.guildId}`])];
  return inTransaction(
    db,
    async (tx) => {
      const { requestId, userId, guildId, command, seconds, now } = ask;
      if ((await tx.quotaReservation.findUnique({ where: { requestId } })) !== null) return { granted: true };
      const decision = await decide(tx, ask);
      if (decision.granted) {
        await tx.quotaReservation.create({
          data: {
            requestId,
            userId,
            guildId: guildId ?? null,
            command,
            state: 'reserved',
            reservedSeconds: seconds,
            createdAt: now,
          },
        });
      }
      return decision;
    },
    keys,
  );
}

/** The request ended: it has used this many seconds. */
export async function settleQuota(tx: Transaction, requestId: string, seconds: number): Promise<void> {
  await tx.quotaReservation.updateMany({
    where: { requestId, state: 'reserved' },
    data: { state: 'settled', settledSeconds: seconds },
  });
}

/** The request came to nothing: its place is given back. */
export async function releaseQuota(tx: Transaction, requestId: string): Promise<void> {
  await tx.quotaReservation.updateMany({ where: { requestId, state: 'reserved' }, data: { state: 'released' } });
}

export interface QuotaUse {
  readonly jobs: number;
  readonly seconds: number;
}

/** What a user or a guild has used within the window that ends now. */
export async function quotaUse(
  db: Database | Transaction,
  whose: { readonly userId: string } | { readonly guildId: string },
  now: Date,
): Promise<QuotaUse> {
  const rows = await inWindow(db, whose, now);
  return { jobs: rows.length, seconds: usedBy(rows, secondsOf) };
}

async function decide(tx: Database | Transaction, ask: QuotaAsk): Promise<QuotaDecision> {
  const { userId, guildId, seconds, limits, now } = ask;
  const user = await inWindow(tx, { userId }, now);
  const guild = guildId === undefined ? [] : await inWindow(tx, { guildId }, now);
  const checks: readonly [QuotaLimit, readonly QuotaReservation[], number | undefined, Cost][] = [
    ['user-jobs', user, limits.userJobs, oneJob],
    ['user-seconds', user, limits.userSeconds, secondsOf],
    ['guild-jobs', guild, guildId === undefined ? undefined : limits.guildJobs, oneJob],
    ['guild-seconds', guild, guildId === undefined ? undefined : limits.guildSeconds, secondsOf],
  ];
  for (const [name, rows, limit, cost] of checks) {
    if (limit === undefined) continue;
    const wanted = cost === oneJob ? 1 : seconds;
    if (usedBy(rows, cost) + wanted > limit) {
      return { granted: false, limit: name, freesAt: whenFits(rows, cost, limit - wanted) };
    }
  }
  return { granted: true };
}

type Cost = (row: QuotaReservation) => number;
const oneJob: Cost = () => 1;
const secondsOf: Cost = (row) => row.settledSeconds ?? row.reservedSeconds;
const usedBy = (rows: readonly QuotaReservation[], cost: Cost): number =>
  rows.reduce((total, row) => total + cost(row), 0);

/** When enough of the rows (oldest first) have left the window for the rest to cost at most `room`; undefined when there is none. */
function whenFits(rows: readonly QuotaReservation[], cost: Cost, room: number): Date | undefined {
  if (room < 0) return undefined;
  // Summed from the newest: those that may stay are the last ones whose costs still fit together.
  let kept = 0;
  const last = rows.findLastIndex((row) => (kept += cost(row)) > room);
  const leaving = rows[last];
  return leaving && new Date(leaving.createdAt.getTime() + quotaWindowMs);
}

function inWindow(
  tx: Database | Transaction,
  whose: { readonly userId: string } | { readonly guildId: string },
  now: Date,
): Promise<QuotaReservation[]> {
  return tx.quotaReservation.findMany({
    where: {
      ...whose,
      state: { not: 'released' },
      createdAt: { gt: new Date(now.getTime() - quotaWindowMs) },
    },
    orderBy: { createdAt: 'asc' },
  });
}
