/** `lumiere audit` as an operator sees it: intact, altered, and where there is nothing to read. */
import { execFile } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { openInstallationKey } from '../../src/engine/provenance/installation-key.ts';
import { inTransaction, openDatabase } from '../../src/store/database.ts';
import { sealLog } from '../../src/store/log-chain.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { type MadeFileMac, openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { recordMadeFile } from '../../src/store/made-files.ts';
import { programWords } from '../built.ts';
import { scratchFolder } from '../clips.ts';
import { after, finishedRequest, madeFileMac, newSha256, start } from '../store/fixtures.ts';
import { runCli } from './run-cli.ts';

it('says whether the log is as the bot wrote it, where it is not, and with which status', async () => {
  const folder = await scratchFolder();
  const env = { LUMIERE_DATA_DIR: folder.path, DATABASE_URL: `file:${join(folder.path, 'lumiere.db')}` };
  const audit = (...words: string[]) => runCli(['audit', ...words], env);
  try {
    expect(await audit()).toMatchObject({ status: 7, stderr: expect.stringContaining('[audit.no-log]') as string });
    const { db, close } = await openDatabase({ url: env.DATABASE_URL });
    expect(await audit()).toMatchObject({ status: 7, stderr: expect.stringContaining('[audit.no-key]') as string });
    const key = await openInstallationKey(join(folder.path, 'keys'), 'log');
    await startLog(db, key, { isNewKey: true });
    const { id } = await finishedRequest(db);
    const waiting = await audit();
    expect(waiting).toMatchObject({ status: 0, stderr: expect.not.stringContaining('[') as string });
    expect(waiting.stdout).toContain(`has waited since ${start.toISOString()}, and nothing vouches for it.`);
    expect(waiting.stdout).not.toContain('The log is as the bot wrote it.');
    await sealLog(db, key, { now: start, limit: 100 });
    const intact = await audit();
    expect(intact.status).toBe(0);
    const [, head = ''] = /^Head: (4:[0-9a-f]{64})$/m.exec(intact.stdout) ?? [];
    expect(intact.stdout).toContain('Read: 4 entries; removed by retention or on request: 0; not sealed yet: 0.');
    expect(intact.stdout).toContain('The log is as the bot wrote it.');
    const filesKey = join(folder.path, 'keys', 'watermark.key');
    expect(intact.stdout).toContain(`The list of made files (1 row) cannot be checked: there is no ${filesKey}.`);
    const [file] = await db.madeFile.findMany();
    // The key of the tests' rows.
    await writeFile(filesKey, `${'0'.repeat(64)}\n`);
    expect(await audit()).toMatchObject({ status: 0, stdout: expect.stringContaining('files: 1 row read.') as string });
    const where = { sha256_requestId: { sha256: file!.sha256, requestId: id } };
    await db.madeFile.update({ where, data: { madeAt: after(1) } });
    const forged = await audit();
    expect(forged.status).toBe(8);
    expect(forged.stdout).toContain(`No answer believes it. File ${file!.sha256} (${id})`);
    expect(forged.stdout).toContain('Rows of it that the bot did not write so: 1.');
    expect(forged.stdout).toContain('What is sealed is as the bot wrote it.');
    expect(forged.stdout).not.toContain('The log was changed');
    await db.madeFile.update({ where, data: { madeAt: file!.madeAt } });
    expect((await audit('--head', head)).status).toBe(0);
    expect(await audit('--head', head.replace('4:', '5:'))).toMatchObject({ status: 8 });
    expect(await audit('--head', 'nonsense')).toMatchObject({ status: 2 });

    await db.request.update({ where: { id }, data: { requesterId: 'somebody' } });
    const altered = await audit();
    expect(altered.status).toBe(8);
    expect(altered.stdout).toContain(
      `[no] Row 1 of RequestEvent, or what belongs to it, was altered: requester. Entry 1 says otherwise. (${id})`,
    );
    expect(altered.stdout).toContain('The log was changed by somebody else. Faults: 1.');
    const { stdout, status } = await audit('--json');
    expect(status).toBe(8);
    expect(JSON.parse(stdout)).toMatchObject({ intact: false, faults: [{ kind: 'row-altered', seq: 1, subject: id }] });

    await close();
    const path = join(folder.path, 'keys', 'log.key');
    await writeFile(path, `${'0'.repeat(64)}\n`);
    const other = await audit();
    expect(other.status).toBe(9);
    expect(other.stdout).toContain('[no] Entries 1 to 4 of the log were not sealed with this log.key:');
    expect(other.stdout).toContain('The log cannot be checked with this key.');
    expect(other.stdout).not.toContain('somebody else');
    await rm(join(folder.path, 'keys'), { recursive: true });
    expect(await audit()).toMatchObject({ status: 7, stderr: expect.stringContaining('from a backup') as string });
  } finally {
    await folder.remove();
  }
});

