/** What the bot and a worker say of a setting that keeps them from starting, before they have begun anything. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { readConfig } from '../../src/config.ts';
import { createTranslate } from '../../src/locale.ts';
import { runBot } from '../../src/roles/bot.ts';
import { startFault } from '../../src/roles/start-fault.ts';
import { runWorker } from '../../src/roles/worker.ts';
import { scratchFolder } from '../clips.ts';

const t = createTranslate('en');
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch.remove());

it('names a data folder that cannot be written, and how to choose another', async () => {
  const file = join(scratch.path, 'data');
  await writeFile(file, '');
  const config = readConfig({ LUMIERE_DATA_DIR: file, LUMIERE_MODELS_DIR: scratch.path, LUMIERE_LOG_LEVEL: 'silent' });
  const stop = new AbortController();
  for (const start of [
    () => runBot(config, { token: 'none', stop }),
    () => runWorker(config, { stop: stop.signal, isForked: false }),
  ]) {
    const fault = startFault(await start().catch((error: unknown) => error), t);
    expect(fault.sentence).toContain(`${file} is not a folder that this user may write.`);
    expect(fault.sentence).toContain('LUMIERE_DATA_DIR');
    expect(fault.status).toBe(4);
  }
  expect(await readdir(scratch.path)).toEqual(['data']);
});

it('says that the disk is full', () => {
  const full = Object.assign(new Error('no space left on device, mkdir'), { code: 'ENOSPC', path: '/data/redis' });
  expect(startFault(full, t)).toEqual({ sentence: t('errors.output.disk-full'), status: 4 });
});
