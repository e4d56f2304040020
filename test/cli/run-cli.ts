/** Runs a command line in this process, with streams that remember, as a person at a pipe would see it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { main } from '../../src/cli/main.ts';

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Keys are made there, and used by whichever test comes next. */
const dataFolder = mkdtempSync(join(tmpdir(), 'lumiere-cli-'));
process.once('exit', () => {
  rmSync(dataFolder, { recursive: true, force: true });
});

export async function runCli(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const status = await main(words, {
    env: { ...process.env, LUMIERE_LANG: 'en', LUMIERE_DATA_DIR: dataFolder, ...env },
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  });
  return { status, stdout, stderr };
}
