/** `lumiere remove REQUEST`: stops a request, or deletes what it came to, wherever it was asked. */
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import { parseLogId } from './log-id.ts';
import { withLog } from './open-log.ts';
import { reasonOption } from './reason-option.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere remove 019abcde-0123-7456-89ab-cdef01234567 --reason "whom it shows asked for it"
  $ lumiere remove 019abcde-0123-7456-89ab-cdef01234567 --reason "a court order" --json

Works on the bot's database, on what was asked in direct messages too; lumiere verify FILE --json names the request that a
file was made by. Messages are taken away by the bot: within seconds while it runs, else when it is started next. Its member
is told in general words. It stands in the usage log, by "operator".`;

interface RemoveOptions extends SharedOptions {
  readonly reason: string;
}

export function removeCommand(start: StartRun): Command {
  return new Command('remove')
    .summary("stop a request of the bot's, or delete its result")
    .description('Stops a request that waits or runs; deletes a result and its messages.')
    .argument('<request>', "the request's id", parseLogId)
    .requiredOption(...reasonOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((id: string, options: RemoveOptions) => remove(start(options), id, options.reason));
}

async function remove({ config, t, terminal }: Run, id: string, reason: string): Promise<void> {
  const { removeAnywhere } = await import('../store/operator-deeds.ts');
  const outcome = await withLog(config, (db) => removeAnywhere(db, id, { reason, now: new Date() }));
  if (outcome === 'unknown') throw new LumiereError('request.unknown', { id });
  if (outcome === 'nothing') throw new LumiereError('request.nothing-left', { id });
  terminal.line(t(`operator.${outcome}-request`));
  terminal.document({ request: id, outcome });
}
