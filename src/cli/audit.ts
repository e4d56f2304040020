/** `lumiere audit`: whether the usage log is as the bot wrote it, and where it is not. */
import { Command, InvalidArgumentError } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import type { AuditFault, AuditFaultKind, AuditReport } from '../store/audit.ts';
import type { Translate } from '../locale.ts';
import type { LogHead } from '../store/log-chain.ts';
import { exitCodes } from './exit-codes.ts';
import { openLogKey, openWatermarkKey, watermarkKeyPath } from './log-key.ts';
import { openLog, withLog } from './open-log.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere audit                       reads the whole usage log, while the bot runs or not
  $ lumiere audit --head 1204:9f3c…     and whether what was its head earlier is still in it
  $ lumiere audit --json                the same as data

Prints the head of the log: kept elsewhere and given back with --head, it shows that nothing was cut off since.
The exit status is 8 when something was altered, is missing, was moved or does not belong there, and 9 when
that cannot be said, since the log was sealed with another key.`;

/** Of doctor's marks: what says nothing of anybody's doing is a note. */
const notes: readonly AuditFaultKind[] = ['files-without-key', 'files-other-key'];

/** A bot that runs seals each second. */
const longestWaitMs = 60_000;

interface AuditOptions extends SharedOptions {
  readonly head?: LogHead;
}

export function auditCommand(start: StartRun): Command {
  return new Command('audit')
    .summary('check that nobody changed the usage log')
    .description(
      "Walks the chain of the bot's usage log and compares each entry with the row that it speaks of; looks whether each row of the list of made files is the installation's own.",
    )
    .option('--head <number:hash>', 'a head that an earlier audit printed', parseHead)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: AuditOptions) => audit(start(options), options.head));
}

function parseHead(text: string): LogHead {
  const match = /^(\d{1,10}):([0-9a-f]{64})$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('Expected NUMBER:HASH, as an earlier audit printed it.');
  return { seq: Number(match[1]), hash: match[2]! };
}

async function audit(run: Run, knownHead: LogHead | undefined): Promise<void> {
  const { t, terminal, setExitCode, config } = run;
  const key = await keyOf(config);
  const watermarkKey = await openWatermarkKey(config);
  const report = await readLog(run, { key, watermarkKey, knownHead });
  for (const fault of report.faults)
    terminal.line(`${notes.includes(fault.kind) ? '[--]' : '[no]'} ${faultWords(fault, t)}`);
  const untold = report.faultCount - report.faults.length;
  if (untold > 0) terminal.line(t('audit.more-faults', { count: untold }));
  const { log, entries, purged, waiting, waitingSince, head, files } = report;
  terminal.line(t('audit.read', { entries, purged, waiting }));
  if (files.rows > 0) {
    const told = { count: files.rows, path: watermarkKeyPath(config) };
    terminal.line(t(files.isChecked ? 'audit.files' : 'audit.files-unchecked', told));
    if (files.altered > 0) terminal.line(t('audit.files-altered', { count: files.altered }));
  }
  if (head !== undefined) terminal.line(t('audit.head', { head: `${head.seq}:${head.hash}` }));
  if (knownHead !== undefined && report.isKnownHeadPurged)
    terminal.line(t('audit.head-purged', { seq: knownHead.seq }));
  const isLate = waitingSince !== undefined && Date.now() - waitingSince.getTime() > longestWaitMs;
  if (isLate) terminal.line(t('audit.late', { since: waitingSince.toISOString() }));
  if (log.verdict === 'other-key') terminal.line(t('audit.other-key'));
  else if (log.verdict === 'altered') terminal.line(t('audit.not-intact', { count: log.faultCount }));
  else terminal.line(t(isLate || report.faultCount > 0 ? 'audit.sealed-intact' : 'audit.intact'));
  if (log.verdict === 'altered' || files.altered > 0) setExitCode(exitCodes.altered);
  else if (log.verdict === 'other-key') setExitCode(exitCodes.unproven);
  terminal.document(report);
}

/** Where nothing was ever run, the missing key is not what is wrong. */
async function keyOf(config: Run['config']): Promise<Uint8Array> {
  try {
    return await openLogKey(config);
  } catch (error) {
    await withLog(config, () => Promise.resolve());
    throw error;
  }
}

async function readLog(
  { config, progress, signal }: Run,
  given: {
    readonly key: Uint8Array;
    readonly watermarkKey: Uint8Array | undefined;
    readonly knownHead: LogHead | undefined;
  },
): Promise<AuditReport> {
  const { auditLog } = await import('../store/audit.ts');
  const { openMadeFileMac } = await import('../store/made-file-mac.ts');
  const { key, watermarkKey, knownHead } = given;
  const database = await openLog(config);
  try {
    return await auditLog(database.db, key, {
      ...{ signal, knownHead, madeFileMac: watermarkKey && openMadeFileMac(watermarkKey) },
      onProgress: (done, total) => {
        progress.update({ stage: 'audit', done: (100 * done) / total, total: 100, unit: 'percent' });
      },
    });
  } catch (error) {
    throw signal.aborted ? new LumiereError('job.cancelled', {}, { cause: error }) : error;
  } finally {
    progress.end();
    await database.close();
  }
}

/** What is wrong and where, in words. */
function faultWords(fault: AuditFault, t: Translate): string {
  const { kind, seq = 0, through = seq, table = '', rowId = 0, subject, fields = [], sha256 = '', keyId = '' } = fault;
  const where = t(`audit.fault.${kind}`, {
    seq,
    through,
    table,
    rowId,
    sha256,
    keyId,
    count: fault.count ?? through - seq + 1,
    fields: fields.join(', '),
  });
  return subject === undefined ? where : `${where} (${subject})`;
}
