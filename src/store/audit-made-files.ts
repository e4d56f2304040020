/** Looks at the list of made files for the audit: whether the installation's key bears each of its rows out. */
import { type OpenFindings, openFindings } from './audit-findings.ts';
import type { Database } from './database.ts';
import type { MadeFileMac } from './made-file-mac.ts';
import { madeFilesAfter } from './made-file-pages.ts';
import type { MadeFile } from './rows.ts';

/** What `lumiere audit` says of the list. */
export interface AuditedFiles {
  readonly rows: number;
  /** False without the key: then nothing is known of them. */
  readonly isChecked: boolean;
}

const pageSize = 500;

/** Reads the list a page at a time. That a row is missing cannot be seen: retention takes them away with their requests. */
export async function auditMadeFiles(
  db: Database,
  mac: MadeFileMac | undefined,
  { findings, signal }: { readonly findings: OpenFindings; readonly signal?: AbortSignal | undefined },
): Promise<AuditedFiles> {
  if (mac === undefined) return { rows: await db.madeFile.count(), isChecked: false };
  const foreign = openFindings();
  let rows = 0;
  let last: MadeFile | undefined;
  for (let more = true; more;) {
    signal?.throwIfAborted();
    const page = await db.madeFile.findMany({
      ...madeFilesAfter(last),
      include: { request: { select: { command: true, guildId: true, markId: true } } },
      take: pageSize,
    });
    for (const row of page) {
      const { sha256, requestId: subject } = row;
      if (!mac.fits(row)) foreign.found({ kind: 'file-foreign', sha256, subject });
    }
    rows += page.length;
    last = page.at(-1);
    more = page.length === pageSize;
  }
  // Nobody changes all of a list: one fault and not many.
  if (rows > 0 && foreign.count === rows) findings.found({ kind: 'files-other-key', count: rows });
  else findings.add(foreign);
  return { rows, isChecked: true };
}
