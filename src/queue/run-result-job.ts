/** One piece of short work on a result, in a worker: a smaller encoding for the outbox, or a comparison for a member. */
import * as z from 'zod';

import { inTransaction } from '../store/database.ts';
import { addReference } from '../store/media-references.ts';
import type { JsonObject } from '../store/rows.ts';
import type { JobProgress, ResultJob } from './job.ts';
import type { Made, Work } from './processor.ts';
import { mayPass, QueueProblem, reasonOf } from './reasons.ts';
import { type Break, meterFor, openFiles, persist, readWithReply, type RunContext, toJson } from './run-context.ts';
import { type Watchdog, watchdog } from './watchdog.ts';

/** How a job on a result ended: a file in the media store, or a reason with its parameters. */
export const resultJobEnd = z.discriminatedUnion('done', [
  z.strictObject({
    done: z.literal(true),
    sha256: z.string(),
    bytes: z.int(),
    /** The request's outcome as the new file makes it. */
    outcome: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null).optional(),
  }),
  z.strictObject({
    done: z.literal(false),
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
]);
export type ResultJobEnd = z.output<typeof resultJobEnd>;

export interface ResultRun {
  readonly job: ResultJob;
  /** Aborted with a `Break` as its reason. */
  readonly breaking: AbortController;
  /** How often it was begun, this time included. */
  readonly attempt: number;
  readonly publish: (progress: JobProgress) => Promise<unknown>;
}

/** Does the work and writes down its end. Rejects when it shall be tried again. */
export async function runResultJob(run: ResultRun, context: RunContext): Promise<ResultJobEnd> {
  const { job, attempt, breaking } = run;
  const log = context.log.child({ requestId: job.requestId, kind: job.kind });
  const dog = watchdog(breaking, context.stallMs);
  try {
    // A worker that died of it does not come back to say so.
    if (attempt > context.maxAttempts) throw new QueueProblem('queue.worker-lost');
    return await make(run, dog, context);
  } catch (thrown) {
    const error = dog.causeOf(thrown);
    // A worker that closes breaks off what it would have done: that is no try. Who asked puts the job in again.
    const isClosing = breaking.signal.reason === ('closing' satisfies Break);
    if (isClosing || (attempt < context.maxAttempts && mayPass(error))) throw error;
    const reason = reasonOf(error);
    log.warn({ err: error, code: reason.code }, 'nothing made of the result');
    return { done: false, code: reason.code, params: { ...reason.params } };
  } finally {
    dog.stop();
  }
}

async function make(run: ResultRun, dog: Watchdog, context: RunContext): Promise<ResultJobEnd> {
  const { job } = run;
  const { signal } = run.breaking;
  const { db, media, scratch } = context;
  const found = await readWithReply(db, job.requestId);
  if (!found?.request.resultSha256) throw new QueueProblem('queue.input-gone');
  const { request } = found;
  const folder = await scratch.folder();
  try {
    const made = await workOn(run, { ...found, folder: folder.path }, dog, context);
    const { mediaType, outcome } = made;
    const stored = await media.put({ path: made.path }, { mediaType, signal });
    if (job.kind === 'compare') {
      const reference = { requestId: job.requestId, role: 'comparison', expiresAt: request.resultExpiresAt } as const;
      await persist(() => inTransaction(db, (tx) => addReference(tx, { ...stored, mediaType, ...reference })));
    }
    return { done: true, ...stored, ...(outcome && { outcome: toJson(outcome) }) };
  } finally {
    await folder.remove();
  }
}

async function workOn(
  { job, breaking, publish }: ResultRun,
  found: Pick<Work, 'request' | 'reply' | 'folder'>,
  dog: Watchdog,
  context: RunContext,
): Promise<Made> {
  const { media, processors } = context;
  const progress = dog.watched(meterFor(publish, context));
  const work = { ...found, signal: breaking.signal, progress, maxBytes: job.maxBytes };
  const { inputSha256: input, resultSha256: result } = found.request;
  if (job.kind === 'refit') {
    // The clip that it was made from may be gone by then.
    const files = await openFiles(media, { result });
    return await processors.refit({ ...work, ...files.paths }).finally(() => files.release());
  }
  const files = await openFiles(media, { input, result });
  return await processors.compare({ ...work, ...files.paths, labels: job.labels }).finally(() => files.release());
}
