/**
 * One request in a worker, from taking it to writing down how it ended. The row decides everything: who has the request,
 * how often it was begun, whether it is still wanted. What BullMQ knows is only that somebody should look at it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

import { LumiereError } from '../engine/errors.ts';
import { findPictureFault } from '../store/blocks.ts';
import { findConsentFault } from '../store/consents.ts';
import type { Database } from '../store/database.ts';
import { madeHereAmong } from '../store/made-files.ts';
import { noteUnused } from '../store/media-references.ts';
import { changeState, finishRequest, RequestStopped } from '../store/requests.ts';
import type { Reply, Request } from '../store/rows.ts';
import { readRequest, RequestMissing } from '../store/state-change.ts';
import { animationByMark, tieToAnimation } from './animation-source.ts';
import type { InputMarks } from './input-marks.ts';
import type { JobProgress } from './job.ts';
import { toJson } from './json.ts';
import type { Made } from './processor.ts';
import { mayPass, QueueProblem, reasonOf } from './reasons.ts';
import { openRequestFiles } from './request-files.ts';
import {
  type Break,
  isOthers,
  meterFor,
  persist,
  readWithReply,
  resultExpiry,
  type RunContext,
  tellOfDistrusted,
} from './run-context.ts';
import { type Watchdog, watchdog } from './watchdog.ts';

/** Thrown when the job is to be tried again: the row waits already. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

export interface RequestRun {
  readonly requestId: string;
  /** Aborted with a `Break` as its reason. */
  readonly breaking: AbortController;
  readonly publish: (progress: JobProgress) => Promise<unknown>;
}

/**
 * Takes the request, does its work and writes its end. Resolves when nothing is left to do for it here: also when it was
 * somebody else's, was cancelled, or was handed back. Rejects with TryAgain, or with what kept its end from being written.
 */
export async function runRequest(run: RequestRun, context: RunContext): Promise<void> {
  const log = context.log.child({ requestId: run.requestId });
  const taken = await take(run.requestId, context, log);
  if (!taken) return;
  const stopWatching = watch(run, context);
  const dog = watchdog(run.breaking, context.stallMs);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const work = make(run, taken, dog, context, seconds);
  try {
    await Promise.race([work, broken(run.breaking.signal)]);
    log.info({ seconds: seconds() }, 'made');
  } catch (error) {
    if (isOthers(error)) {
      log.info('the request was ended or taken by somebody else meanwhile');
      return;
    }
    await endWithout(run, taken.request, dog.causeOf(error), { ...context, log }, seconds());
  } finally {
    stopWatching();
    dog.stop();
    // The slot is free when the work has really ended: a network in the middle of a picture ends with that picture. One
    // that hangs may never end.
    const over = new AbortController();
    const tooLong = sleep(Math.min(dyingMs, context.stallMs), undefined, { signal: over.signal });
    await Promise.race([work, tooLong]).catch(() => undefined);
    over.abort();
  }
}

/** Milliseconds that work which was broken off may take to die down. */
const dyingMs = 60_000;

/** Rejects as soon as the run is broken off, so that its end is written and told without waiting for the work to die down. */
function broken(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new LumiereError('job.cancelled'));
    });
  });
}

interface Taken {
  readonly request: Request;
  readonly reply: Reply;
}

/** Makes the request this worker's; undefined when there is nothing to do for it. */
async function take(id: string, context: RunContext, log: Logger): Promise<Taken | undefined> {
  const { db, workerId, maxAttempts, now } = context;
  const actor = `worker:${workerId}`;
  const end = async (kind: 'failed' | 'cancelled', code: string, from: Request): Promise<void> => {
    const held = from.state === 'running' && from.workerId !== null ? { heldBy: from.workerId } : {};
    await persist(() => finishRequest(db, id, { kind, actor, code, from: [from.state], ...held }, new Date(now())));
    log.warn({ code }, 'ended before it was begun');
  };
  try {
    const row = await readRequest(db, id);
    const lost = row.state === 'running' && row.workerId !== workerId;
    if (row.state !== 'waiting' && !lost) return undefined;
    const ended =
      row.cancelAskedAt !== null
        ? end('cancelled', row.code ?? 'job.cancelled', row)
        : row.attempts >= maxAttempts
          ? end('failed', 'queue.worker-lost', row)
          : undefined;
    if (ended) {
      await ended;
      return undefined;
    }
    await changeState(db, id, 'running', {
      actor,
      now: new Date(now()),
      from: [row.state],
      ...(lost && row.workerId !== null && { heldBy: row.workerId }),
      set: { workerId },
    });
    const taken = await readWithReply(db, id);
    if (!taken) throw new RequestMissing(id);
    log.info({ attempt: taken.request.attempts, ...(lost && { from: row.workerId }) }, 'taken');
    return taken;
  } catch (error) {
    if (isOthers(error)) return undefined;
    throw error;
  }
}

