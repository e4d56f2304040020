/** The bot's database for a command beside the bot: none is made, and the tables of one that is there are left as they are. */
import { LumiereError } from '../engine/errors.ts';
import type { Database, OpenDatabase } from '../store/database.ts';

/** Rejects with `audit.no-log` where there is none of this version, with `audit.database` where it cannot be opened. */
export async function openLog({ databaseUrl }: { readonly databaseUrl: string }): Promise<OpenDatabase> {
  const { examineDatabase } = await import('../store/examine.ts');
  const { openDatabase } = await import('../store/database.ts');
  const { withoutSecrets } = await import('../service/log.ts');
  const { DatabaseProblem } = await import('../store/problem.ts');
  try {
    const found = await examineDatabase(databaseUrl);
    if (found.kind === 'new' || found.missing > 0) throw new LumiereError('audit.no-log');
    return await openDatabase({ url: databaseUrl });
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    throw new LumiereError('audit.database', { reason: withoutSecrets(error.message) }, { cause: error });
  }
}

/** The same for one piece of work. */
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
