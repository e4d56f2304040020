/** The bot's database for a command beside the bot: none is made, and the tables of one that is there are left as they are. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';

import { LumiereError } from '../engine/errors.ts';
import type { Database, OpenDatabase } from '../store/database.ts';

/**
 * Rejects with `audit.no-log` where there is none, `audit.old-log` where it is of an earlier version, `audit.read-only` where it is
 * a file that may only be read, `audit.database` where it cannot be opened.
 */
export async function openLog({ databaseUrl }: { readonly databaseUrl: string }): Promise<OpenDatabase> {
  const { examineDatabase } = await import('../store/examine.ts');
  const { dialectOf, openDatabase } = await import('../store/database.ts');
  const { sqlitePath } = await import('../store/sqlite.ts');
  const { withoutSecrets } = await import('../service/log.ts');
  const { DatabaseProblem } = await import('../store/problem.ts');
  if (dialectOf(databaseUrl) === 'sqlite') await checkWritable(sqlitePath(databaseUrl));
  try {
    const found = await examineDatabase(databaseUrl);
    if (found.kind === 'new') throw new LumiereError('audit.no-log');
    if (found.missing > 0) throw new LumiereError('audit.old-log');
    return await openDatabase({ url: databaseUrl });
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    throw new LumiereError('audit.database', { reason: withoutSecrets(error.message) }, { cause: error });
  }
}

/** SQLite keeps its lock and what it has not put into the file yet beside it, and so for who reads as well. */
async function checkWritable(path: string): Promise<void> {
  const may = (file: string, mode: number): Promise<boolean> =>
    access(file, mode).then(
      () => true,
      () => false,
    );
  if (!(await may(path, constants.R_OK))) return;
  for (const file of [path, dirname(path)]) {
    if (!(await may(file, constants.W_OK))) throw new LumiereError('audit.read-only', { path });
  }
}

/** `openLog` for one piece of work. */
export async function withLog<Result>(
  config: { readonly databaseUrl: string },
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const { db, close } = await openLog(config);
  try {
    return await work(db);
  } finally {
    await close();
  }
}
