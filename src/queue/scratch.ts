/**
 * Folders for jobs at work. Each worker process has one of its own, named after its machine and process id, so that the
 * next worker can clear away what a killed one left.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';

import { isProcessAlive } from '../store/process-alive.ts';

export interface Scratch {
  /** An empty folder; `remove` takes it away with all it holds. */
  folder(): Promise<{ readonly path: string; remove(): Promise<void> }>;
  /** Removes everything. */
  close(): Promise<void>;
}

/** Those that this process made. */
const ours = new Set<string>();

const namePattern = /^(.+)\.(\d+)\.[A-Za-z0-9]{6}$/;

/** Makes this process's folder under `root`, and removes those of processes of this machine that are gone. */
export async function openScratch(root: string): Promise<Scratch> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const host = hostname();
  for (const name of await readdir(root)) {
    const [, where, pid] = namePattern.exec(name) ?? [];
    if (where === host && !ours.has(name) && !isAlive(Number(pid)))
      await rm(join(root, name), { recursive: true, force: true });
  }
  const own = await mkdtemp(join(root, `${host}.${process.pid}.`));
  ours.add(basename(own));
  return {
    folder: async () => {
      const path = await mkdtemp(join(own, 'job-'));
      return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
    },
    close: async () => {
      await rm(own, { recursive: true, force: true, maxRetries: 3 });
      ours.delete(basename(own));
    },
  };
}

/** A folder with this process's own number that it did not make is from before: containers use the same numbers again. */
const isAlive = (pid: number): boolean => pid !== process.pid && isProcessAlive(pid);
