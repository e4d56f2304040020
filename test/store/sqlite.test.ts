/** One SQLite file and two processes: waiting for the other one's lock does not stop the event loop, and always ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { changeState, createRequest } from '../../src/store/requests.ts';
import { scratchFolder } from '../clips.ts';
import { longestBlock, mostBlockMs } from '../event-loop.ts';
import { newRequest, start } from './fixtures.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let path: string;
let database: OpenDatabase;
beforeAll(async () => {
  scratch = await scratchFolder();
  path = join(scratch.path, 'lumiere.db');
  database = await openDatabase({ url: `file:${path}` });
});
afterAll(async () => {
  await database.close();
  await scratch.remove();
});

it('is in WAL mode, checks foreign keys and has no busy timeout of its own, in transactions too', async () => {
  const read = (db: Pick<OpenDatabase['db'], '$queryRawUnsafe'>, name: string) => db.$queryRawUnsafe(`PRAGMA ${name}`);
  const { db } = database;
  expect(await read(db, 'journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  expect(await read(db, 'foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  expect(await read(db, 'busy_timeout')).toEqual([{ timeout: 0 }]);
  await db.$transaction(async (tx) => {
    expect(await read(tx, 'foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  });
  await expect(
    db.report.create({ data: { id: 'r', requestId: 'none', reporterId: 'm', reason: 'x' } }),
  ).rejects.toThrow(/Foreign key/);
});

it('waits for a lock that another process holds without stopping the event loop, then writes', async () => {
  const { db } = database;
  const { id } = (await createRequest(db, newRequest())).request;
  let turn = 0;
  const block = await longestBlock(async () => {
    const script = `
        const connection = new (require('libsql'))(${JSON.stringify(path)});
        connection.exec('BEGIN IMMEDIATE');
        process.stdout.write('locked');
        process.stdin.once('data', () => { connection.exec('COMMIT'); process.exit(); });`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exit = once(holder, 'exit');
    await once(holder.stdout, 'data');
    let isHeld = true;
    const writes = [
      db.user.create({ data: { id: `user-${turn++}` } }),
      changeState(db, id, turn === 1 ? 'waiting' : 'running', { actor: 'bot', now: start }),
    ].map((write: Promise<unknown>) =>
      write.then(() => {
        expect(isHeld).toBe(false);
      }),
    );
    await sleep(600);
    isHeld = false;
    holder.stdin.end('go');
    await Promise.all(writes);
    await exit;
  });
  expect(block.longestMs, block.stack.join(' < ')).toBeLessThan(mostBlockMs);
});

it('commits after it has met a lock: nothing of the waiting stays under way', async () => {
  const other = await openDatabase({ url: `file:${path}` });
  const both = Array.from({ length: 30 }, (_, index) =>
    (index % 2 === 0 ? database : other).db.$transaction(async (tx) => {
      await tx.user.create({ data: { id: `both-${index}` } });
      await sleep(2);
    }),
  );
  await Promise.all(both);
  expect(await other.db.user.count({ where: { id: { startsWith: 'both-' } } })).toBe(30);
  await other.close();
});

it('rolls back what throws', async () => {
  const { db } = database;
  const failing = db.$transaction(async (tx) => {
    await tx.user.create({ data: { id: 'never' } });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await db.user.findUnique({ where: { id: 'never' } })).toBeNull();
  await db.user.create({ data: { id: 'after' } }); // and the connection is usable
});

it('leaves everything in the one file when it is closed, and may be closed twice', async () => {
  const copied = join(scratch.path, 'folder', 'made', 'copied.db');
  const { db, close } = await openDatabase({ url: `file:${copied}` });
  await db.user.create({ data: { id: 'kept' } });
  expect((await stat(`${copied}-wal`)).size).toBeGreaterThan(0);
  await close();
  await close();
  await copyFile(copied, `${copied}.copy`);
  const copy = await openDatabase({ url: `file:${copied}.copy` });
  expect(await copy.db.user.count()).toBe(1);
  await copy.close();
});

it('makes folder and files for their owner alone, whatever the umask says', async () => {
  const folder = join(scratch.path, 'private', 'data');
  const before = process.umask(0);
  const opened = await openDatabase({ url: `file:${join(folder, 'own.db')}` }).finally(() => process.umask(before));
  await opened.db.user.create({ data: { id: 'kept' } });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const ending of ['', '-wal', '-shm']) {
    expect((await stat(join(folder, `own.db${ending}`))).mode & 0o777, ending).toBe(0o600);
  }
  await opened.close();
});
