/**
 * Opens networks on the fastest execution provider that works and runs them off the main thread: one thread per provider,
 * which carries out the runs of all its sessions one after another. A network that its provider fails, at the start or in
 * the middle of a job, moves to the next one.
 */
import { access } from 'node:fs/promises';
import { LumiereError } from '../errors.ts';
import { DeviceFailure, type DeviceThread, startDeviceThread } from './device-thread.ts';
import { type DeviceIncident, openPooledSession, type PlacedSession } from './pooled-session.ts';
import { physicalCores } from './processor.ts';
import { findProviders, type ProviderOptions } from './providers.ts';
import type { DeviceSettings } from './session-protocol.ts';
import type { ExecutionProvider, ModelSource, SessionPool } from './session.ts';

export type { DeviceIncident } from './pooled-session.ts';

export interface SessionPoolOptions extends ProviderOptions {
  /** Threads that share one operator on the CPU; the physical cores when left out. */
  readonly threads?: number;
  readonly onIncident?: (incident: DeviceIncident) => void;
  /** How a device's thread is started: tests plant failures here. */
  readonly startDevice?: (settings: DeviceSettings) => DeviceThread;
}

async function needFile(source: ModelSource): Promise<void> {
  if (typeof source.model !== 'string') return;
  await access(source.model).catch((cause: unknown) => {
    throw new LumiereError('model.not-installed', { model: source.id }, { cause });
  });
}

/**
 * A pool whose threads start when the first network is opened. Close it to release threads and memory.
 *
 * `open` rejects with LumiereError `model.not-installed` when the file is absent, `model.malformed` when not even the CPU
 * can load it, `device.failed` when the last of the operator's providers cannot, and `device.unavailable` when none works.
 */
export function createSessionPool(options: SessionPoolOptions = {}): SessionPool {
  const threads = options.threads ?? physicalCores();
  const startDevice = options.startDevice ?? startDeviceThread;
  const providers = findProviders(options);
  const devices = new Map<ExecutionProvider, DeviceThread>();

  function device(provider: ExecutionProvider): DeviceThread {
    let thread = devices.get(provider);
    if (thread === undefined || thread.failure !== undefined) {
      thread = startDevice({ provider, threads });
      devices.set(provider, thread);
    }
    return thread;
  }

  async function place(source: ModelSource, failed: ReadonlySet<ExecutionProvider>): Promise<PlacedSession> {
    const memory = await providers.memory;
    const refused: string[] = [];
    const failures: { provider: ExecutionProvider; cause: DeviceFailure }[] = [];
    for (const provider of await providers.candidates()) {
      if (failed.has(provider)) continue;
      const reason = (await providers.trial(provider)).reason ?? memory.unfit(source.id, provider)?.reason;
      if (reason !== undefined) {
        refused.push(`${provider}: ${reason}`);
        continue;
      }
      const thread = device(provider);
      try {
        const opened = await thread.open(source);
        // Only now is it certain that the fault was the provider's and not the network's.
        for (const { provider: unfit, cause } of failures) {
          await memory.rememberUnfit(source.id, unfit, cause.message);
          options.onIncident?.({ model: source.id, provider: unfit, reason: cause.message, next: provider });
        }
        return { provider, thread, opened };
      } catch (error) {
        if (!(error instanceof DeviceFailure)) throw error;
        failures.push({ provider, cause: error });
      }
    }
    const last = failures.at(-1);
    if (last === undefined) throw new LumiereError('device.unavailable', { reason: refused.join('; ') });
    const { provider, cause } = last;
    if (provider === 'cpu' && devices.get('cpu')?.failure === undefined) {
      throw new LumiereError('model.malformed', { model: source.id, detail: cause.message }, { cause });
    }
    throw new LumiereError('device.failed', { provider, model: source.id, reason: cause.message }, { cause });
  }

  return {
    async open(source) {
      await needFile(source);
      return openPooledSession(source, place, options.onIncident);
    },
    async close() {
      const stopping = [...devices.values()].map((thread) => thread.stop());
      devices.clear();
      await Promise.all(stopping);
    },
  };
}
