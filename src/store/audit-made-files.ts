/**
 * Looks at the list of made files for the audit: whether the installation's key bears each of its rows out, and of the others, whether
 * they were altered or are of another key or version.
 */
import { type Findings, openFindings } from './audit-findings.ts';
import type { Database } from './database.ts';
import { keyIdIn, type MadeFileMac } from './made-file-mac.ts';
import { madeFilesAfter } from './made-file-pages.ts';
import type { MadeFile } from './rows.ts';

/** What `lumiere audit` says of the list. */
export interface AuditedFiles {
  readonly rows: number;
  /** False without the key: then nothing is known of them. */
  readonly isChecked: boolean;
  /** Rows whose code says that it is of this key and is not: each is a fault. */
  readonly altered: number;
}

const pageSize = 500;
/** Nobody loses more keys than so many: what is of still others is told row by row. */
const mostKeys = 100;

/**
 * Reads the list a page at a time. That a row is missing cannot be seen: retention takes them away with their requests. Rows without
 * a code, or of another key, are one fault for all of them, which accuses nobody: an update leaves them and a key that was lost. Who
 * writes to the database can make a row look so, but it is not believed then, and they could as well have taken it away.
 */
export async function auditMadeFiles(
  db: Database,
  mac: MadeFileMac | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly files: AuditedFiles; readonly findings: Findings }> {
  const findings = openFindings();
  if (mac === undefined) return { files: { rows: await db.madeFile.count(), isChecked: false, altered: 0 }, findings };
  const altered = openFindings();
  const others = new Map<string, number>();
  let withoutKey = 0;
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
      if (mac.fits(row)) continue;
      const keyId = keyIdIn(row);
      const known = keyId === undefined ? undefined : others.get(keyId);
      if (keyId === undefined) withoutKey++;
      else if (keyId !== mac.keyId && (known !== undefined || others.size < mostKeys))
        others.set(keyId, (known ?? 0) + 1);
      else altered.found({ kind: 'file-foreign', sha256: row.sha256, subject: row.requestId });
    }
    rows += page.length;
    last = page.at(-1);
    more = page.length === pageSize;
  }
  if (withoutKey > 0) findings.found({ kind: 'files-without-key', count: withoutKey });
  for (const [keyId, count] of others) findings.found({ kind: 'files-other-key', keyId, count });
  findings.add(altered);
  return { files: { rows, isChecked: true, altered: altered.count }, findings };
}
