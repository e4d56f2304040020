/** `lumiere verify` where there is no bot, and beside one of another version: it reads and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { fileSha256 } from '../../src/engine/file-hash.ts';
import { openIdentity } from '../../src/engine/provenance/identity.ts';
import { openDatabase } from '../../src/store/database.ts';
import { examineDatabase } from '../../src/store/examine.ts';
import { openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { applyMigrations, readMigrations } from '../../src/store/migrations.ts';
import { migrateSqlite } from '../../src/store/sqlite.ts';
import { h264, makeClip, picture, scratchFolder } from '../clips.ts';
import { finished, finishedRequest, start } from '../store/fixtures.ts';
import { runCli } from './run-cli.ts';

it('makes no keys and no tables, and says what it could not look at', async () => {
  const folder = await scratchFolder();
  const databaseUrl = `file:${join(folder.path, 'lumiere.db')}`;
  const env = { LUMIERE_DATA_DIR: folder.path, DATABASE_URL: databaseUrl };
  try {
    const clip = await makeClip('mp4', [...picture('testsrc2=size=64x64:rate=5:duration=0.4'), ...h264]);
    const { status, stdout } = await runCli(['verify', clip], env);
    expect(status).toBe(9);
    expect(stdout).toMatch(/^It cannot be said for certain/);
    expect(stdout.match(/log.*$/gm)).toEqual([expect.stringMatching(/^log here/)]);
    expect(stdout).toContain(`no key of the watermark at ${join(folder.path, 'keys', 'watermark.key')}`);
    expect(stdout).not.toContain('Try again');
    const data = await runCli(['verify', clip, '--json'], env);
    expect(JSON.parse(data.stdout)).toMatchObject({
      madeHere: null,
      unread: ['watermark'],
      watermarkProblem: 'provenance.no-key',
      logProblem: 'audit.no-log',
    });
    expect(await readdir(folder.path)).toEqual([]);

    const older = (await readMigrations('sqlite')).slice(0, -1);
    const connection = migrateSqlite(databaseUrl);
    await applyMigrations(connection, older, start);
    connection.close();
    const told = await runCli(['verify', clip, '--json'], env);
    expect(JSON.parse(told.stdout)).toMatchObject({ logRead: false, logProblem: 'audit.old-log' });
    expect(await examineDatabase(databaseUrl)).toEqual({ kind: 'there', missing: 1 });
  } finally {
    await folder.remove();
  }
});

it('refuses what is no file: a folder, a pipe and a device without an end; and what is not there', async () => {
  const folder = await scratchFolder();
  try {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const told = (path: string) => runCli(['verify', path]).then(({ status, stderr }) => [status, stderr]);
    for (const path of [folder.path, pipe, '/dev/zero']) {
      expect(await told(path)).toEqual([3, expect.stringContaining(`${path} cannot be read`)]);
    }
    for (const path of [join(folder.path, 'none'), join(pipe, 'none')]) {
      expect(await told(path)).toEqual([3, expect.stringContaining('[input.not-found]')]);
    }
  } finally {
    await folder.remove();
  }
});

it('says why no pictures were looked at, and names the request and the number of the mark', async () => {
  const folder = await scratchFolder();
  const env = { LUMIERE_DATA_DIR: folder.path, DATABASE_URL: `file:${join(folder.path, 'lumiere.db')}` };
  try {
    const { watermarkKey } = await openIdentity(join(folder.path, 'keys'));
    const words = join(folder.path, 'words.txt');
    await writeFile(words, 'no pictures');
    const { stdout, status } = await runCli(['verify', words], env);
    expect([status, stdout]).toEqual([9, expect.stringContaining('No pictures could be read from it')]);
    expect(stdout).not.toContain('200 lines');

    const { db, close } = await openDatabase({ url: env.DATABASE_URL });
    const file = { sha256: await fileSha256(words), bytes: 11, mediaType: 'video/mp4' };
    const madeFileMac = openMadeFileMac(watermarkKey);
    const { id } = await finishedRequest(db, finished({ file, perceptualHashes: [], madeFileMac }));
    const found = await runCli(['verify', words], env);
    expect([found.status, found.stdout]).toEqual([0, expect.stringContaining(`request ${id}`)]);
    expect(found.stdout).not.toContain('believed');

    await db.madeFile.updateMany({ data: { madeAt: new Date(0) } });
    await close();
    const distrusted = await runCli(['verify', words, '--json'], env);
    expect([distrusted.status, JSON.parse(distrusted.stdout)]).toEqual([
      9,
      expect.objectContaining({ madeHere: false, evidence: [], distrusted: true }),
    ]);
    expect((await runCli(['verify', words], env)).stdout).toContain('is of an earlier version or of another key, or');
    await rm(join(folder.path, 'keys'), { recursive: true });
    const { stdout: keyless } = await runCli(['verify', words], env);
    expect(keyless).toContain('without the key it cannot be checked');
  } finally {
    await folder.remove();
  }
});
