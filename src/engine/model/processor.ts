/**
 * How many threads a network should get: one per physical core, because a second hyper-thread on a core that is busy with
 * matrix products adds contention and no speed.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, platform } from 'node:os';

/** `0,4` and `0-1` both name the same core's two hyper-threads; the first number stands for the core. */
function physicalCoresOnLinux(): number | undefined {
  try {
    const online = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor\s*:\s*\d+$/gm) ?? [];
    const cores = new Set(
      online.map((line) => {
        const cpu = line.replace(/\D/g, '');
        return readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, 'utf8').trim();
      }),
    );
    return cores.size === 0 ? undefined : cores.size;
  } catch {
    // A container may hide /sys: the limit below still holds.
    return undefined;
  }
}

/**
 * Physical cores this process may use, at least 1. Never more than the operating system or the container allows. Where
 * the system does not tell cores from hyper-threads (Windows), every hyper-thread counts.
 */
export function physicalCores(): number {
  const allowed = availableParallelism();
  return Math.max(1, Math.min(allowed, (platform() === 'linux' ? physicalCoresOnLinux() : undefined) ?? allowed));
}
