/** What every run of a job in a worker has in common: its parts, why it may be broken off, and how its end is written. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { Database } from '../store/database.ts';
import type { MadeFileMac } from '../store/made-file-mac.ts';
import { MediaMissing, type MediaStore } from '../store/media-store.ts';
import { IllegalTransition } from '../store/request-states.ts';
import type { Reply, Request } from '../store/rows.ts';
import { RequestMissing, RequestStopped, RequestTaken } from '../store/state-change.ts';
import type { JobProgress } from './job.ts';
import type { Processors } from './processor.ts';
import { createProgressMeter, type ProgressMeter } from './progress-meter.ts';
import { QueueProblem } from './reasons.ts';
import type { Scratch } from './scratch.ts';

export interface RunContext {
  readonly db: Database;
  readonly media: MediaStore;
  readonly scratch: Scratch;
  readonly processors: Processors;
  readonly workerId: string;
  /** What binds the list of made files to the installation. */
  readonly madeFileMac: MadeFileMac;
  /** Times a job may be begun. */
  readonly maxAttempts: number;
  /** Hours that a result is kept where its guild says nothing else. */
  readonly retentionHours: number;
  /** How often the request's row is looked at for a cancellation, in milliseconds. */
  readonly watchMs: number;
  /** Work that reports nothing for so long, in milliseconds, is broken off. */
  readonly stallMs: number;
  readonly now: () => number;
  readonly log: Logger;
}

/** Why a run is broken off: the requester wants it no more, another worker has it, this one is about to end, or it hangs. */
export type Break = 'cancelled' | 'taken' | 'closing' | 'stalled';

/** The request is not this worker's any more: somebody else ended it or took it. */
export function isOthers(error: unknown): boolean {
  return error instanceof IllegalTransition || error instanceof RequestTaken || error instanceof RequestMissing;
}

const writeTries = 5;
const firstPauseMs = 200;

/** Tries a write again that failed for reasons of the database: hours of work hang on it. Not one that says no for good. */
export async function persist<Result>(write: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (isOthers(error) || error instanceof RequestStopped || attempt === writeTries) throw error;
    }
    await sleep(firstPauseMs * 2 ** attempt);
  }
}

/** The files of a request that a job reads, and what lets go of them. Rejects with `queue.input-gone`. */
export async function openFiles<Role extends string>(
  media: MediaStore,
  wanted: Readonly<Record<Role, string | null>>,
): Promise<{ readonly paths: Record<Role, string>; release(): Promise<void> }> {
  const opened: { path: string; release(): Promise<void> }[] = [];
  const paths: Partial<Record<Role, string>> = {};
  const release = async (): Promise<void> => {
    await Promise.all(opened.map((file) => file.release()));
  };
  try {
    for (const [role, sha256] of Object.entries(wanted) as [Role, string | null][]) {
      if (sha256 === null) throw new QueueProblem('queue.input-gone');
      const file = await media.open(sha256);
      opened.push(file);
      paths[role] = file.path;
    }
    return { paths: paths as Record<Role, string>, release };
  } catch (error) {
    await release();
    throw error instanceof MediaMissing ? new QueueProblem('queue.input-gone', { cause: error }) : error;
  }
}

/** A request with the reply it was asked for in. */
export async function readWithReply(
  db: Database,
  id: string,
): Promise<{ readonly request: Request; readonly reply: Reply } | undefined> {
  const found = await db.request.findUnique({ where: { id }, include: { reply: true } });
  if (!found?.reply) return undefined;
  const { reply, ...request } = found;
  return { request, reply };
}

/** When the result of a request is to be removed. */
export async function resultExpiry({ db, retentionHours, now }: RunContext, guildId: string | null): Promise<Date> {
  const settings = guildId === null ? null : await db.guildSettings.findUnique({ where: { guildId } });
  return new Date(now() + (settings?.resultRetentionHours ?? retentionHours) * 3_600_000);
}

/** The operator alone can look into it: to a member the file is one that nothing speaks for. */
export function tellOfDistrusted(distrusted: boolean | undefined, log: Logger): void {
  if (distrusted === true)
    log.warn(
      'the list of made files has rows that watermark.key does not bear out: `lumiere audit` tells of what kind',
    );
}

/** A meter whose reports are passed on in order, one at a time; a report that cannot be sent is no reason to stop. */
export function meterFor(publish: (progress: JobProgress) => Promise<unknown>, { log }: RunContext): ProgressMeter {
  let sending = false;
  let next: JobProgress | undefined;
  const send = async (): Promise<void> => {
    sending = true;
    while (next) {
      const progress = next;
      next = undefined;
      await publish(progress).catch((error: unknown) => {
        log.debug({ err: error }, 'progress could not be told');
      });
    }
    sending = false;
  };
  return createProgressMeter({
    now: () => performance.now(),
    publish: (progress) => {
      next = progress;
      if (!sending) void send();
    },
  });
}
