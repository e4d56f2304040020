/** The chain of the usage log: every way of changing it from outside is found, and said where; what the bot itself erases is not. */
import { expect, it } from 'vitest';

import { auditLog } from '../../src/store/audit.ts';
import { inTransaction, type Database } from '../../src/store/database.ts';
import { readLogHead, sealLog } from '../../src/store/log-chain.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { type MadeFileMac, openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { findMadeByLikeness, recordMadeFile } from '../../src/store/made-files.ts';
import { recordModeratorAction } from '../../src/store/moderator-actions.ts';
import { purge, shortenChain } from '../../src/store/purge.ts';
import { changeState } from '../../src/store/requests.ts';
import { inProcesses, onEachDatabase } from './databases.ts';
import { after, finishedRequest, hour, madeFileMac, newSha256, runningRequest, start } from './fixtures.ts';

const key = new Uint8Array(32).fill(7);
const why = { actor: 'operator', reason: 'test', now: start, key };
const tables = ['RequestEvent', 'ConsentEvent', 'ModeratorAction', 'LogEntry', 'Purge'];

onEachDatabase(({ dialect, open, newUrl }) => {
  let db: Database;
  const seal = (): Promise<number> => sealLog(db, key, { now: start, limit: 100 });
  const faults = async (): Promise<unknown[]> => {
    const report = await auditLog(db, key, { madeFileMac });
    expect(report.intact).toBe(report.faults.length === 0);
    expect(report.faultCount).toBe(report.faults.length);
    return [...report.faults];
  };
  const sql = (text: string): Promise<number> => db.$executeRawUnsafe(text);

  /** As somebody would who can do everything in the database: the triggers are put away and back. */
  async function pastTriggers(...statements: readonly string[]): Promise<void> {
    const list = tables.map((table) => `'${table}'`).join(', ');
    const triggers =
      dialect === 'sqlite'
        ? await db.$queryRawUnsafe<{ name: string; sql: string }[]>(
            `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (${list})`,
          )
        : [];
    for (const { name } of triggers) await sql(`DROP TRIGGER "${name}"`);
    if (dialect === 'postgresql') for (const table of tables) await sql(`ALTER TABLE "${table}" DISABLE TRIGGER USER`);
    for (const statement of statements) await sql(statement);
    for (const trigger of triggers) await sql(trigger.sql);
    if (dialect === 'postgresql') for (const table of tables) await sql(`ALTER TABLE "${table}" ENABLE TRIGGER USER`);
  }

  const copyOfAction = (id: number): string =>
    `INSERT INTO "ModeratorAction" ("id", "kind", "moderatorId", "at") SELECT ${id}, "kind", 'other', "at" FROM "ModeratorAction" WHERE "id" = 1`;

  /** Four events of a request, then three actions of moderators, then three events of another request. */
  async function withChain(): Promise<{ readonly first: string; readonly second: string }> {
    ({ db } = await open());
    await startLog(db, key, { isNewKey: true });
    const { id: first } = await finishedRequest(db);
    const action = { kind: 'view', moderatorId: 'mod', guildId: 'guild', requestId: first, now: after(1) } as const;
    for (let n = 0; n < 3; n++)
      await recordModeratorAction(db, { ...action, reason: `reason ${n}`, targetUserId: 'member' });
    await seal();
    const { id: second } = await runningRequest(db, { now: after(2) });
    await seal();
    expect(await faults()).toEqual([]);
    return { first, second };
  }

  it('finds an altered row in the tables, and says which fields', async () => {
    const { first, second } = await withChain();
    const row = { kind: 'row-altered', table: 'RequestEvent', subject: first };
    await pastTriggers(`UPDATE "RequestEvent" SET "actor" = 'worker:other', "code" = 'x' WHERE "id" = 3`);
    expect(await faults()).toEqual([{ ...row, seq: 3, rowId: 3, fields: ['actor', 'code'] }]);
    await pastTriggers(`UPDATE "RequestEvent" SET "actor" = 'worker:one', "code" = NULL WHERE "id" = 3`);
    expect(await faults()).toEqual([]);

    await sql(`UPDATE "Request" SET "requesterId" = 'somebody' WHERE "id" = '${first}'`);
    expect(await faults()).toEqual([{ ...row, seq: 1, rowId: 1, fields: ['requester'] }]);
    await sql(`UPDATE "Request" SET "requesterId" = 'member', "parameters" = '{"version":2}' WHERE "id" = '${first}'`);
    expect(await faults()).toEqual([{ ...row, seq: 2, rowId: 2, fields: ['parameters'] }]);
    await sql(`UPDATE "Request" SET "parameters" = '{"scale": 2, "version": 1}' WHERE "id" = '${first}'`);
    expect(await faults()).toEqual([]);
    await sql(`UPDATE "Request" SET "state" = 'delivered' WHERE "id" = '${second}'`);
    expect(await faults()).toMatchObject([{ seq: 10, subject: second, fields: ['standing.result', 'standing.state'] }]);
    await sql(`UPDATE "Request" SET "state" = 'running', "inputSha256" = 'ab' WHERE "id" = '${second}'`);
    expect(await faults()).toMatchObject([{ seq: 10, subject: second, fields: ['standing.input'] }]);
    await sql(`UPDATE "Request" SET "inputSha256" = NULL WHERE "id" = '${second}'`);

    await pastTriggers(`UPDATE "ModeratorAction" SET "reason" = NULL, "moderatorId" = 'not me' WHERE "id" = 2`);
    expect(await faults()).toMatchObject([{ seq: 6, table: 'ModeratorAction', fields: ['moderator', 'reason'] }]);
  });

  it('finds a missing row, and one that was put where all was sealed', async () => {
    const { first } = await withChain();
    await pastTriggers(`DELETE FROM "ModeratorAction" WHERE "id" = 2`, `DELETE FROM "RequestEvent" WHERE "id" = 2`);
    expect(await faults()).toEqual([
      { kind: 'row-missing', seq: 2, table: 'RequestEvent', rowId: 2, subject: first },
      { kind: 'row-missing', seq: 6, table: 'ModeratorAction', rowId: 2, subject: first },
    ]);
    await pastTriggers(`DELETE FROM "LogEntry" WHERE "seq" = 6`, copyOfAction(2));
    for (const minutes of [3, 6]) await sealLog(db, key, { now: after(minutes * 60_000), limit: 0 });
    expect(await faults()).toMatchObject([
      { kind: 'row-missing', seq: 2 },
      { kind: 'entries-missing', seq: 6, through: 6 },
      { kind: 'row-foreign', table: 'ModeratorAction', rowId: 2 },
    ]);
    await pastTriggers(copyOfAction(-1));
    expect(await faults()).toContainEqual({ kind: 'row-foreign', table: 'ModeratorAction', rowId: -1 });
  });

  it('finds what was done to the chain itself: altered, missing in the middle and at the end, moved, added', async () => {
    await withChain();
    const entry = { table: 'RequestEvent' };
    await pastTriggers(`UPDATE "LogEntry" SET "guildId" = 'other' WHERE "seq" = 3`);
    expect(await faults()).toEqual([{ kind: 'entry-altered', seq: 3, ...entry, rowId: 3 }]);
    await pastTriggers(`UPDATE "LogEntry" SET "guildId" = 'guild' WHERE "seq" = 3`);
    expect(await faults()).toEqual([]);

    const exchange = [
      `UPDATE "LogEntry" SET "seq" = 99 WHERE "seq" = 2`,
      `UPDATE "LogEntry" SET "seq" = 2 WHERE "seq" = 6`,
      `UPDATE "LogEntry" SET "seq" = 6 WHERE "seq" = 99`,
      `UPDATE "LogSalt" SET "seq" = 99 WHERE "seq" = 2`,
      `UPDATE "LogSalt" SET "seq" = 2 WHERE "seq" = 6`,
      `UPDATE "LogSalt" SET "seq" = 6 WHERE "seq" = 99`,
    ];
    await pastTriggers(...exchange);
    expect(await faults()).toMatchObject([
      { kind: 'entry-misplaced', seq: 2 },
      { kind: 'entry-misplaced', seq: 6 },
    ]);
    await pastTriggers(...exchange);
    expect(await faults()).toEqual([]);

    await pastTriggers(`DELETE FROM "LogEntry" WHERE "seq" IN (4, 5)`, `DELETE FROM "LogEntry" WHERE "seq" >= 9`);
    expect(await faults()).toEqual([
      { kind: 'entries-missing', seq: 4, through: 5 },
      { kind: 'entries-missing', seq: 9, through: 10 },
    ]);
    // Nothing that is written later hides it.
    await pastTriggers(`DELETE FROM "LogEntry" WHERE "seq" >= 8`);
    await seal();
    expect(await faults()).toMatchObject([
      { kind: 'entries-missing', seq: 4, through: 5 },
      { kind: 'entries-missing', seq: 8, through: 10 },
    ]);
    const copy = `"rowId" + 500, "kind", "guildId", "at", "body", "commitments", "previousHash", "hash" FROM "LogEntry" WHERE "seq" = 1`;
    await pastTriggers(
      `INSERT INTO "LogEntry" ("seq", "rowId", "kind", "guildId", "at", "body", "commitments", "previousHash", "hash") SELECT 900, ${copy}`,
    );
    expect((await faults()).slice(-3)).toMatchObject([
      { kind: 'entries-missing', through: 899 },
      { kind: 'entry-altered', seq: 900 },
      { kind: 'head-altered' },
    ]);
  });

  it('finds a tail that was cut off together with its head, by a head that was kept elsewhere', async () => {
    const { second } = await withChain();
    const { seq, hash } = (await readLogHead(db, key))!;
    const knownHead = { seq, hash };
    expect((await auditLog(db, key)).head).toEqual(knownHead);
    expect((await auditLog(db, key, { knownHead })).intact).toBe(true);
    const [{ hash: earlier } = { hash: '' }] = await db.logEntry.findMany({ where: { seq: 7 } });
    await pastTriggers(
      `DELETE FROM "LogEntry" WHERE "seq" > 7`,
      `DELETE FROM "RequestEvent" WHERE "requestId" = '${second}'`,
      `UPDATE "InstallationValue" SET "value" = '{"seq":7,"hash":"${earlier}","mac":""}' WHERE "key" = 'log-chain.head'`,
    );
    expect(await faults()).toEqual([{ kind: 'head-altered', seq: 7 }]);
    expect((await auditLog(db, key, { knownHead })).faults).toContainEqual({ kind: 'head-unknown', seq: 10 });
    await sql(`DELETE FROM "InstallationValue" WHERE "key" = 'log-chain.head'`);
    expect(await faults()).toEqual([{ kind: 'head-missing' }]);
    await runningRequest(db, { now: after(3) });
    await seal(); // goes on, and leaves a number out
    expect(await faults()).toEqual([{ kind: 'entries-missing', seq: 8, through: 8 }]);
  });

  it('bears what the bot itself erases and removes, and nothing that only looks like it', async () => {
    const { first } = await withChain();
    await purge(db, why, async (tx, chain) => {
      await chain.erase('ModeratorAction', [1], ['target', 'reason']);
      await tx.moderatorAction.updateMany({
        where: { id: 1 },
        data: { targetUserId: `erased:${'0'.repeat(32)}`, reason: null },
      });
      return 1;
    });
    expect(await faults()).toEqual([]);
    await purge(db, why, async (tx, chain) => {
      await chain.remove('RequestEvent', [1, 2, 3, 4]);
      return (await tx.request.deleteMany({ where: { id: first } })).count;
    });
    expect(await faults()).toEqual([]);
    expect(await db.logSalt.count({ where: { seq: { lte: 4 } } })).toBe(0);
    const { head, purged, entries } = await auditLog(db, key);
    expect({ seq: head?.seq, purged, entries }).toEqual({ seq: 12, purged: 4, entries: 8 });

    // The same by hand: no such purge is in the chain, no such salt was written with the key.
    const [{ salt } = { salt: '' }] = await db.logSalt.findMany({ where: { seq: 7, field: 'reason' } });
    await pastTriggers(
      `UPDATE "ModeratorAction" SET "reason" = NULL WHERE "id" = 3`,
      `DELETE FROM "LogSalt" WHERE "seq" = 7 AND "field" = 'reason'`,
    );
    expect(await faults()).toMatchObject([{ kind: 'row-altered', seq: 7, fields: ['reason'] }]);
    await pastTriggers(
      `UPDATE "ModeratorAction" SET "reason" = 'reason 2' WHERE "id" = 3`,
      `INSERT INTO "LogSalt" ("seq", "field", "salt") VALUES (7, 'reason', '${salt}')`,
    );
    expect(await faults()).toEqual([]);
    await pastTriggers(`UPDATE "ModeratorAction" SET "targetUserId" = 'framed' WHERE "id" = 1`);
    expect(await faults()).toMatchObject([{ kind: 'row-altered', seq: 5, fields: ['target'] }]);
  });

  it('leaves one checkpoint where the past was removed', async () => {
    const { first, second } = await withChain();
    for (const requestId of [first, second]) {
      const ids = (await db.requestEvent.findMany({ where: { requestId } })).map(({ id }) => id);
      await purge(db, why, async (tx, chain) => {
        await chain.remove('RequestEvent', ids);
        return (await tx.request.deleteMany({ where: { id: requestId } })).count;
      });
    }
    await purge(db, why, async (tx, chain) => {
      await chain.remove('ModeratorAction', [1, 2, 3]);
      return (await tx.moderatorAction.deleteMany()).count;
    });
    expect(await shortenChain(db, why)).toBe(0); // nothing but purges: nothing to build on
    await runningRequest(db, { now: after(4) });
    await seal();
    expect(await faults()).toEqual([]);
    expect(await shortenChain(db, why)).toBe(3);
    expect(await shortenChain(db, why)).toBe(0);
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 4, purged: 13, head: { seq: 17 } });
    const older = { seq: 5, hash: 'f'.repeat(64) };
    expect(await auditLog(db, key, { knownHead: older })).toMatchObject({ isKnownHeadPurged: true });
    await pastTriggers(`DELETE FROM "LogEntry" WHERE "seq" = 14`);
    expect(await faults()).toEqual([{ kind: 'entries-missing', seq: 14, through: 14 }]);
  });

  it('finds that the chain was wiped altogether, and says so for good', async () => {
    ({ db } = await open());
    expect(await auditLog(db, key)).toMatchObject({ faults: [{ kind: 'head-missing' }] });
    expect(await startLog(db, key, { isNewKey: false })).toBe('begun'); // another database for the key that is there
    expect(await startLog(db, key, { isNewKey: false })).toBe('there');
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 0, waiting: 0, head: { seq: 0 } });

    const { first } = await withChain();
    await pastTriggers('DELETE FROM "LogEntry"', 'DELETE FROM "LogSalt"', 'DELETE FROM "InstallationValue"');
    await sql(`UPDATE "Request" SET "requesterId" = 'somebody' WHERE "id" = '${first}'`);
    expect(await faults()).toEqual([{ kind: 'head-missing' }]);
    expect(await startLog(db, key, { isNewKey: false })).toBe('gone');
    expect(await faults()).toEqual([{ kind: 'head-missing' }]);
    await seal();
    expect(await faults()).toEqual([{ kind: 'entries-missing', seq: 1, through: 1 }]);
  });

  it('takes what was logged before there was a key', async () => {
    ({ db } = await open());
    await finishedRequest(db);
    expect(await startLog(db, key, { isNewKey: true })).toBe('begun');
    await seal();
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 4 });
  });

  it('tells a log of another key from one that was altered', async () => {
    await withChain();
    const other = new Uint8Array(32).fill(8);
    const otherKey = { kind: 'other-key', seq: 1, through: 10 };
    const log = { verdict: 'other-key', faultCount: 1 };
    expect(await auditLog(db, other)).toMatchObject({ intact: false, log, faultCount: 1, faults: [otherKey] });
    expect(await startLog(db, other, { isNewKey: true })).toBe('other-key');
    await runningRequest(db, { now: after(3) });
    await sealLog(db, other, { now: start, limit: 100 });
    // The number that was left out is told with what is before it.
    expect(await auditLog(db, other)).toMatchObject({ entries: 13, faults: [{ ...otherKey, through: 11 }] });
    await pastTriggers(`UPDATE "LogEntry" SET "guildId" = 'other' WHERE "seq" = 13`);
    expect(await auditLog(db, other)).toMatchObject({
      log: { verdict: 'altered', faultCount: 2 },
      faults: [{ kind: 'other-key' }, { kind: 'entry-altered', seq: 13 }],
    });

    await withChain();
    await pastTriggers(`UPDATE "LogEntry" SET "guildId" = 'other'`);
    expect(await faults()).toHaveLength(10); // the head is of this key
  });

  it('bears that what it wrote down of its progress is damaged, and says so for good', async () => {
    for (const value of ['{', '{"RequestEvent":{"through":"0 OR 1=1","next":0,"nextAt":0,"last":0}}', undefined]) {
      await withChain();
      await pastTriggers(copyOfAction(10));
      expect(await seal()).toBe(1);
      await sql(
        value === undefined
          ? `DELETE FROM "InstallationValue" WHERE "key" = 'log-chain.sealed'`
          : `UPDATE "InstallationValue" SET "value" = '${value}' WHERE "key" = 'log-chain.sealed'`,
      );
      expect(await faults()).toEqual([{ kind: 'progress-altered' }]);
      // What is put among rows that were sealed long ago is not sealed with them.
      await pastTriggers(copyOfAction(5));
      expect(await sealLog(db, key, { now: after(hour), limit: 100 })).toBe(0);
      const leftOut = { kind: 'entries-missing', seq: 12, through: 12 };
      expect(await faults()).toEqual([leftOut, { kind: 'row-foreign', table: 'ModeratorAction', rowId: 5 }]);
      await pastTriggers('DELETE FROM "ModeratorAction" WHERE "id" = 5');
      await runningRequest(db, { now: after(3) });
      expect(await seal()).toBe(3);
      expect(await faults()).toEqual([leftOut]);
    }
  });

  it('seals each row once, whoever seals, in batches', async () => {
    const url = await newUrl();
    ({ db } = await open(url));
    await startLog(db, key, { isNewKey: true });
    for (let n = 0; n < 20; n++) await runningRequest(db, { now: after(n) });
    const counts = await inProcesses<number>(2, ['seal', url]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(60);
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 60, waiting: 0 });
    const { id } = await runningRequest(db, { now: after(30) });
    const waitingSince = after(30);
    expect(await auditLog(db, key)).toMatchObject({ intact: true, entries: 60, waiting: 3, waitingSince });
    expect([await sealLog(db, key, { now: start, limit: 2 }), await seal(), await seal()]).toEqual([2, 1, 0]);
    await changeState(db, id, 'failed', { actor: 'worker:one', now: start, code: 'input.corrupt' });
    expect(await auditLog(db, key)).toMatchObject({ intact: true, waiting: 1 });
  });

  it('names rows of the list of made files that nobody here wrote so', async () => {
    const { first: requestId } = await withChain();
    const shas = Array.from({ length: 4 }, newSha256).sort();
    for (const sha256 of shas) {
      const file = { requestId, sha256, perceptualHashes: ['0123456789abcdef'], now: after(3) };
      await inTransaction(db, (tx) => recordMadeFile(tx, madeFileMac, file));
    }
    expect(await faults()).toEqual([]);
    expect(await auditLog(db, key)).toMatchObject({ intact: true, files: { rows: 5, isChecked: false } });
    await db.madeFile.updateMany({ where: { sha256: shas[1]! }, data: { madeAt: after(4) } });
    await db.madeFile.updateMany({ where: { sha256: shas[3]! }, data: { perceptualHashes: ['0123456789abcdee'] } });
    const named = [shas[1], shas[3]].map((sha256) => ({ kind: 'file-foreign', sha256, subject: requestId }));
    expect(await faults()).toEqual(named);
    const log = { verdict: 'intact', faultCount: 0 };
    expect(await auditLog(db, key, { madeFileMac })).toMatchObject({ intact: false, log, files: { altered: 2 } });
    // Nobody has lost so many keys.
    const codes = Array.from({ length: 103 }, (_, n) => `${n.toString(16).padStart(16, '0')}:00`);
    await db.madeFile.createMany({ data: codes.map((mac) => ({ requestId, sha256: newSha256(), mac })) });
    expect(await auditLog(db, key, { madeFileMac })).toMatchObject({ faultCount: 105, files: { altered: 5 } });
  });

  it('accuses nobody of rows of the list that an update or a lost key left, whatever was made since', async () => {
    const { first: requestId } = await withChain();
    const make = async (mac: MadeFileMac): Promise<void> => {
      const file = { requestId, sha256: newSha256(), perceptualHashes: ['0123456789abcdef'], now: after(3) };
      await inTransaction(db, (tx) => recordMadeFile(tx, mac, file));
    };
    const log = { verdict: 'intact', faultCount: 0 };
    await make(madeFileMac);
    // As the versions wrote them that knew of no code, and of no name of its key.
    const [none, unnamed] = await db.madeFile.findMany();
    await db.madeFile.updateMany({ where: { sha256: none!.sha256 }, data: { mac: null } });
    const mac = unnamed!.mac!.replace(`${madeFileMac.keyId}:`, '');
    await db.madeFile.updateMany({ where: { sha256: unnamed!.sha256 }, data: { mac } });
    const without = (count: number) => ({ kind: 'files-without-key', count });
    for (const rows of [2, 3]) {
      const files = { rows, isChecked: true, altered: 0 };
      expect(await auditLog(db, key, { madeFileMac })).toMatchObject({
        intact: true,
        log,
        files,
        faults: [without(1)],
      });
      await make(madeFileMac);
    }
    // The key is lost, twice, and one more made each time.
    const [second, third] = [1, 2].map((fill) => openMadeFileMac(new Uint8Array(32).fill(fill))) as [
      MadeFileMac,
      MadeFileMac,
    ];
    const under = ({ keyId }: MadeFileMac, count: number) => ({ kind: 'files-other-key', keyId, count });
    const audited = async (present: MadeFileMac): Promise<unknown> => {
      const report = await auditLog(db, key, { madeFileMac: present });
      expect(report).toMatchObject({ intact: true, log });
      return report.faults;
    };
    expect(await audited(second)).toEqual([without(2), under(madeFileMac, 2)]);
    await make(second);
    expect(await audited(second)).toEqual([without(2), under(madeFileMac, 2)]);
    await make(third);
    expect(await audited(third)).toHaveLength(3);
    expect(await audited(third)).toEqual(expect.arrayContaining([without(2), under(madeFileMac, 2), under(second, 1)]));
    // Both keys: the same of the chain and of the list, each by itself.
    const other = new Uint8Array(32).fill(8);
    expect(await auditLog(db, other, { madeFileMac: third })).toMatchObject({
      intact: false,
      log: { verdict: 'other-key', faultCount: 1 },
      files: { rows: 6, altered: 0 },
      faultCount: 4,
    });
  });

  it('reads the list of made files to its end when a row goes at which a page had ended', async () => {
    const { first, second } = await withChain();
    const hash = ['0123456789abcdef'];
    const shaOf = (n: number): string => n.toString(16).padStart(64, '0');
    // Pages end every 100 and every 500 rows; the two rows at 500 are of one file.
    const files = Array.from({ length: 520 }, (_, n) => ({ requestId: first, sha256: shaOf(n) }));
    files[500] = { requestId: second, sha256: shaOf(499) };
    const request = await db.request.findUniqueOrThrow({ where: { id: first } });
    const fill = async (): Promise<void> => {
      await db.madeFile.deleteMany();
      const rows = files.map((file) => ({ ...file, perceptualHashes: ['ffff0000ffff0000'], madeAt: after(3) }));
      await db.madeFile.createMany({ data: rows.map((row) => ({ ...row, mac: madeFileMac.of({ ...row, request }) })) });
      const where = { sha256: shaOf(499), requestId: second };
      await db.madeFile.updateMany({ where, data: { perceptualHashes: hash } });
    };
    /** Between two pages the last row of the one before is deleted, as by retention. */
    const shrinking = db.$extends({
      query: {
        madeFile: {
          findMany: async ({ args, query }) => {
            const page = await query(args);
            const { sha256, requestId } = page.at(-1) ?? {};
            if (page.length === args.take)
              await db.madeFile.deleteMany({ where: { sha256: sha256!, requestId: requestId! } });
            return page;
          },
        },
      },
    }) as unknown as Database;
    await fill();
    expect(await auditLog(shrinking, key, { madeFileMac })).toMatchObject({
      files: { rows: 520 },
      faults: [{ kind: 'file-foreign', sha256: shaOf(499), subject: second }],
    });
    expect(await db.madeFile.count()).toBe(519);
    await fill();
    expect(await findMadeByLikeness(shrinking, madeFileMac, hash, 8)).toEqual({ found: undefined, distrusted: true });
    expect(await db.madeFile.count()).toBe(515);
  });
});
