/** The usage log at a start of the bot: begun once, and what is not right with it is said. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';

import { openUsageLog } from '../../src/roles/open-usage-log.ts';
import { auditLog } from '../../src/store/audit.ts';
import { openDatabase } from '../../src/store/database.ts';
import { sealLog } from '../../src/store/log-chain.ts';
import { scratchFolder } from '../clips.ts';
import { finishedRequest, start } from '../store/fixtures.ts';

it('begins the log with its key, and says at a start that its head is gone or of another key', async () => {
  const folder = await scratchFolder();
  const { db, close } = await openDatabase({ url: `file:${join(folder.path, 'lumiere.db')}` });
  const lines: string[] = [];
  const into = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  const open = (): Promise<Uint8Array> => openUsageLog(db, folder.path, pino(into));
  try {
    const key = await open();
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 0 });
    await finishedRequest(db);
    await sealLog(db, key, { now: start, limit: 100 });
    expect(await open()).toEqual(key);
    expect(lines).toEqual([]);

    const path = join(folder.path, 'log.key');
    const right = await readFile(path, 'utf8');
    await writeFile(path, `${randomBytes(32).toString('hex')}\n`);
    await open();
    expect(lines.join('')).toMatch(/"level":50.*was sealed with another log\.key/);
    await writeFile(path, right);
    await db.installationValue.deleteMany();
    await open();
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/"level":50.*head of the usage log is gone/);
  } finally {
    await close();
    await folder.remove();
  }
});
