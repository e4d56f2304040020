/** One session of the pool: it outlives the failure of its provider by moving to the next one, and says so. */
import { LumiereError } from '../errors.ts';
import { DeviceFailure, type DeviceThread, type OpenedSession, type RunResult } from './device-thread.ts';
import type { ExecutionProvider, ModelSource, RunOptions, Session, TensorDescription, Tensors } from './session.ts';

/** A provider failed a network. Without `next` nothing was left to move to, and whoever waited for an answer got the error. */
export interface DeviceIncident {
  readonly model: string;
  readonly provider: ExecutionProvider;
  readonly reason: string;
  readonly next?: ExecutionProvider;
}

/** A network open on a provider. */
export interface PlacedSession {
  readonly provider: ExecutionProvider;
  readonly thread: DeviceThread;
  readonly opened: OpenedSession;
}

/** What ONNX Runtime (1.30) says of inputs that do not fit the network: the caller's mistake, on any provider. */
const wrongInputs = /^(Invalid rank for input|Got invalid dimensions for input|Unexpected input data type)/;

function checkFeeds(source: ModelSource, inputs: readonly TensorDescription[], feeds: Tensors): void {
  const expected = inputs.map(({ name }) => name);
  const given = Object.keys(feeds);
  if (expected.length !== given.length || !expected.every((name) => name in feeds)) {
    throw new TypeError(`expected inputs ${expected.join(', ')} of ${source.id} but received ${given.join(', ')}`);
  }
  for (const [name, { dims, data }] of Object.entries(feeds)) {
    if (dims.reduce((product, side) => product * side, 1) !== data.length) {
      throw new TypeError(`expected input ${name} to hold ${dims.join('x')} values but received ${data.length}`);
    }
  }
}

/** Rejects as soon as the signal is aborted, whatever becomes of `work`. */
async function unlessAborted<Result>(signal: AbortSignal | undefined, work: Promise<Result>): Promise<Result> {
  if (signal === undefined) return work;
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      reject(new LumiereError('job.cancelled'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => {
      signal.removeEventListener('abort', onAbort);
    };
  });
  return Promise.race([work, aborted]).finally(stopListening);
}

/**
 * Opens `source` where `place` puts it. A run that fails there is run again on the next provider, a provider that failed
 * being left for good; with none to move to, the run rejects with LumiereError `device.failed`.
 */
export async function openPooledSession(
  source: ModelSource,
  place: (source: ModelSource, failed: ReadonlySet<ExecutionProvider>) => Promise<PlacedSession>,
  onIncident: ((incident: DeviceIncident) => void) | undefined,
): Promise<Session> {
  const failed = new Set<ExecutionProvider>();
  const running = new Set<Promise<unknown>>();
  let current = await place(source, failed);
  /** The move under way, which failed runs wait for, and what new runs wait for: one turn longer, to keep their place. */
  let moving: Promise<void> | undefined;
  let ready: Promise<void> = Promise.resolve();
  /** Inputs are copied one run after another, since a large copy takes several turns and must not be overtaken. */
  let copying: Promise<unknown> = Promise.resolve();
  let modelMs = 0;

  async function moveOn(from: PlacedSession, reason: string): Promise<void> {
    await Promise.allSettled(running);
    failed.add(from.provider);
    const incident = { model: source.id, provider: from.provider, reason };
    try {
      current = await place(source, failed);
    } catch (cause) {
      // Nothing to move to: it stays, for a smaller picture may pass where this one did not.
      failed.delete(from.provider);
      onIncident?.(incident);
      throw new LumiereError('device.failed', incident, { cause });
    }
    onIncident?.({ ...incident, next: current.provider });
    // A session that failed may be beyond closing; it then ends with the pool.
    await from.thread.closeSession(from.opened.id).catch(() => undefined);
  }

  function start(on: PlacedSession, feeds: Tensors, { signal, outputs }: RunOptions): Promise<RunResult> {
    const copied = copying.then(() => on.thread.copy(feeds));
    copying = copied.catch(() => undefined);
    const result = copied.then((copies) => on.thread.run(on.opened.id, copies, outputs, signal));
    running.add(result);
    const forget = (): void => void running.delete(result);
    result.then(forget, forget);
    return result;
  }

  async function carryOut(feeds: Tensors, options: RunOptions): Promise<Tensors> {
    await ready;
    for (;;) {
      const on = current;
      try {
        const result = await start(on, feeds, options);
        modelMs += result.modelMs;
        return result.outputs;
      } catch (error) {
        if (!(error instanceof DeviceFailure)) throw error;
        if (wrongInputs.test(error.message)) throw new TypeError(error.message, { cause: error });
        if (on !== current) continue;
        moving ??= moveOn(on, error.message).finally(() => {
          moving = undefined;
        });
        const moved = moving;
        ready = moved.catch(() => undefined);
        await moved;
      }
    }
  }

  return {
    get provider() {
      return current.provider;
    },
    inputs: current.opened.signature.inputs.map(({ name }) => name),
    outputs: current.opened.signature.outputs.map(({ name }) => name),
    signature: current.opened.signature,
    get modelMs() {
      return modelMs;
    },
    async run(feeds, options = {}) {
      if (options.signal?.aborted === true) throw new LumiereError('job.cancelled');
      checkFeeds(source, current.opened.signature.inputs, feeds);
      return unlessAborted(options.signal, carryOut(feeds, options));
    },
    close: () => current.thread.closeSession(current.opened.id),
  };
}
