import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { errorCodes } from '../../src/engine/errors.ts';
import { version } from '../../src/version.ts';
import { runCli } from './run-cli.ts';

const nobody = { write: () => true };
const program = createProgram(
  () => {
    throw new Error('not run here');
  },
  { stdout: nobody, stderr: nobody },
);
const commands = program.commands.filter((command) => command.name() !== 'help');

describe('lumiere', () => {
  it('prints its version', async () => {
    expect(await runCli(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists every command in its help, with examples and the exit statuses', async () => {
    const { status, stdout } = await runCli(['--help']);
    expect(status).toBe(0);
    for (const command of commands) expect(stdout).toContain(`  ${command.name()}`);
    expect(stdout).toContain('$ lumiere restore old.mp4');
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) expect(stdout).toMatch(new RegExp(`[ :]${code} `));
  });

  it('speaks of help in the same words everywhere', async () => {
    for (const words of [['--help'], ['models', '--help'], ['models', 'list', '--help']]) {
      const { stdout } = await runCli(words);
      expect(stdout, words.join(' ')).toContain('print this help');
      expect(stdout, words.join(' ')).not.toContain('display');
    }
  });

  it.each(commands.map((command) => command.name()))(
    '%s --help shows examples that the command understands',
    async (name) => {
      const { status, stdout } = await runCli([name, '--help']);
      expect(status).toBe(0);
      const examples = stdout
        .split('Examples:')[1]!
        .split('\n')
        .filter((line) => /^ {2}\$ (\w+=\S+ )?lumiere /.test(line));
      expect(examples.length).toBeGreaterThanOrEqual(2);
      const options = new Set(
        program.commands
          .find((command) => command.name() === name)!
          .options.flatMap(({ long, short }) => [long, short]),
      );
      for (const example of examples) {
        expect(example).toContain(`lumiere ${name}`);
        for (const option of example.split(/ {3,}/)[1]?.match(/(?<= )--?[a-z][\w-]*/g) ?? []) {
          expect([...options, '--help', '--version'], example).toContain(option);
        }
      }
    },
  );

  it('offers --json on every command that gives an answer', () => {
    const answering = commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
    for (const command of answering)
      expect(
        command.options.map(({ long }) => long),
        command.name(),
      ).toContain('--json');
  });

  it.each([
    [['restroe'], "unknown command 'restroe'"],
    [['doctor', '--jsno'], "unknown option '--jsno'"],
    [['compare', 'only-one.mp4'], "missing required argument 'b'"],
    [['compare', 'a', 'b', 'c', 'd'], 'too many arguments'],
    [['compare', 'a', 'b', '--layout', 'round'], 'Allowed choices are side, divider'],
    [['compare', 'a', 'b', '--at', 'noon'], 'Expected seconds'],
    [['models', 'instal'], "unknown command 'instal'"],
    [['help', 'nope'], "unknown command 'nope'"],
    [['models', 'help', 'nope'], "unknown command 'nope'"],
    [['restore', 'a.mp4', '--label', ''], 'Expected words'],
  ])('refuses %j with status 2, the reason, and where to look', async (words, reason) => {
    const { status, stdout, stderr } = await runCli(words);
    expect(status).toBe(exitCodes.usage);
    expect(stdout).toBe('');
    expect(stderr).toContain(reason);
    expect(stderr).toContain('--help)');
  });

  it('gives usage errors as JSON too, and nothing else on stdout', async () => {
    const { status, stdout, stderr } = await runCli(['compare', '--json', 'a']);
    expect(status).toBe(exitCodes.usage);
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'usage', message: "missing required argument 'b'" } });
    expect(stderr).toBe('');
  });

  it('names a setting that it cannot use', async () => {
    const { status, stderr } = await runCli(['models', 'list'], { LUMIERE_THREADS: 'many' });
    expect(status).toBe(exitCodes.usage);
    expect(stderr).toContain('LUMIERE_THREADS');
  });
});

describe('exit statuses', () => {
  it('are decided by what an error is about, and none is 0 or that of a fault', () => {
    expect(exitCodeOf('request.invalid')).toBe(2);
    expect(exitCodeOf('input.empty')).toBe(3);
    expect(exitCodeOf('output.disk-full')).toBe(4);
    expect(exitCodeOf('model.not-installed')).toBe(5);
    expect(exitCodeOf('model.unknown')).toBe(2);
    expect(exitCodeOf('request.sound-not-found')).toBe(3);
    expect(exitCodeOf('device.failed')).toBe(6);
    expect(exitCodeOf('tool.missing')).toBe(7);
    expect(exitCodeOf('job.cancelled')).toBe(130);
    for (const code of errorCodes) expect([exitCodes.ok, exitCodes.bug], code).not.toContain(exitCodeOf(code));
  });

  it('stand in the README as they are', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    for (const code of Object.values(exitCodes)) expect(readme).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
