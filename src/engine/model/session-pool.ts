/**
 * Opens networks on the fastest execution provider that works and runs them off the main thread: one thread per provider,
 * which carries out the runs of all its sessions one after another.
 */
import { LumiereError } from '../errors.ts';
import { type DeviceThread, DeviceFailure, startDeviceThread } from './device-thread.ts';
import { physicalCores } from './processor.ts';
import type { ExecutionProvider, ModelSource, RunOptions, Session, SessionPool, Tensors } from './session.ts';

export interface SessionPoolOptions {
  /** Threads that share one operator on the CPU; the physical cores when left out. */
  readonly threads?: number;
}

function checkFeeds(source: ModelSource, expected: readonly string[], feeds: Tensors): void {
  const given = Object.keys(feeds);
  const wrong = [...expected.filter((name) => !(name in feeds)), ...given.filter((name) => !expected.includes(name))];
  if (wrong.length > 0) {
    throw new TypeError(`expected inputs ${expected.join(', ')} of ${source.id} but received ${given.join(', ')}`);
  }
  for (const [name, { dims, data }] of Object.entries(feeds)) {
    if (dims.reduce((product, side) => product * side, 1) !== data.length) {
      throw new TypeError(`expected input ${name} to hold ${dims.join('x')} values but received ${data.length}`);
    }
  }
}

/** A pool whose threads start when the first network is opened. Close it to release threads and memory. */
export function createSessionPool(options: SessionPoolOptions = {}): SessionPool {
  const threads = options.threads ?? physicalCores();
  const devices = new Map<ExecutionProvider, DeviceThread>();

  function device(provider: ExecutionProvider): DeviceThread {
    let thread = devices.get(provider);
    if (thread === undefined || thread.failure !== undefined) {
      thread = startDeviceThread({ provider, threads });
      devices.set(provider, thread);
    }
    return thread;
  }

  function failed(source: ModelSource, provider: ExecutionProvider, cause: DeviceFailure): LumiereError {
    return new LumiereError('device.failed', { provider, model: source.id, reason: cause.message }, { cause });
  }

  async function open(source: ModelSource): Promise<Session> {
    const provider: ExecutionProvider = 'cpu';
    const thread = device(provider);
    const opened = await thread.open(source).catch((error: unknown) => {
      throw error instanceof DeviceFailure ? failed(source, provider, error) : error;
    });
    let modelMs = 0;

    async function run(feeds: Tensors, { signal, outputs }: RunOptions = {}): Promise<Tensors> {
      const cancelled = (): boolean => signal?.aborted ?? false;
      if (cancelled()) throw new LumiereError('job.cancelled');
      checkFeeds(source, opened.inputs, feeds);
      try {
        const copies = await thread.copy(feeds);
        const result = await thread.run(opened.id, copies, outputs, signal);
        modelMs += result.modelMs;
        return result.outputs;
      } catch (error) {
        if (cancelled()) throw new LumiereError('job.cancelled', {}, { cause: error });
        throw error instanceof DeviceFailure ? failed(source, provider, error) : error;
      }
    }

    return {
      provider,
      inputs: opened.inputs,
      outputs: opened.outputs,
      get modelMs() {
        return modelMs;
      },
      run,
      close: () => thread.closeSession(opened.id),
    };
  }

  return {
    open,
    async close() {
      await Promise.all([...devices.values()].map((thread) => thread.stop()));
      devices.clear();
    },
  };
}
