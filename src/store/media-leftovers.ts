/**
 * Names of files that only pass through the media store, half-written ones and those in use, and which of them nobody needs:
 * a decrypted file must not lie about because the process that opened it was killed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { isProcessAlive } from './process-alive.ts';

/** Tells this process from another that had its number before, as in a container that was started again. */
const run = randomBytes(4).toString('hex');

/** When, where and by whom it was made; `now` in milliseconds since 1970. */
export function passingName(now: number): string {
  return `${now}-${process.pid}.${run}-${Buffer.from(hostname()).toString('hex')}-${randomUUID()}`;
}

/** Whether it is older than `before`, or of a process of this machine that is gone. */
export function isLeftover(name: string, before: Date): boolean {
  if (Number.parseInt(name, 10) < before.getTime()) return true;
  const [, pid, ofRun, host = ''] = /^\d+-(\d+)\.([0-9a-f]{8})-([0-9a-f]*)-/.exec(name) ?? [];
  if (pid === undefined || Buffer.from(host, 'hex').toString() !== hostname()) return false;
  return Number(pid) === process.pid ? ofRun !== run : !isProcessAlive(Number(pid));
}
