/** `lumiere block member|picture|list`: who may not use the bot, and which pictures it refuses, wherever it is asked. */
import { Command } from 'commander';

import { LumiereError } from '../engine/errors.ts';
import type { Database } from '../store/database.ts';
import type { Block } from '../store/rows.ts';
import { isLogId } from './log-id.ts';
import { openLogKey } from './log-key.ts';
import { parseMember } from './member-id.ts';
import { withLog } from './open-log.ts';
import { reasonOption } from './reason-option.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';
import { table } from './terminal.ts';

const examples = `
Examples:
  $ lumiere block member 123456789012345678 --reason "threatens people with animations"
  $ lumiere block picture photo.jpg --reason "shows a child"
                                        and near copies of it: cropped, mirrored, encoded again; a clip by three frames
  $ lumiere block picture 019abcde-0123-7456-89ab-cdef01234567 --reason "reported by whom it shows"
                                        the picture, or the clip, that a request was made from
  $ lumiere block list                  what is blocked everywhere, and the ids for lumiere unblock

Works on the bot's database, while the bot runs or not. What is blocked here is refused on every server and in direct
messages; moderators block on their own server with /moderate. Every deed stands in the usage log, by "operator".`;

interface BlockOptions extends SharedOptions {
  readonly reason: string;
}

export function blockCommand(start: StartRun): Command {
  const block = new Command('block')
    .summary('keep a member or a picture from the bot everywhere')
    .description('Blocks members and pictures on every server and in direct messages, and lists what is blocked.')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples);
  block
    .command('member')
    .description('Refuse whatever a member asks for, and stop what they have waiting or running.')
    .argument('<id>', "the member's id, in digits", parseMember)
    .requiredOption(...reasonOption)
    .option(...jsonOption)
    .action((userId: string, options: BlockOptions) => blockMember(start(options), userId, options.reason));
  block
    .command('picture')
    .description('Refuse a picture, or a clip, and near copies of it, and stop what is being made from one.')
    .argument('<file|request>', 'a file, or the id of a request that was made from it')
    .requiredOption(...reasonOption)
    .option(...jsonOption)
    .action((what: string, options: BlockOptions) => blockLikeness(start(options), what, options.reason));
  block
    .command('list')
    .description('List who and what is blocked everywhere: id, since when, whom, why.')
    .option(...jsonOption)
    .action((options: SharedOptions) => list(start(options)));
  return block;
}

async function blockMember(run: Run, userId: string, reason: string): Promise<void> {
  const { config, t, terminal } = run;
  const key = await openLogKey(config);
  const { blockUser } = await import('../store/blocks.ts');
  const { operatorId } = await import('../store/moderator-actions.ts');
  const { pseudonymOf } = await import('../store/log-chain.ts');
  const now = new Date();
  const { block, stopped } = await withLog(config, (db) => {
    const member = { userId, alias: pseudonymOf(key, userId) };
    return blockUser(db, member, { moderatorId: operatorId, reason, now });
  });
  terminal.line(t('operator.member-blocked', { member: userId, id: block.id }));
  sayStanding(block, now, run);
  if (stopped.length > 0) terminal.line(t('operator.stopped', { count: stopped.length }));
  terminal.document({ block: asData(block), stopped });
}

async function blockLikeness(run: Run, what: string, reason: string): Promise<void> {
  const { config, t, terminal, signal } = run;
  const { blockPicture } = await import('../store/blocks.ts');
  const { operatorId } = await import('../store/moderator-actions.ts');
  const isRequest = isLogId(what);
  const now = new Date();
  const ofFile = isRequest ? undefined : await likenessAt(what, signal);
  const { block, stopped } = await withLog(config, async (db) => {
    const perceptualHash = ofFile ?? (await likenessOfRequest(db, what.toLowerCase()));
    const requestId = isRequest ? what.toLowerCase() : undefined;
    return blockPicture(db, { perceptualHash }, { moderatorId: operatorId, reason, requestId, now });
  });
  terminal.line(t('operator.picture-blocked', { id: block.id }));
  sayStanding(block, now, run);
  if (stopped.length > 0) terminal.line(t('operator.stopped-from-it', { count: stopped.length }));
  terminal.document({ block: asData(block), stopped });
}

/** Whom or what is blocked already is not blocked again, for whatever reason. */
function sayStanding({ createdAt }: Block, now: Date, { t, terminal }: Run): void {
  if (createdAt < now) terminal.line(t('operator.block-stands', { since: createdAt.toISOString().slice(0, 10) }));
}

async function likenessAt(path: string, signal: AbortSignal): Promise<string> {
  const { likenessOfMedia } = await import('../engine/provenance/media-likeness.ts');
  const likeness = await likenessOfMedia(path, signal);
  if (likeness === '') throw new LumiereError('input.no-likeness', { path });
  return likeness;
}

async function likenessOfRequest(db: Database, id: string): Promise<string> {
  const request = await db.request.findUnique({ where: { id }, select: { inputHash: true } });
  if (request === null) throw new LumiereError('request.unknown', { id });
  if (request.inputHash === null) throw new LumiereError('request.no-picture-known', { id });
  return request.inputHash;
}

async function list({ config, t, terminal }: Run): Promise<void> {
  const { blocksEverywhere } = await import('../store/operator-deeds.ts');
  const blocks = await withLog(config, blocksEverywhere);
  const whom = ({ kind, userId }: Block): string => {
    if (kind === 'picture') return t('operator.a-picture');
    return userId?.startsWith('erased:') === true ? t('operator.somebody-erased') : (userId ?? '');
  };
  const rows = blocks.map((block) => [
    ...[block.id, block.createdAt.toISOString().slice(0, 16).replace('T', ' ')],
    ...[whom(block), block.reason.replaceAll(/\s+/g, ' ')],
  ]);
  if (rows.length === 0) terminal.line(t('operator.no-blocks'));
  for (const line of table(rows)) terminal.line(line);
  terminal.document({ blocks: blocks.map(asData) });
}

/** A block as `--json` tells it; what a picture is recognised by means nothing to a reader. */
function asData({ id, kind, userId, reason, createdAt }: Block): object {
  return { id, kind, ...(userId !== null && { member: userId }), reason, since: createdAt.toISOString() };
}