async function make(
  run: RequestRun,
  { request, reply }: Taken,
  dog: Watchdog,
  context: RunContext,
  seconds: () => number,
): Promise<void> {
  const { db, media, scratch, processors, workerId, madeFileMac, now } = context;
  const { signal } = run.breaking;
  const fault = await findConsentFault(db, request, new Date(now()));
  if (fault !== undefined) throw new QueueProblem(`queue.consent-${fault}`);
  const blocked = await findPictureFault(db, request);
  if (blocked !== undefined) throw new QueueProblem(blocked);
  const progress = dog.watched(meterFor(run.publish, context));
  const folder = await scratch.folder();
  try {
    const { roles: madeHere, animationId, distrusted } = await madeHereAmong(db, madeFileMac, request.id);
    tellOfDistrusted(distrusted, context.log.child({ requestId: request.id }));
    let isAnimation = await tie(request, animationId, context);
    const files = await openRequestFiles(request, context);
    let made: Made;
    try {
      made = await processors[request.command]({
        ...files.paths,
        madeHere,
        keepMarks: async (marks) => {
          await keepMarks(db, request.id, marks, context.log);
          isAnimation ||= await tie(request, await animationByMark(db, madeFileMac, marks), context);
          return { isAnimation };
        },
        request,
        reply,
        signal,
        folder: folder.path,
        progress,
      });
    } finally {
      await files.release();
    }
    signal.throwIfAborted();
    progress.update('store', 0, 1);
    const { mediaType, outcome = {}, perceptualHashes = [] } = made;
    const stored = await media.put({ path: made.path }, { mediaType, signal });
    const expiresAt = await resultExpiry(context, request.guildId);
    await persist(() =>
      finishRequest(
        db,
        request.id,
        {
          kind: 'finished',
          actor: `worker:${workerId}`,
          heldBy: workerId,
          computeSeconds: seconds(),
          outcome: toJson(outcome),
          file: { ...stored, mediaType },
          perceptualHashes,
          madeFileMac,
          expiresAt,
          // Only a restoration is compared with what it was made from.
          ...(request.command === 'restore' && { keepInputUntil: expiresAt }),
        },
        new Date(now()),
      ),
    ).catch(async (error: unknown) => {
      // Stopped or taken by another meanwhile: what nobody refers to goes soon.
      await noteUnused(db, { ...stored, mediaType });
      throw error;
    });
  } finally {
    await folder.remove();
  }
}

/** Whether it is a restoration of an animation. Rejects as `tieToAnimation` does. */
async function tie(request: Request, animationId: string | undefined, { db, now }: RunContext): Promise<boolean> {
  const id = request.madeFromId ?? animationId;
  if (request.command !== 'restore' || id === undefined) return false;
  await tieToAnimation(db, request, id, new Date(now()));
  return true;
}

/** Writes down what marks the files came with. What is wanted is the result: that they are not on record does not stop it. */
async function keepMarks(db: Database, id: string, marks: InputMarks, log: Logger): Promise<void> {
  if (marks.files.length === 0) return;
  try {
    await db.request.update({ where: { id }, data: { inputMarks: toJson(marks) }, select: { id: true } });
  } catch (error) {
    log.warn({ err: error, requestId: id }, 'marks of the input were not kept');
  }
}

/** Writes what became of a request whose work came to nothing. */
async function endWithout(
  { requestId, breaking }: RequestRun,
  request: Request,
  error: unknown,
  { db, workerId, maxAttempts, now, log }: RunContext,
  computeSeconds: number,
): Promise<void> {
  const actor = `worker:${workerId}`;
  const mine = { actor, heldBy: workerId };
  const broken = breaking.signal.aborted ? (breaking.signal.reason as Break) : undefined;
  if (broken === 'taken') return;
  try {
    if (broken === 'closing') {
      // It was not the job's fault: this time does not count.
      const set = { attempts: { decrement: 1 } };
      await persist(() => changeState(db, requestId, 'waiting', { ...mine, now: new Date(now()), set }));
      log.info('handed back');
      return;
    }
    if (broken === 'cancelled' || error instanceof RequestStopped) {
      const { code } = await readRequest(db, requestId);
      const end = { kind: 'cancelled', ...mine, code: code ?? 'job.cancelled', computeSeconds } as const;
      await persist(() => finishRequest(db, requestId, end, new Date(now())));
      log.info({ seconds: computeSeconds }, 'cancelled');
      return;
    }
    const { code, params } = reasonOf(error);
    log[code === 'queue.fault' ? 'error' : 'warn']({ err: error, code, attempt: request.attempts }, 'not made');
    if (mayPass(error) && request.attempts < maxAttempts) {
      await persist(() => changeState(db, requestId, 'waiting', { ...mine, now: new Date(now()) }));
      throw new TryAgain(code, { cause: error });
    }
    const end = { kind: 'failed', ...mine, code, codeParameters: { ...params }, computeSeconds } as const;
    await persist(() => finishRequest(db, requestId, end, new Date(now())));
  } catch (problem) {
    if (!isOthers(problem)) throw problem;
    log.info('the request was ended or taken by somebody else meanwhile');
  }
}

/** Looks at the row every now and then, whatever becomes of Redis, and breaks the run off when it is not wanted here. */
function watch({ requestId, breaking }: RequestRun, { db, workerId, watchMs, log }: RunContext): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking || breaking.signal.aborted) return;
    looking = true;
    try {
      const row = await db.request.findUnique({
        where: { id: requestId },
        select: { state: true, workerId: true, cancelAskedAt: true },
      });
      if (row?.state !== 'running' || row.workerId !== workerId) breaking.abort('taken' satisfies Break);
      else if (row.cancelAskedAt !== null) breaking.abort('cancelled' satisfies Break);
    } catch (error) {
      log.debug({ err: error, requestId }, 'the row could not be looked at');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), watchMs);
  return () => {
    clearInterval(timer);
  };
}