it('accuses nobody where an update left rows or keys were lost, before and after something more was made', async () => {
  const folder = await scratchFolder();
  const env = { LUMIERE_DATA_DIR: folder.path, DATABASE_URL: `file:${join(folder.path, 'lumiere.db')}` };
  const { db, close } = await openDatabase({ url: env.DATABASE_URL });
  const keyPath = (name: string): string => join(folder.path, 'keys', `${name}.key`);
  const make = (mac: MadeFileMac, requestId: string): Promise<void> =>
    inTransaction(db, (tx) =>
      recordMadeFile(tx, mac, { requestId, sha256: newSha256(), perceptualHashes: [], now: after(3) }),
    );
  const audited = async (): Promise<readonly [status: number | null, marked: readonly string[], last: string]> => {
    const { status, stdout } = await runCli(['audit'], env);
    const lines = stdout.trimEnd().split('\n');
    return [status, lines.filter((line) => line.startsWith('[')), lines.at(-1)!];
  };
  const intact = 'What is sealed is as the bot wrote it.';
  const without = expect.stringMatching(/^\[--\] 2 rows of the list .* no code that names its key/) as string;
  try {
    const key = await openInstallationKey(join(folder.path, 'keys'), 'log');
    await startLog(db, key, { isNewKey: true });
    const { id } = await finishedRequest(db);
    await finishedRequest(db);
    await db.madeFile.updateMany({ data: { mac: null } });
    await sealLog(db, key, { now: start, limit: 100 });
    await writeFile(keyPath('watermark'), `${'0'.repeat(64)}\n`);
    expect(await audited()).toEqual([0, [without], intact]);
    await make(madeFileMac, id);
    expect(await audited()).toEqual([0, [without], intact]);

    await writeFile(keyPath('watermark'), `${'1'.repeat(64)}\n`);
    const another = expect.stringMatching(
      new RegExp(`^\\[--\\] 1 row .* under another watermark.key \\(${madeFileMac.keyId}\\)`),
    ) as string;
    expect(await audited()).toEqual([0, [without, another], intact]);
    await make(openMadeFileMac(new Uint8Array(32).fill(0x11)), id);
    expect(await audited()).toEqual([0, [without, another], intact]);

    await writeFile(keyPath('log'), `${'1'.repeat(64)}\n`);
    const chain = expect.stringMatching(/^\[no\] Entries 1 to 8 .* not sealed with this log.key/) as string;
    const last = 'The log cannot be checked with this key. What was sealed with it is as the bot wrote it.';
    expect(await audited()).toEqual([9, [chain, without, another], last]);

    await db.madeFile.updateMany({ where: { mac: { not: null } }, data: { madeAt: after(4) } });
    const altered = expect.stringMatching(/^\[no\] .* that the bot did not write/) as string;
    expect(await audited()).toEqual([8, [chain, without, another, altered], last]);
  } finally {
    await close();
    await folder.remove();
  }
});

it('says what to do about a log that may only be read', async () => {
  const folder = await scratchFolder();
  const path = join(folder.path, 'lumiere.db');
  const env = { ...process.env, LUMIERE_LANG: 'en', LUMIERE_DATA_DIR: folder.path, DATABASE_URL: `file:${path}` };
  try {
    await openInstallationKey(join(folder.path, 'keys'), 'log');
    await (await openDatabase({ url: env.DATABASE_URL })).close();
    for (const [file, mode] of [
      ['', 0o555],
      ['keys', 0o555],
      ['keys/log.key', 0o444],
      ['lumiere.db', 0o444],
    ] as const) {
      await chmod(join(folder.path, file), mode);
    }
    // Nothing is closed to root.
    const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const run = promisify(execFile)(process.execPath, [...programWords('cli.ts'), 'audit'], { env, ...account });
    await expect(run).rejects.toMatchObject({
      code: 7,
      stderr: expect.stringContaining(`${path} may only be read by this account`) as string,
    });
  } finally {
    await chmod(folder.path, 0o700);
    await chmod(join(folder.path, 'keys'), 0o700);
    await folder.remove();
  }
});
