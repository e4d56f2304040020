/** `lumiere verify` where there is no bot, and beside one of another version: it reads and leaves nothing behind. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { examineDatabase } from '../../src/store/examine.ts';
import { applyMigrations, readMigrations } from '../../src/store/migrations.ts';
import { migrateSqlite } from '../../src/store/sqlite.ts';
import { h264, makeClip, picture, scratchFolder } from '../clips.ts';
import { start } from '../store/fixtures.ts';
import { runCli } from './run-cli.ts';

it('makes no keys and no tables, and says what it could not look at', async () => {
  const folder = await scratchFolder();
  const databaseUrl = `file:${join(folder.path, 'lumiere.db')}`;
  const env = { LUMIERE_DATA_DIR: folder.path, DATABASE_URL: databaseUrl };
  try {
    const clip = await makeClip('mp4', [...picture('testsrc2=size=64x64:rate=5:duration=0.4'), ...h264]);
    const { status, stdout } = await runCli(['verify', clip], env);
    expect(status).toBe(9);
    expect(stdout).toContain('no usage log of this version');
    expect(stdout).toContain(`no key of an installation in ${join(folder.path, 'keys')}`);
    expect(await readdir(folder.path)).toEqual([]);

    const older = (await readMigrations('sqlite')).slice(0, -1);
    const connection = migrateSqlite(databaseUrl);
    await applyMigrations(connection, older, start);
    connection.close();
    const told = await runCli(['verify', clip, '--json'], env);
    expect(JSON.parse(told.stdout)).toMatchObject({ logRead: false, logProblem: 'audit.no-log' });
    expect(await examineDatabase(databaseUrl)).toEqual({ kind: 'there', missing: 1 });
  } finally {
    await folder.remove();
  }
});
