/** What every command is given once its options are known: settings, sentences, where to write, when to stop. */
import type { Config } from '../config.ts';
import type { Language, Translate } from '../locale.ts';
import type { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface Run {
  readonly config: Config;
  readonly language: Language;
  readonly t: Translate;
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** Aborted at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** The status to leave with when nothing was thrown but the answer is no (a doctor that found something missing). */
  readonly setExitCode: (code: number) => void;
}

/** The options that every command takes. */
export interface SharedOptions {
  readonly json?: boolean;
}

/** Called by a command's action, with its options, before anything else. */
export type StartRun = (options: SharedOptions) => Run;

/** The words of `--json`, the same in each command. */
export const jsonOption = [
  '--json',
  'print the answer as one JSON document; progress as JSON lines on stderr',
] as const;
