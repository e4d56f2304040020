/**
 * Runs one command line from its words to its exit status. Apart from `cli.ts`, so that a test can call it with streams
 * of its own.
 */
import { CommanderError } from 'commander';

import { ConfigError, readConfig, type Config } from '../config.ts';
import { chooseLanguage, createTranslate } from '../locale.ts';
import { exitCodes } from './exit-codes.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createProgram, refuseUnknownHelp } from './program.ts';
import { createProgress, type Progress } from './progress.ts';
import { describeError, keepInFile, printError } from './report-error.ts';
import { createTerminal, type Stream } from './terminal.ts';

export interface MainOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdout?: Stream;
  readonly stderr?: Stream;
}

/** Returns the exit status (`exit-codes.ts`); never rejects. */
export async function main(words: readonly string[], options: MainOptions = {}): Promise<number> {
  const stdout = options.stdout ?? process.stdout;
  const stderr = options.stderr ?? process.stderr;
  const json = words.includes('--json');
  let config: Config;
  try {
    config = readConfig(options.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const t = createTranslate('en');
    const message = t('cli.setting', { setting: error.setting, expected: error.expected });
    return printError(
      { exitCode: exitCodes.usage, code: 'setting', message },
      createTerminal({ json, stdout, stderr }),
    );
  }
  const language = chooseLanguage([config.language, ...config.systemLanguages]);
  const t = createTranslate(language);
  const terminal = createTerminal({ json, stdout, stderr });
  let exitCode: number = exitCodes.ok;
  let progress: Progress | undefined;
  const interrupt = listenForInterrupt(() => {
    progress?.end();
    if (!json) stderr.write(`${t('cli.stopping')}\n`);
  });
  const program = createProgram(
    () => {
      progress = createProgress(terminal, t);
      return {
        config,
        language,
        t,
        terminal,
        progress,
        signal: interrupt.signal,
        setExitCode: (code) => (exitCode = code),
      };
    },
    { stdout, stderr: json ? { write: () => true } : stderr },
  );
  try {
    refuseUnknownHelp(program, words);
    await program.parseAsync(words, { from: 'user' });
    progress?.end();
    return exitCode;
  } catch (error) {
    progress?.end();
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      if (json)
        printError(
          { exitCode: exitCodes.usage, code: 'usage', message: error.message.replace(/^error: /, '') },
          terminal,
        );
      return exitCodes.usage;
    }
    const keep = (report: string): string => {
      if (!config.debug) return keepInFile(report);
      stderr.write(report);
      return t('cli.above');
    };
    return printError(describeError(error, t, keep), terminal);
  } finally {
    interrupt.stop();
  }
}
