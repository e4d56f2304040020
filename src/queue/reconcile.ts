/**
 * Brings Redis and the database together again after either lost something: requests whose worker is gone, jobs whose
 * request has ended, and requests that waited too long, for a worker or for their member. The database is right wherever
 * the two differ.
 */
import { changeState, finishRequest } from '../store/requests.ts';
import { type DispatchContext, jobsInRedis } from './dispatcher.ts';
import { type QueueRows, readQueueRows, type RunningRow } from './queue-rows.ts';
import { isOthers } from './run-context.ts';
import { liveWorkers } from './workers.ts';

export interface Reconciler {
  /** One look. Resolves to the ids of requests that were ended by it. */
  reconcile(): Promise<string[]>;
}

export interface ReconcileTimes {
  /** A running request that no job and no worker accounts for is given this long, in milliseconds, to be accounted for. */
  readonly orphanMs: number;
  /** Nobody waits longer than this. */
  readonly longestWaitMs: number;
}

/** Fetching and looking at a clip takes minutes at most: a request that still does by then lost whoever did it. */
const longestIntakeMs = 30 * 60_000;

/** A member who is asked something can be told so long that the time is over: their interaction's token lives 15 minutes. */
const longestQuestionMs = 12 * 60_000;

export function createReconciler(context: DispatchContext, { orphanMs, longestWaitMs }: ReconcileTimes): Reconciler {
  const { db, redis, prefix, requests, maxAttempts, now, log } = context;
  /** When each was first seen without anybody. */
  const orphans = new Map<string, number>();

  const rescue = async (row: RunningRow): Promise<boolean> => {
    const at = new Date(now());
    const held = row.workerId === null ? {} : { heldBy: row.workerId };
    const from = ['running'] as const;
    const end = row.cancelAsked
      ? ({ kind: 'cancelled', code: row.code ?? 'job.cancelled' } as const)
      : row.attempts >= maxAttempts
        ? ({ kind: 'failed', code: 'queue.worker-lost' } as const)
        : undefined;
    try {
      if (end) await finishRequest(db, row.id, { ...end, ...held, actor: 'bot', from }, at);
      else await changeState(db, row.id, 'waiting', { ...held, actor: 'bot', now: at, from });
      log.warn({ requestId: row.id, attempts: row.attempts, ended: end?.code }, 'its worker is gone');
      return end !== undefined;
    } catch (error) {
      if (isOthers(error)) return false;
      throw error;
    }
  };

  const rescueOrphans = async (rows: QueueRows, known: ReadonlySet<string>): Promise<string[]> => {
    const workers = await liveWorkers(redis, prefix);
    const atWork = new Set(workers.flatMap((worker) => worker.requests));
    const ended: string[] = [];
    const seen = new Set<string>();
    for (const row of rows.running) {
      if (known.has(row.id) || atWork.has(row.id)) continue;
      seen.add(row.id);
      const since = orphans.get(row.id) ?? now();
      orphans.set(row.id, since);
      if (now() - since < orphanMs) continue;
      if (await rescue(row)) ended.push(row.id);
      orphans.delete(row.id);
    }
    for (const id of orphans.keys()) if (!seen.has(id)) orphans.delete(id);
    return ended;
  };

  const endExpired = async (rows: QueueRows): Promise<string[]> => {
    /** Time in which somebody else is asked about it does not count: a question to them has its own end. */
    const since = (state: 'received' | 'asking', ms: number): Promise<{ readonly id: string }[]> => {
      const late = { lte: new Date(now() - ms) };
      const theirs = state === 'asking' ? { state: { not: 'asked' as const } } : { decidedAt: late };
      const consent = [{ consentId: null }, { consent: theirs }];
      return db.request.findMany({ where: { state, createdAt: late, OR: consent }, select: { id: true } });
    };
    const unanswered = await since('asking', longestQuestionMs);
    const abandoned = await since('received', longestIntakeMs);
    const late = [
      ...unanswered.map(({ id }) => ({ id, from: 'asking', kind: 'cancelled', code: 'queue.unanswered' }) as const),
      ...abandoned.map(({ id }) => ({ id, from: 'received', kind: 'failed', code: 'queue.expired' }) as const),
      ...rows.waiting
        .filter(({ queuedAt }) => now() - queuedAt >= longestWaitMs)
        .map(({ id }) => ({ id, from: 'waiting', kind: 'failed', code: 'queue.expired' }) as const),
    ];
    const ended: string[] = [];
    for (const { id, from, kind, code } of late) {
      const end = { kind, actor: 'bot', code, from: [from] } as const;
      try {
        await finishRequest(db, id, end, new Date(now()));
        ended.push(id);
        log[from === 'asking' ? 'info' : 'warn']({ requestId: id, was: from }, 'waited too long');
      } catch (error) {
        if (!isOthers(error)) throw error;
      }
    }
    return ended;
  };

  return {
    reconcile: async () => {
      // Redis first: a job that is begun meanwhile is then in both.
      const inRedis = await jobsInRedis(requests);
      const rows = await readQueueRows(db, now());
      const known = new Set([...inRedis.soon, ...inRedis.later]);
      const ended = [...(await rescueOrphans(rows, known)), ...(await endExpired(rows))];
      const open = new Set([...rows.waiting, ...rows.running].map(({ id }) => id));
      for (const id of known) {
        // One that a worker holds is left to it: it finds out itself.
        if (!open.has(id) || ended.includes(id)) await requests.remove(id).catch(() => 0);
      }
      return ended;
    },
  };
}
