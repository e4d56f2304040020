/** Folders for jobs: what a killed worker left is cleared away, what a living one has is not. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { openScratch } from '../../src/queue/scratch.ts';
import { scratchFolder } from '../clips.ts';

it('removes the folders of processes of this machine that are gone, and no others', async () => {
  const root = await scratchFolder();
  try {
    const dead = join(root.path, `${hostname()}.4194305.abcdef`); // above the highest number Linux gives
    const living = join(root.path, `${hostname()}.${process.ppid}.abcdef`);
    const elsewhere = join(root.path, 'another-machine.4194305.abcdef');
    const before = join(root.path, `${hostname()}.${process.pid}.abcdef`);
    for (const folder of [dead, living, elsewhere, before]) {
      await mkdir(folder);
      await writeFile(join(folder, 'picture'), 'x');
    }
    const first = await openScratch(root.path);
    const second = await openScratch(root.path);
    expect([dead, living, elsewhere, before].map((path) => existsSync(path))).toEqual([false, true, true, false]);
    const job = await first.folder();
    await writeFile(join(job.path, 'frame'), 'x');
    await job.remove();
    expect(existsSync(job.path)).toBe(false);
    await second.folder();
    await second.close();
    await first.close();
    expect((await readdir(root.path)).sort()).toEqual(
      ['another-machine.4194305.abcdef', `${hostname()}.${process.ppid}.abcdef`].sort(),
    );
  } finally {
    await root.remove();
  }
});
