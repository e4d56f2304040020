/**
 * How a request moves from state to state: conditional on the state the move was decided on, with an event in the same
 * transaction, whoever else changes the same request meanwhile.
 */
import { endQuestion } from './consent-changes.ts';
import type { Database, Transaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { finalStates, IllegalTransition, mayFollow } from './request-states.ts';
import type { JsonObject, Request, RequestState } from './rows.ts';

/** There is no such request. */
export class RequestMissing extends Error {
  override readonly name = 'RequestMissing';
}

/** Another worker has the request now: what this one made of it does not count. */
export class RequestTaken extends Error {
  override readonly name = 'RequestTaken';
}

/** The request was stopped while it ran, by somebody who does not want it to come to anything: `code` says why. */
export class RequestStopped extends Error {
  override readonly name = 'RequestStopped';
  readonly code: string;

  constructor(id: string, code: string) {
    super(`request ${id} was stopped: ${code}`);
    this.code = code;
  }
}

export interface StateChange {
  /** "member:ID", "moderator:ID", "worker:ID", "bot" or "operator". */
  readonly actor: string;
  readonly now: Date;
  /** Why: a code of engine/errors.ts or a refusal. */
  readonly code?: string;
  readonly codeParameters?: JsonObject;
  /** Only from one of these states. */
  readonly from?: readonly RequestState[];
  /** Only while this worker has it. */
  readonly heldBy?: string;
  /** Not one that was stopped with a reason: RequestStopped is thrown. */
  readonly unlessStopped?: boolean;
  /** Further fields to set. */
  readonly set?: Omit<Prisma.RequestUncheckedUpdateManyInput, 'id' | 'state' | 'code' | 'codeParameters'>;
}

/**
 * Moves a request to another state and writes the event. Sets what goes with the state (queuedAt, startedAt and attempts,
 * finishedAt; a request that is handed back loses its worker). Throws IllegalTransition, RequestMissing, or RequestTaken
 * when `heldBy` is not the worker that has it.
 */
export async function changeStateIn(
  tx: Transaction,
  id: string,
  to: RequestState,
  change: StateChange,
): Promise<Request> {
  for (;;) {
    const { state, workerId, cancelAskedAt, code } = await readRequest(tx, id);
    if (!mayFollow(state, to) || change.from?.includes(state) === false) throw new IllegalTransition(id, state, to);
    if (change.heldBy !== undefined && workerId !== change.heldBy) throw new RequestTaken(id);
    const isStopped = cancelAskedAt !== null && code !== null;
    if (isStopped && change.unlessStopped === true) throw new RequestStopped(id, code);
    const [request] = await tx.request.updateManyAndReturn({
      where: { id, state, workerId, cancelAskedAt, code },
      data: {
        state: to,
        ...goesWith(state, to, change.now),
        ...(change.code === undefined ? {} : { code: change.code }),
        ...(change.codeParameters === undefined ? {} : { codeParameters: change.codeParameters }),
        ...change.set,
      },
    });
    if (request === undefined) continue; // changed by somebody else between the two: look again
    await tx.requestEvent.create({
      data: { requestId: id, from: state, to, at: change.now, actor: change.actor, code: change.code ?? null },
    });
    if (finalStates.includes(to)) await endQuestion(tx, request.consentId, change);
    return request;
  }
}

/** The request, or RequestMissing. */
export async function readRequest(tx: Database | Transaction, id: string): Promise<Request> {
  const request = await tx.request.findUnique({ where: { id } });
  if (request === null) throw new RequestMissing(id);
  return request;
}

function goesWith(from: RequestState, to: RequestState, now: Date): Prisma.RequestUncheckedUpdateManyInput {
  switch (to) {
    case 'waiting':
      return from === 'received' ? { queuedAt: now } : { workerId: null, dispatchedAt: null, startedAt: null };
    case 'running':
      return { startedAt: now, attempts: { increment: 1 } };
    case 'delivering':
      return from === 'running' ? { finishedAt: now } : {};
    case 'refused':
    case 'failed':
    case 'cancelled':
      return { finishedAt: now };
    case 'received':
    case 'asking':
    case 'held':
    case 'delivered':
    case 'kept':
    case 'removed':
      return {};
  }
}
