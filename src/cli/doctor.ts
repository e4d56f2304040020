/** `lumiere doctor`: what this machine has, lacks and can use, in plain words. */
import { Command } from 'commander';

import { exitCodes } from './exit-codes.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';
import { table } from './terminal.ts';

const examples = `
Examples:
  $ lumiere doctor              what is here, what is missing, what to type
  $ lumiere doctor --json       the same as data
  $ LUMIERE_PROVIDERS=cuda,cpu lumiere doctor

The exit status is 7 when something is missing that a restoration, or the bot that is set up, needs.`;

const marks = { ok: '[ok]', note: '[--]', missing: '[no]' } as const;

export function doctorCommand(start: StartRun): Command {
  return new Command('doctor')
    .summary('look at this machine: what it has, lacks and can use')
    .description(
      'Looks at this machine: programs, weights, devices, room on disk and in memory, the certificate that signs; and at the bot: Redis, database, Discord.',
    )
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: SharedOptions) => examine(start(options)));
}

async function examine({ config, t, terminal, setExitCode }: Run): Promise<void> {
  const { examineMachine } = await import('./doctor-checks.ts');
  const { examineBot } = await import('./doctor-bot-checks.ts');
  const { examineIdentity } = await import('./doctor-identity-check.ts');
  const { examineSettings } = await import('./doctor-settings-checks.ts');
  const { examineSecrets } = await import('./doctor-secrets-check.ts');
  const { checks: ofMachine, device } = await examineMachine(config);
  const identity = await examineIdentity(config, t, Date.now());
  const checks = [
    ...ofMachine,
    ...(await examineSettings(config, t)),
    ...identity,
    ...(await examineSecrets(config)),
    ...(await examineBot(config, t)),
  ];
  for (const { id, state, params } of checks) terminal.line(`${marks[state]} ${t(`doctor.${id}.${state}`, params)}`);
  terminal.line();
  terminal.line(t('doctor.runtime', { version: device.runtime }));
  const rows = device.providers.map(({ name, works, reason }) => [
    `  ${name}`,
    works ? t('doctor.provider-works') : t('doctor.provider-fails'),
    (reason ?? '').split('\n', 1)[0]!.slice(0, 100),
  ]);
  for (const line of table(rows)) terminal.line(line);
  const isMissing = checks.some(({ state }) => state === 'missing');
  terminal.line();
  terminal.line(t(isMissing ? 'doctor.not-ready' : 'doctor.ready'));
  if (isMissing) setExitCode(exitCodes.tool);
  terminal.document({ ready: !isMissing, checks, device });
}
