/**
 * A process of its own whose memory is measured: it opens the database of `argv[2]` and, where a folder is named, exports a guild's
 * whole usage log into it as `/usage export` does. It prints the rows and the bytes of the files.
 */
import { stat } from 'node:fs/promises';

import { writeExport } from '../../src/commands/export-file.ts';
import { exportFormats } from '../../src/commands/usage-record.ts';
import { openDatabase } from '../../src/store/database.ts';
import { exportUsage } from '../../src/store/usage.ts';

const [url, guild, folder] = process.argv.slice(2) as [string, string, string | undefined];
/** Of an upload to a server without boosts. */
const limit = 10 * 2 ** 20;

const { db, close } = await openDatabase({ url });
let [rows, bytes] = [0, 0];
if (folder !== undefined) {
  const wish = { folder, name: 'usage', format: exportFormats.csv, limit, mostParts: 1000 };
  const exported = await writeExport(() => exportUsage(db, guild, {}), wish);
  if (exported === undefined) throw new Error('the export did not fit into its parts');
  rows = exported.rows;
  for (const { path } of exported.parts) bytes += (await stat(path)).size;
}
await close();
console.log(JSON.stringify({ rows, bytes }));
