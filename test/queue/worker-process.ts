/**
 * A worker in a process of its own, for tests that kill it: FOLDER REDIS MILLISECONDS. Each piece of work takes so long, or
 * until there is a file FOLDER/told when that is `until told`, and leaves a line `begin ID` in FOLDER/work.log.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startWorker } from '../../src/queue/worker.ts';
import { openDatabase } from '../../src/store/database.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import { madeFileMac } from '../store/fixtures.ts';
import { log, quick, stubWork } from './world.ts';

const [folder, redis, workMs] = process.argv.slice(2) as [string, string, string];
const { db } = await openDatabase({ url: `file:${join(folder, 'lumiere.db')}` });
const told = async (signal: AbortSignal): Promise<void> => {
  while (!existsSync(join(folder, 'told'))) await sleep(20, undefined, { signal });
};
const work = stubWork(workMs === 'until told' ? told : Number(workMs), (id) => {
  appendFileSync(join(folder, 'work.log'), `begin ${id}\n`);
});
const none = (): Promise<never> => Promise.reject(new Error('not here'));
const worker = await startWorker({
  db,
  media: localMediaStore({ folder: join(folder, 'media') }),
  redis,
  processors: { restore: work, animate: none, look: none, refit: none, compare: none, picture: none, verify: none },
  madeFileMac,
  scratchFolder: join(folder, 'scratch'),
  device: 'a process of its own',
  version: '0',
  retentionHours: 72,
  timing: quick,
  log,
});
process.on('SIGTERM', () => {
  void worker.close(3000).then(() => process.exit(0));
});
process.send?.('ready');
