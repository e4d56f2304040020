/** What purges took out of the chain of the usage log, by their own entries in it. */
import { entryContent } from './audit-rows.ts';
import type { Database } from './database.ts';
import { entryHash } from './log-chain.ts';
import type { LogGap } from './purge.ts';

export interface Gaps {
  /** The first that reaches as far as `seq`, which must not become smaller from call to call. */
  from(seq: number): LogGap | undefined;
}

const pageSize = 200;

/** Reads the gaps that purges made with this key; nothing else makes one. */
export async function readGaps(db: Database, key: Uint8Array): Promise<Gaps> {
  const all: LogGap[] = [];
  for (let after = 0, more = true; more;) {
    const where = { kind: 'Purge', rowId: { gt: after } };
    const page = await db.logEntry.findMany({ where, orderBy: { rowId: 'asc' }, take: pageSize });
    for (const entry of page) {
      const { gaps } = entry.body as { readonly gaps?: readonly LogGap[] };
      if (gaps !== undefined && entryHash(key, entryContent(entry)) === entry.hash) all.push(...gaps);
    }
    after = page.at(-1)?.rowId ?? after;
    more = page.length === pageSize;
  }
  const outer = withoutInner(all);
  let at = 0;
  return {
    from: (seq) => {
      while (at < outer.length && outer[at]![1] < seq) at++;
      return outer[at];
    },
  };
}

/** In order; a checkpoint takes the place of those within it. */
function withoutInner(gaps: readonly LogGap[]): LogGap[] {
  const outer: LogGap[] = [];
  let through = 0;
  for (const gap of gaps.toSorted((one, other) => one[0] - other[0] || other[1] - one[1])) {
    if (gap[1] <= through) continue;
    outer.push(gap);
    through = gap[1];
  }
  return outer;
}
