/**
 * Finds the longest time for which the event loop of this thread was blocked, and by what.
 *
 * A timer that comes late is not proof: on a busy machine the thread may merely have waited for a processor. Linux counts
 * that waiting (`/proc/thread-self/schedstat`), and it is taken off; what remains is time in which this thread computed,
 * or slept in a call that blocks. The garbage collector sleeps too, until its threads are done, which may be waiting for a
 * processor in turn: of its time, only the computing counts. Elsewhere than on Linux nothing is taken off, and a busy
 * machine may look like a fault.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';

export interface Blocking {
  /** Longest block, in milliseconds, waiting for a processor not counted. */
  readonly longestMs: number;
  /** Function calls under way in the middle of what the thread computed then, innermost first: `name (file:line)`. */
  readonly stack: readonly string[];
  /** Times the loop came round while it was watched; a watch that hardly saw any proves nothing. */
  readonly ticks: number;
}

const tickMs = 2;
/** Blocks shorter than this are not looked into. */
const shortMs = 4;

interface ThreadTimes {
  readonly clock: number;
  readonly computed: number;
  /** Time waiting for a processor. */
  readonly waited: number;
}

/** Clock and times of the calling thread, in milliseconds. */
function openThreadTimes(): { read: () => ThreadTimes; close: () => void } {
  const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const buffer = Buffer.alloc(64);
    return {
      read: () => {
        const [computed = 0, waited = 0] = buffer.toString('latin1', 0, readSync(file, buffer, 0, 64, 0)).split(' ');
        return { clock: clock(), computed: Number(computed) / 1e6, waited: Number(waited) / 1e6 };
      },
      close: () => {
        closeSync(file);
      },
    };
  } catch {
    return { read: () => ({ clock: clock(), computed: clock(), waited: 0 }), close: () => undefined };
  }
}

/**
 * What ran between two moments, innermost first: the middle one of its samples, of which there are none while a thread waits
 * for a processor. The profile counts in microseconds of the same monotonic clock.
 */
function stackBetween(profile: Profiler.Profile, from: number, to: number): string[] {
  let at = profile.startTime;
  const samples: (number | undefined)[] = [];
  for (const [index, delta] of (profile.timeDeltas ?? []).entries()) {
    at += delta;
    if (at > to * 1000) break;
    // The one before it began as well: it may have none of its own.
    if (at <= from * 1000) samples.length = 0;
    samples.push(profile.samples?.[index]);
  }
  const sample = samples[samples.length >> 1];
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const stack: string[] = [];
  for (let id = sample; id !== undefined; id = parents.get(id)) {
    const { functionName, url, lineNumber } = nodes.get(id)!.callFrame;
    if (functionName !== '(root)') {
      const file = url.split('/').slice(-2).join('/');
      stack.push(`${functionName || 'anonymous'}${file === '' ? '' : ` (${file}:${lineNumber + 1})`}`);
    }
  }
  return stack;
}

async function withProfile(work: () => Promise<void>): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  const post = (method: string, parameters = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      session.post(method, parameters, (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  try {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 1000 });
    await post('Profiler.start');
    await work();
    return ((await post('Profiler.stop')) as { profile: Profiler.Profile }).profile;
  } finally {
    session.disconnect();
  }
}

/** Watches the event loop of the calling thread while `work` goes on; blocks whose innermost calls match `except` are left out. */
export async function watchEventLoop(work: () => Promise<unknown>, except?: RegExp): Promise<Blocking> {
  let ticks = 0;
  const gaps: { from: number; to: number; computed: number; blocked: number }[] = [];
  const profile = await withProfile(async () => {
    const times = openThreadTimes();
    // The profiler's own start is over once the timer has come round.
    await new Promise((resolve) => setTimeout(resolve, 50));
    let last = times.read();
    const timer = setInterval(() => {
      const now = times.read();
      const blocked = now.clock - last.clock - (now.waited - last.waited) - tickMs;
      if (blocked > shortMs) {
        gaps.push({ from: last.clock, to: now.clock, computed: now.computed - last.computed, blocked });
      }
      last = now;
      ticks += 1;
    }, tickMs);
    try {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 2 * tickMs));
    } finally {
      clearInterval(timer);
      times.close();
    }
  });
  let worst: Blocking = { longestMs: 0, stack: [], ticks };
  for (const { from, to, computed, blocked } of gaps) {
    const stack = stackBetween(profile, from, to);
    if (except?.test(stack.slice(0, 3).join(' '))) continue;
    const longestMs = stack[0] === '(garbage collector)' ? Math.min(blocked, computed) : blocked;
    if (longestMs > worst.longestMs) worst = { longestMs, stack, ticks };
  }
  return worst;
}

/**
 * What a test lets work hold a thread, in milliseconds. Work in turns holds it for about 10; a whole picture or file at once
 * takes hundreds. Far from both, so that a busy machine decides no test: how long holds really are is for the benchmarks.
 */
export const mostBlockMs = 100;

/**
 * Longest block while `work` goes on, the smallest of up to `attempts` tries: what the code does, it does every time, while
 * a virtual machine that was stopped for a moment does not repeat itself. Ends with the first try within `limitMs`.
 */
export async function longestBlock(
  work: () => Promise<unknown>,
  { limitMs = mostBlockMs, attempts = 3, except }: { limitMs?: number; attempts?: number; except?: RegExp } = {},
): Promise<Blocking> {
  let best = await watchEventLoop(work, except);
  for (let attempt = 1; attempt < attempts && best.longestMs > limitMs; attempt += 1) {
    const next = await watchEventLoop(work, except);
    if (next.longestMs < best.longestMs) best = next;
  }
  return best;
}
