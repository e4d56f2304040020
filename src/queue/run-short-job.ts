/**
 * One piece of short work, in a worker: a look at a photograph that came in, a smaller encoding for the outbox, or a
 * comparison for a member.
 */
import * as z from 'zod';

import { inTransaction, type Transaction } from '../store/database.ts';
import { recordMadeFile } from '../store/made-files.ts';
import { addReference, noteUnused } from '../store/media-references.ts';
import { finalStates } from '../store/request-states.ts';
import type { JsonObject } from '../store/rows.ts';
import { readRequest } from '../store/state-change.ts';
import type { JobProgress, ShortJob } from './job.ts';
import { toJson } from './json.ts';
import type { Made, Work } from './processor.ts';
import { mayPass, QueueProblem, reasonOf } from './reasons.ts';
import { openRequestFiles } from './request-files.ts';
import {
  type Break,
  meterFor,
  openFiles,
  persist,
  readWithReply,
  type RunContext,
  tellOfDistrusted,
} from './run-context.ts';
import { verifyMarks } from './verification.ts';
import { type Watchdog, watchdog } from './watchdog.ts';

/** How it ended: a file in the media store, or a reason with its parameters. */
export const shortJobEnd = z.discriminatedUnion('done', [
  z.strictObject({
    done: z.literal(true),
    sha256: z.string(),
    bytes: z.int(),
    /** The request's outcome as the new file makes it; of a look, what it found. */
    outcome: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null).optional(),
  }),
  z.strictObject({
    done: z.literal(false),
    code: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
]);
export type ShortJobEnd = z.output<typeof shortJobEnd>;

export interface ShortRun {
  readonly job: ShortJob;
  /** Aborted with a `Break` as its reason. */
  readonly breaking: AbortController;
  /** How often it was begun, this time included. */
  readonly attempt: number;
  readonly publish: (progress: JobProgress) => Promise<unknown>;
}

/** Does the work and writes down its end. Rejects when it shall be tried again. */
export async function runShortJob(run: ShortRun, context: RunContext): Promise<ShortJobEnd> {
  const { job, attempt, breaking } = run;
  const log = context.log.child({ requestId: job.requestId, kind: job.kind });
  const dog = watchdog(breaking, context.stallMs);
  try {
    // A worker that died of it does not come back to say so.
    if (attempt > context.maxAttempts) throw new QueueProblem('queue.worker-lost');
    return job.kind === 'verify'
      ? await verify(job, breaking.signal, context)
      : await make({ ...run, job }, dog, context);
  } catch (thrown) {
    const error = dog.causeOf(thrown);
    // A worker that closes breaks off what it would have done: that is no try. Who asked puts the job in again.
    const isClosing = breaking.signal.reason === ('closing' satisfies Break);
    if (isClosing || (attempt < context.maxAttempts && mayPass(error))) throw error;
    const reason = reasonOf(error);
    log.warn({ err: error, code: reason.code }, 'short work came to nothing');
    return { done: false, code: reason.code, params: { ...reason.params } };
  } finally {
    dog.stop();
  }
}

type FileJob = Exclude<ShortJob, { kind: 'verify' }>;

/** Looks at a file that is nobody's request, and at what the log knows of it. */
async function verify(
  { sha256 }: Extract<ShortJob, { kind: 'verify' }>,
  signal: AbortSignal,
  { media, db, processors, madeFileMac, log }: RunContext,
): Promise<ShortJobEnd> {
  const files = await openFiles(media, { file: sha256 });
  try {
    const marks = await processors.verify({ ...files.paths, signal });
    const found = await verifyMarks(marks, { db, mac: madeFileMac });
    tellOfDistrusted(found.distrusted, log);
    return { done: true, sha256, bytes: 0, outcome: toJson(found) };
  } finally {
    await files.release();
  }
}

async function make(
  run: ShortRun & { readonly job: FileJob },
  dog: Watchdog,
  context: RunContext,
): Promise<ShortJobEnd> {
  const { job } = run;
  const { signal } = run.breaking;
  const { db, media, scratch, madeFileMac } = context;
  const found = await readWithReply(db, job.requestId);
  if (!found) throw new QueueProblem('queue.input-gone');
  const { request } = found;
  const folder = await scratch.folder();
  try {
    const made = await workOn(run, { ...found, folder: folder.path }, dog, context);
    const { mediaType, outcome, perceptualHashes } = made;
    const stored = await media.put({ path: made.path }, { mediaType, signal });
    const role = keptAs[job.kind];
    if (perceptualHashes) {
      const file = { requestId: job.requestId, sha256: stored.sha256, perceptualHashes, now: new Date(context.now()) };
      await persist(() => inTransaction(db, (tx) => recordMadeFile(tx, madeFileMac, file)));
    }
    if (role !== undefined) {
      const reference = { requestId: job.requestId, role, expiresAt: request.resultExpiresAt };
      await persist(() =>
        inTransaction(db, async (tx) => {
          const file = { ...stored, mediaType };
          // Nobody would let go of one that came after the end.
          if (await hasEnded(tx, job.requestId)) await noteUnused(tx, file);
          else await addReference(tx, { ...file, ...reference });
        }),
      );
    }
    return { done: true, ...stored, ...(outcome && { outcome: toJson(outcome) }) };
  } finally {
    await folder.remove();
  }
}

async function hasEnded(tx: Transaction, requestId: string): Promise<boolean> {
  return finalStates.includes((await readRequest(tx, requestId)).state);
}

/** What its file is kept as with the request; a smaller encoding is the result's own business. */
const keptAs = { look: 'preview', picture: 'preview', compare: 'comparison', refit: undefined } as const;

async function workOn(
  { job, breaking, publish }: ShortRun & { readonly job: FileJob },
  found: Pick<Work, 'request' | 'reply' | 'folder'>,
  dog: Watchdog,
  context: RunContext,
): Promise<Made> {
  const { media, processors } = context;
  const progress = dog.watched(meterFor(publish, context));
  const common = { ...found, signal: breaking.signal, progress };
  if (job.kind === 'look') {
    const files = await openRequestFiles(found.request, context);
    return await processors.look({ ...common, ...files.paths }).finally(() => files.release());
  }
  const { inputSha256: input, resultSha256: result } = found.request;
  if (job.kind === 'picture') {
    const files = await openFiles(media, { result });
    return await processors.picture({ ...common, ...files.paths }).finally(() => files.release());
  }
  const work = { ...common, maxBytes: job.maxBytes };
  if (job.kind === 'refit') {
    // The clip that it was made from may be gone by then.
    const files = await openFiles(media, { result });
    return await processors.refit({ ...work, ...files.paths }).finally(() => files.release());
  }
  const files = await openFiles(media, { input, result });
  return await processors.compare({ ...work, ...files.paths, labels: job.labels }).finally(() => files.release());
}
