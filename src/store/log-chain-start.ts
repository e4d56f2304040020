/**
 * Where the chain of the usage log begins: with a signed head before its first entry, so that a chain that was wiped altogether is
 * told from one that nothing was written to yet.
 */
import { inTransaction, type Database, type Transaction } from './database.ts';
import { chainLock, noHash, readLogHead, writeLogHead, writeSealed } from './log-chain.ts';

/**
 * `begun`: there was none, and nothing that one should have been made for; `gone`: there should be one; `other-key`: the one that
 * is there was not signed with this key.
 */
export type LogStart = 'begun' | 'there' | 'gone' | 'other-key';

/**
 * Makes sure that the chain has a head. One is made with a new key, for what was logged before there was any, and in a database
 * that holds nothing to be logged; otherwise one that is not there was taken away, and is left to the audit.
 */
export function startLog(
  db: Database,
  key: Uint8Array,
  { isNewKey }: { readonly isNewKey: boolean },
): Promise<LogStart> {
  return inTransaction(
    db,
    async (tx) => {
      const head = await readLogHead(tx, key);
      if (head !== undefined) return head.forged ? 'other-key' : 'there';
      const hasEntries = (await tx.logEntry.findFirst({ select: { seq: true } })) !== null;
      if (hasEntries || !(isNewKey || (await isEmpty(tx)))) return 'gone';
      await writeLogHead(tx, key, { seq: 0, hash: noHash });
      await writeSealed(tx, {});
      return 'begun';
    },
    [chainLock],
  );
}

/** Nothing was ever done here that is logged. */
async function isEmpty(tx: Transaction): Promise<boolean> {
  const select = { id: true } as const;
  const firsts = [
    await tx.requestEvent.findFirst({ select }),
    await tx.consentEvent.findFirst({ select }),
    await tx.moderatorAction.findFirst({ select }),
    await tx.purge.findFirst({ select }),
  ];
  return firsts.every((first) => first === null);
}
