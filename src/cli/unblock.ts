/** `lumiere unblock ID`: lets a member, or a picture, in again that was blocked everywhere. */
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import { parseLogId } from './log-id.ts';
import { withLog } from './open-log.ts';
import { reasonOption } from './reason-option.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere unblock 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed
  $ lumiere unblock 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed --reason "it was somebody else"

Lifts what lumiere block wrote; lumiere block list shows the ids. Blocks of a server are lifted there, with /moderate.`;

interface UnblockOptions extends SharedOptions {
  readonly reason?: string;
}

export function unblockCommand(start: StartRun): Command {
  return new Command('unblock')
    .summary('lift a block that holds everywhere')
    .description('Lifts a block of lumiere block by its id.')
    .argument('<id>', "the block's id, as lumiere block list prints it", parseLogId)
    .option(...reasonOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((id: string, options: UnblockOptions) => unblock(start(options), id, options.reason));
}

async function unblock({ config, t, terminal }: Run, id: string, reason: string | undefined): Promise<void> {
  const { liftBlockEverywhere } = await import('../store/operator-deeds.ts');
  const lifted = await withLog(config, (db) => liftBlockEverywhere(db, id, { reason, now: new Date() }));
  if (lifted === undefined) throw new LumiereError('request.block-unknown', { id });
  terminal.line(t(lifted.kind === 'user' ? 'operator.member-unblocked' : 'operator.picture-unblocked'));
  terminal.document({ lifted: id, kind: lifted.kind });
}
