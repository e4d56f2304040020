/** `lumiere verify FILE`: whether a file was made by this installation, and what says so. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import type { Verification } from '../queue/verification.ts';
import type { OpenDatabase } from '../store/database.ts';
import { verificationWords } from '../verification-words.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere verify clip.mp4            was it made here, when, from what kind of request, is it altered
  $ lumiere verify clip.mp4 --json     madeHere (true, false, or null where it cannot be said), certainty, evidence

Looks for the manifest, the invisible watermark and, where the bot's database is, the log's hashes. Without it the keys and
certificates in the data folder are enough. The exit status is 0 when it was made here, 9 when nothing proves that.`;

export function verifyCommand(start: StartRun): Command {
  return new Command('verify')
    .summary('was this file made here?')
    .description(
      'Reads the marks of a picture or a clip and says whether this installation made it, and how certain that is.',
    )
    .argument('<file>', 'a picture or a clip')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((path: string, options: SharedOptions) => verify(start(options), path));
}

async function verify(run: Run, path: string): Promise<void> {
  const { t, terminal, progress, setExitCode } = run;
  await access(path).catch((error: unknown) => {
    throw new LumiereError('input.not-found', { path }, { cause: error });
  });
  progress.update({ stage: 'verify', done: 0, total: 1, unit: 'percent' });
  const answer = await read(run, path);
  progress.end();
  const { title, lines } = verificationWords(answer, { t, day: (at) => at.toISOString().slice(0, 10) });
  terminal.line(title);
  for (const line of lines) terminal.line(`  - ${line}`);
  if (answer.madeHere !== true) setExitCode(exitCodes.unproven);
  terminal.document(answer);
}

async function read({ config, signal }: Run, path: string): Promise<Verification> {
  const [{ openIdentity }, { readMarks }, { verifyMarks }] = await Promise.all([
    import('../engine/provenance/identity.ts'),
    import('../engine/provenance/read-marks.ts'),
    import('../queue/verification.ts'),
  ]);
  const identity = await openIdentity(join(config.dataDir, 'keys'), config.certificate);
  const marks = await readMarks(path, { identity, likeness: true, signal });
  const database = await openLog(config);
  try {
    return await verifyMarks(marks, database?.db);
  } finally {
    await database?.close();
  }
}

/** Undefined where there is none, or none that can be reached: the file itself tells enough. */
async function openLog({ databaseUrl }: Run['config']): Promise<OpenDatabase | undefined> {
  if (databaseUrl.startsWith('file:')) {
    const isThere = await access(fileURLToPath(databaseUrl)).then(
      () => true,
      () => false,
    );
    // Opening would make one.
    if (!isThere) return undefined;
  }
  const { openDatabase } = await import('../store/database.ts');
  return openDatabase({ url: databaseUrl }).catch(() => undefined);
}
