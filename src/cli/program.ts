/**
 * The commands of `lumiere`. Each file here defines one command's words and options and loads the engine only when the
 * command runs: `--help` and `--dry-run` must not wait for modules they do not use.
 */
import { Command } from 'commander';

import { version } from '../version.ts';
import { animateCommand } from './animate.ts';
import { auditCommand } from './audit.ts';
import { blockCommand } from './block.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { memberCommand } from './member.ts';
import { modelsCommand } from './models.ts';
import { motionCommand } from './motion.ts';
import { removeCommand } from './remove.ts';
import { restoreCommand } from './restore.ts';
import type { StartRun } from './run.ts';
import type { Stream } from './terminal.ts';
import { unblockCommand } from './unblock.ts';
import { verifyCommand } from './verify.ts';

const examples = `
Examples:
  $ lumiere restore old.mp4                      four times larger, 60 frames a second, beside the original
  $ lumiere restore old.mp4 new.mp4 --dry-run    what would be done, and how long it would take
  $ lumiere animate portrait.jpg                 it breathes, blinks and looks about
  $ lumiere compare old.mp4 new.mp4              both side by side in one clip
  $ lumiere doctor                               what this machine has, lacks and can use
  $ lumiere COMMAND --help                       all options of a command, with examples

Exit status: 0 done, 1 fault in Lumière, 2 usage, 3 input, 4 output, 5 weights, 6 device, 7 machine, 8 log,
9 unproven, 130 stopped.
Settings are environment variables (LUMIERE_LANG=fr, LUMIERE_PROVIDERS=cpu, ...); docs/configuration.md lists them.`;

/** One function for each command's file, in the order of the help. */
const commands: readonly ((start: StartRun) => Command)[] = [
  restoreCommand,
  animateCommand,
  motionCommand,
  compareCommand,
  modelsCommand,
  auditCommand,
  blockCommand,
  unblockCommand,
  removeCommand,
  memberCommand,
  doctorCommand,
  verifyCommand,
  demoCommand,
];

/** Builds the command line. `start` gives an action its surroundings; the streams take help and usage errors. */
export function createProgram(start: StartRun, streams: { stdout: Stream; stderr: Stream }): Command {
  const program = new Command('lumiere')
    .description('Restores old clips and brings portraits to life, on your own machine.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples)
    .showSuggestionAfterError();
  for (const define of commands) program.addCommand(define(start));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) {
    command
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`(see: lumiere ${command === program ? '' : `${commandPath(command)} `}--help)`)
      .exitOverride()
      .configureOutput({
        writeOut: (text) => streams.stdout.write(text),
        writeErr: (text) => streams.stderr.write(text),
      });
  }
  return program;
}

/** Throws where `help NAME` asks for a command that is not there: by itself commander answers that with the help of all. */
export function refuseUnknownHelp(program: Command, words: readonly string[]): void {
  const [word, name] = words;
  const named = (wanted?: string): Command | undefined => program.commands.find((one) => one.name() === wanted);
  if (word === 'help' && name !== undefined && name !== 'help' && !name.startsWith('-') && named(name) === undefined)
    program.error(`error: unknown command '${name}'`);
  const command = named(word);
  if (command !== undefined) refuseUnknownHelp(command, words.slice(1));
}

function commandPath(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${commandPath(parent)} ${command.name()}` : command.name();
}
