/** `lumiere verify FILE`: whether a file was made by this installation, and what says so. */
import { access, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import type { Identity } from '../engine/provenance/identity.ts';
import type { Verification } from '../queue/verification.ts';
import { verificationWords } from '../verification-words.ts';
import { exitCodes } from './exit-codes.ts';
import { openLog } from './open-log.ts';
import { sentenceOf } from './report-error.ts';
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
  const { answer, unread, hasKeys } = await read(run, path);
  progress.end();
  const { title, lines } = verificationWords(answer, { t, day: (at) => at.toISOString().slice(0, 10) });
  terminal.line(title);
  for (const line of lines) terminal.line(`  - ${line}`);
  if (unread !== undefined) terminal.line(`  - ${sentenceOf(unread, t)}`);
  if (!hasKeys) terminal.line(`  - ${t('verify.no-keys', { path: keysOf(run) })}`);
  if (answer.madeHere !== true) setExitCode(exitCodes.unproven);
  terminal.document({ ...answer, ...(unread && { logProblem: unread.code }) });
}

interface Read {
  readonly answer: Verification;
  /** Why the log was not read. */
  readonly unread: LumiereError | undefined;
  /** Whether there is a key of an installation. */
  readonly hasKeys: boolean;
}

async function read(run: Run, path: string): Promise<Read> {
  const { config, signal } = run;
  const [{ readMarks }, { verifyMarks }] = await Promise.all([
    import('../engine/provenance/read-marks.ts'),
    import('../queue/verification.ts'),
  ]);
  const { identity, hasKeys } = await readIdentity(run);
  const marks = await readMarks(path, { identity, likeness: true, signal });
  const database = await openLog(config).catch((error: unknown) => {
    if (error instanceof LumiereError) return error;
    throw error;
  });
  // The file itself tells enough.
  if (database instanceof LumiereError) {
    return { answer: await verifyMarks(marks, undefined), unread: database, hasKeys };
  }
  try {
    return { answer: await verifyMarks(marks, database.db), unread: undefined, hasKeys };
  } finally {
    await database.close();
  }
}

const keysOf = ({ config }: Run): string => join(config.dataDir, 'keys');

/** An identity makes what it misses: without a key in the data folder that happens in a folder that goes again. */
async function readIdentity(run: Run): Promise<{ readonly identity: Identity; readonly hasKeys: boolean }> {
  const { openIdentity } = await import('../engine/provenance/identity.ts');
  const { certificate } = run.config;
  const folder = keysOf(run);
  if (await isThere(join(folder, 'watermark.key'))) {
    return { identity: await openIdentity(folder, certificate), hasKeys: true };
  }
  const passing = await mkdtemp(join(tmpdir(), 'lumiere-verify-'));
  try {
    // Certificates may be left where the key is lost.
    if (await isThere(folder)) await cp(folder, passing, { recursive: true });
    return { identity: await openIdentity(passing, certificate), hasKeys: false };
  } finally {
    await rm(passing, { recursive: true, force: true });
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
