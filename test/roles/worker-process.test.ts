/** The worker beside the bot: started again when it dies and when it could not be started, and ended with the bot. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { startWorkerProcess } from '../../src/roles/worker-process.ts';
import { scratchFolder } from '../clips.ts';
import { processesNaming } from '../processes.ts';

let folder: Awaited<ReturnType<typeof scratchFolder>>;
let entry: string;
let lines: Record<string, unknown>[];
const log = () => pino({}, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
const node = process.execPath;

beforeEach(async () => {
  lines = [];
  folder = await scratchFolder();
  entry = join(folder.path, 'worker.mjs');
  await writeFile(entry, "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);");
});
afterEach(async () => {
  process.execPath = node;
  for (const { pid } of processesNaming(folder.path)) process.kill(pid, 'SIGKILL');
  await folder.remove();
});

const running = () => processesNaming(entry);
const failures = () => lines.filter(({ msg }) => msg === 'the worker process ended');

it('comes back when it was killed, in a group of its own, and ends when it is closed', async () => {
  const worker = startWorkerProcess(entry, log());
  await expect.poll(running).toHaveLength(1);
  const [first] = running();
  // A signal to its group, which a terminal would send to ours: that there is one says that it is another.
  process.kill(-first!.pid, 'SIGKILL');
  await expect.poll(() => running().filter(({ pid }) => pid !== first!.pid)).toHaveLength(1);
  await worker.close();
  expect(running()).toEqual([]);
  expect(failures()).toHaveLength(1);
});

it('is tried again when it could not be started, and nothing is waited for then', async () => {
  process.execPath = join(folder.path, 'no-such-program');
  const worker = startWorkerProcess(entry, log());
  // Or more: it is tried again and again.
  await expect.poll(() => failures().length).toBeGreaterThan(0);
  process.execPath = node;
  await expect.poll(running).toHaveLength(1);
  await worker.close();
  expect(running()).toEqual([]);
});

it('that could not be started is closed at once', async () => {
  process.execPath = join(folder.path, 'no-such-program');
  const worker = startWorkerProcess(entry, log());
  await worker.close();
  // What could not be started says so before this turn of the event loop is over.
  await new Promise(setImmediate);
  expect(failures()).toEqual([]);
});
