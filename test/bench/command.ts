/** Runs the built command line as a person would, and watches how long it takes and how much memory it holds. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface CommandRun {
  readonly stdout: string;
  readonly seconds: number;
  /** Most memory that the process and all its children held together, in bytes; pages they share count once. */
  readonly peakBytes: number;
}

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const sampleMs = 50;

function childrenOf(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  return children;
}

/** Proportional set size: resident pages, those shared with others divided among them. */
function residentBytes(process: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${process}/smaps_rollup`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function treeBytes(root: number): number {
  const children = childrenOf();
  const todo = [root];
  let bytes = 0;
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    bytes += residentBytes(next);
    todo.push(...(children.get(next) ?? []));
  }
  return bytes;
}

/** Runs `program args...`. Rejects when its status is not 0. Memory is sampled on Linux only, every 50 ms. */
export async function runCommand(program: string, args: readonly string[], measureMemory = false): Promise<CommandRun> {
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LUMIERE_LANG: 'en' },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  let peakBytes = 0;
  const sampling = setInterval(() => {
    if (measureMemory && child.pid !== undefined) peakBytes = Math.max(peakBytes, treeBytes(child.pid));
  }, sampleMs);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => {
    clearInterval(sampling);
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${status ?? 'a signal'}: ${Buffer.concat(stderr).toString().slice(-2000)}`,
    );
  }
  return { stdout: Buffer.concat(stdout).toString(), seconds, peakBytes };
}

/** Runs `lumiere words...`. */
export function runLumiere(words: readonly string[], measureMemory = false): Promise<CommandRun> {
  return runCommand(process.execPath, [cli, ...words], measureMemory);
}
