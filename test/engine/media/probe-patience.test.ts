/** A probe whose program never answers, which is one of the test's own: a true one may be done before any time is up. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

import { probe } from '../../../src/engine/media/probe.ts';
import { scratchFolder, soundClip } from '../../clips.ts';
import { processesNaming } from '../../processes.ts';

it.runIf(process.platform !== 'win32')('is given up after its time, and its program is ended', async () => {
  const folder = await scratchFolder();
  const silent = join(folder.path, 'ffprobe');
  await writeFile(silent, '#!/bin/sh\nwhile :; do sleep 1; done\n', { mode: 0o755 });
  vi.stubEnv('FFPROBE_PATH', silent);
  try {
    const given = probe(await soundClip(), { limits: { probeMs: 200 } });
    await expect(given).rejects.toMatchObject({ code: 'input.timeout' });
    expect(processesNaming(silent)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await folder.remove();
  }
});
