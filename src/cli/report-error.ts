/**
 * Tells a person what went wrong: the sentence and the code, never a stack trace. A fault of our own goes to a file (or to
 * the terminal with LUMIERE_DEBUG=1), and the sentence says which.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LumiereError } from '../engine/errors.ts';
import { capitaliseAt, type Translate } from '../locale.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface ErrorReport {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** What to say about `error`. For a fault of our own the full report is written to `keep`, which says where it went. */
export function describeError(error: unknown, t: Translate, keep: (report: string) => string): ErrorReport {
  if (error instanceof LumiereError) {
    const { code, params } = error;
    return { exitCode: exitCodeOf(code), code, message: sentenceOf(error, t), params };
  }
  const fault = error instanceof Error ? error : new Error(String(error));
  const where = keep(fullReport(fault));
  return { exitCode: exitCodes.bug, code: 'bug', message: t('cli.bug', { what: firstLine(fault.message), where }) };
}

/** The sentence for an error. Where ffmpeg alone knew which file it was about, the sentence speaks of "the file". */
export function sentenceOf({ code, params }: LumiereError, t: Translate): string {
  // Commands take the result's place as an argument, not as an option.
  if (code === 'request.invalid' && params['option'] === 'out') return t('cli.result-invalid', params);
  const isPlace = code.startsWith('output.') || code.endsWith('.not-found');
  const path = isPlace ? t('errors.this-place') : t('errors.this-file');
  const sentence = t(`errors.${code}`, { path, ...params });
  return params['path'] === undefined ? capitaliseAt(path, sentence) : sentence;
}

/** Prints the report and returns the exit status. */
export function printError(report: ErrorReport, terminal: Terminal): number {
  const { code, message, params } = report;
  if (terminal.json) terminal.document({ error: { code, message, ...(params === undefined ? {} : { params }) } });
  else terminal.stderr.write(`lumiere: ${message} [${code}]\n`);
  return report.exitCode;
}

/** Writes a fault's full report to a file in the system's temporary folder and returns its path. */
export function keepInFile(report: string): string {
  const file = join(tmpdir(), `lumiere-fault-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.log`);
  try {
    writeFileSync(file, report, { mode: 0o600 });
    return file;
  } catch {
    return 'LUMIERE_DEBUG=1';
  }
}

function fullReport(fault: Error): string {
  const parts = [
    `lumiere on Node ${process.version}, ${process.platform}-${process.arch}`,
    process.argv.slice(2).join(' '),
  ];
  for (let cause: unknown = fault; cause instanceof Error; cause = cause.cause)
    parts.push(cause.stack ?? cause.message);
  return `${parts.join('\n\n')}\n`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
