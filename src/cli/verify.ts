/** `lumiere verify FILE`: whether a file was made by this installation, and what says so. */
import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import type { Marks } from '../engine/provenance/read-marks.ts';
import type { Verification } from '../queue/verification.ts';
import { isLasting, verificationWords } from '../verification-words.ts';
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
  await checkReadable(path);
  progress.update({ stage: 'verify', done: 0, total: 1, unit: 'percent' });
  const { answer, marks, unread, damaged } = await read(run, path);
  progress.end();
  const { title, lines } = verificationWords(answer, { t, day: (at) => at.toISOString().slice(0, 10) });
  terminal.line(title);
  for (const line of lines) terminal.line(`  - ${line}`);
  if (answer.request) terminal.line(`  - ${t('verify.request', { requestId: answer.request.id })}`);
  const payload = marks.watermark?.payload ?? (marks.manifest?.isOurs === true ? marks.manifest.markId : undefined);
  if (payload !== undefined) terminal.line(`  - ${t('verify.mark-id', { payload })}`);
  for (const sentence of troubles(run, { answer, marks, unread, damaged })) terminal.line(`  - ${sentence}`);
  if (answer.madeHere !== true) setExitCode(exitCodes.unproven);
  terminal.document({
    ...answer,
    ...(unread && { logProblem: unread.code }),
    ...(damaged.length > 0 && { keyProblems: damaged.map(({ code }) => code) }),
  });
}

/** A pipe or a device has no end, and a folder no bytes. Rejects with `input.not-found` or `input.unreadable`. */
async function checkReadable(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isFile()) throw new LumiereError('input.unreadable', { path });
    await access(path, constants.R_OK);
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new LumiereError(isMissing ? 'input.not-found' : 'input.unreadable', { path }, { cause: error });
  }
}

/** What kept anything from being looked at, and what can be done about it. */
function troubles({ t, config }: Run, { answer, marks, unread, damaged }: Read): readonly string[] {
  const { watermarkProblem: problem } = marks;
  const isKeyMissing = problem?.code === 'provenance.no-key';
  const params = isKeyMissing ? { path: join(keysOf(config), 'watermark.key') } : problem?.params;
  const isNoBotHere = unread?.code === 'audit.no-log';
  return [
    ...(problem && isLasting(answer) ? [sentenceOf(new LumiereError(problem.code, params), t)] : []),
    ...(answer.distrusted ? [t(isKeyMissing ? 'verify.log-unchecked' : 'verify.log-distrusted')] : []),
    ...(unread ? [t(isNoBotHere ? 'verify.no-log' : 'verify.log-unread')] : []),
    ...(unread && !isNoBotHere ? [sentenceOf(unread, t)] : []),
    ...damaged.map((fault) => sentenceOf(fault, t)),
  ];
}

interface Read {
  readonly answer: Verification;
  readonly marks: Marks;
  /** Why the log was not read. */
  readonly unread: LumiereError | undefined;
  /** What of the certificates could not be used. */
  readonly damaged: readonly LumiereError[];
}

async function read(run: Run, path: string): Promise<Read> {
  const { config, signal, progress } = run;
  const [{ readMarks }, { verifyMarks }, { openMadeFileMac }] = await Promise.all([
    import('../engine/provenance/read-marks.ts'),
    import('../queue/verification.ts'),
    import('../store/made-file-mac.ts'),
  ]);
  const { openRecognition } = await import('../engine/provenance/identity.ts');
  const { damaged, ...identity } = await openRecognition(keysOf(config));
  const onRead = (done: number, total: number): void => {
    progress.update({ stage: 'verify', done, total, unit: 'bytes' });
  };
  const marks = await readMarks(path, { identity, likeness: true, signal, onRead });
  const database = await openLog(config).catch((error: unknown) => {
    if (error instanceof LumiereError) return error;
    throw error;
  });
  // The file itself tells enough.
  if (database instanceof LumiereError) {
    return { answer: await verifyMarks(marks, undefined), marks, unread: database, damaged };
  }
  try {
    const mac = identity.watermarkKey && openMadeFileMac(identity.watermarkKey);
    return { answer: await verifyMarks(marks, { db: database.db, mac }), marks, unread: undefined, damaged };
  } finally {
    await database.close();
  }
}

const keysOf = ({ dataDir }: Run['config']): string => join(dataDir, 'keys');
