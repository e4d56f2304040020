/** Which state of a request may follow which. Every change of state goes through `mayFollow`. */
import { RequestState } from './rows.ts';

const successors: Readonly<Record<RequestState, readonly RequestState[]>> = {
  received: ['asking', 'waiting', 'refused', 'failed', 'cancelled'],
  // received: answered, and taken in as far as it was
  asking: ['received', 'refused', 'failed', 'cancelled'],
  // failed: its input is gone, or it was tried too often and a worker was lost each time
  waiting: ['running', 'failed', 'cancelled'],
  // running: taken over from a worker that was lost; waiting: handed back by a worker that stops
  running: ['running', 'waiting', 'delivering', 'failed', 'cancelled'],
  delivering: ['delivered', 'kept', 'held', 'removed'],
  // delivering: released, and sent anew since its message is gone
  held: ['delivering', 'removed'],
  delivered: ['held', 'removed'],
  // delivered: fetched with /result
  kept: ['delivered', 'held', 'removed'],
  refused: [],
  failed: [],
  cancelled: [],
  removed: [],
};

export const requestStates = Object.values(RequestState);

/** Whether a request in state `from` (undefined: not yet written) may go to state `to`. */
export function mayFollow(from: RequestState | undefined, to: RequestState): boolean {
  return from === undefined ? to === 'received' : successors[from].includes(to);
}

/** States that nothing follows. */
export const finalStates: readonly RequestState[] = requestStates.filter((state) => successors[state].length === 0);

/** States of a request that still asks for work: it counts as running or waiting for its user. */
export const activeStates: readonly RequestState[] = ['received', 'asking', 'waiting', 'running'];

/** States of a request that has a result which somebody may see. */
export const shownStates: readonly RequestState[] = ['delivering', 'delivered', 'kept'];

export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition';
  readonly requestId: string;
  readonly from: RequestState;
  readonly to: RequestState;

  constructor(requestId: string, from: RequestState, to: RequestState) {
    super(`request ${requestId} is ${from} and cannot become ${to}`);
    this.requestId = requestId;
    this.from = from;
    this.to = to;
  }
}
