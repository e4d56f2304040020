/** `lumiere member export|forget`: what `/privacy` answers, for members who cannot use Discord any more. */
import { createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import { openLogKey } from './log-key.ts';
import { parseMember } from './member-id.ts';
import { withLog } from './open-log.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere member export 123456789012345678 data.json     everything that is held about them, as /privacy export sends it
  $ lumiere member forget 123456789012345678               how much there is; nothing is changed
  $ lumiere member forget 123456789012345678 --sure        deletes it, as /privacy delete does; it cannot be undone

Works on the bot's database. Make sure that whoever writes to you is that member. The bot does the deleting, its messages in
Discord among it: within seconds while it runs, else when it is started next. Deleting their rows by hand would break the usage log.`;

interface ForgetOptions extends SharedOptions {
  readonly sure?: boolean;
}

export function memberCommand(start: StartRun): Command {
  const member = new Command('member')
    .summary('hand out or delete what is held about a member')
    .description('Does for a member what /privacy does, when they cannot use Discord any more.')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples);
  member
    .command('export')
    .description('Write everything that is held about a member into a file that only you can read.')
    .argument('<id>', "the member's id, in digits", parseMember)
    .argument('<file>', 'where to write it, as JSON')
    .option(...jsonOption)
    .action((userId: string, output: string, options: SharedOptions) => exportMember(start(options), userId, output));
  member
    .command('forget')
    .description('Delete what is held about a member, as they could with /privacy delete.')
    .argument('<id>', "the member's id, in digits", parseMember)
    .option('--sure', 'do it; it cannot be undone')
    .option(...jsonOption)
    .action((userId: string, options: ForgetOptions) => forget(start(options), userId, options.sure === true));
  return member;
}

async function exportMember({ config, t, terminal, signal }: Run, userId: string, output: string): Promise<void> {
  const key = await openLogKey(config);
  const { exportPersonalData } = await import('../store/personal-export.ts');
  const { beginPartialFile } = await import('../engine/media/partial-file.ts');
  await withLog(config, async (db) => {
    const file = await beginPartialFile(output);
    try {
      await chmod(file.path, 0o600);
      await pipeline(exportPersonalData(db, userId, { key, now: new Date() }), createWriteStream(file.path), {
        signal,
      });
      const bytes = await file.commit();
      terminal.line(t('operator.exported', { member: userId, path: output, bytes }));
      terminal.document({ member: userId, output, bytes });
    } catch (error) {
      throw signal.aborted ? new LumiereError('job.cancelled', {}, { cause: error }) : error;
    } finally {
      await file.discard();
    }
  });
}

async function forget({ config, t, terminal }: Run, userId: string, isSure: boolean): Promise<void> {
  const { askErasure } = await import('../store/erase.ts');
  const requests = await withLog(config, async (db) => {
    const count = await db.request.count({ where: { requesterId: userId } });
    if (isSure) await askErasure(db, userId, new Date());
    return count;
  });
  terminal.line(t(isSure ? 'operator.forgetting' : 'operator.would-forget', { member: userId, count: requests }));
  terminal.document({ member: userId, requests, begun: isSure });
}
