/** What this machine can run networks on, as data, for `lumiere doctor` and for the plan. */
import { arch, cpus, freemem, platform, totalmem } from 'node:os';
import { physicalCores } from './processor.ts';
import { findProviders, type ProviderOptions, runtimeVersion } from './providers.ts';
import type { ExecutionProvider } from './session.ts';

export interface ProviderReport {
  readonly name: ExecutionProvider;
  readonly works: boolean;
  /** Why it does not work, in the runtime's own words. */
  readonly reason?: string;
  /** When it was tried, as an ISO date; what was remembered from an earlier start keeps its date. */
  readonly triedAt: string;
}

export interface DeviceReport {
  /** Version of onnxruntime-node. */
  readonly runtime: string;
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly processor: string;
  /** Physical cores that this process may use. */
  readonly cores: number;
  /** Threads that a network gets on the CPU. */
  readonly threads: number;
  /** Bytes, within the limit of the container where there is one. */
  readonly memory: number;
  readonly freeMemory: number;
  /** In the order they are tried: fastest first. */
  readonly providers: readonly ProviderReport[];
  /** The first that works; undefined when the operator's list leaves none. */
  readonly chosen: ExecutionProvider | undefined;
}

export interface DescribeOptions extends ProviderOptions {
  readonly threads?: number;
}

function memoryLimit(): number {
  const limit = process.constrainedMemory();
  // 0 or an absurd number stands for no limit.
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/**
 * Tries every provider, or recalls what an earlier start found (`afresh` tries again). Takes half a second for each that
 * has to be tried, and writes the memory file when there is one.
 */
export async function describeDevice(options: DescribeOptions = {}): Promise<DeviceReport> {
  const found = findProviders(options);
  const providers: ProviderReport[] = [];
  for (const name of await found.candidates()) {
    const { at, reason } = await found.trial(name);
    const report = { name, works: reason === undefined, triedAt: new Date(at).toISOString() };
    providers.push(reason === undefined ? report : { ...report, reason });
  }
  const cores = physicalCores();
  return {
    runtime: runtimeVersion(),
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    threads: options.threads ?? cores,
    memory: memoryLimit(),
    freeMemory: Math.min(freemem(), memoryLimit()),
    providers,
    chosen: providers.find(({ works }) => works)?.name,
  };
}
