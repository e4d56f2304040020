/** `lumiere block`, `unblock`, `remove` and `member` as an operator uses them beside the bot: what holds then, and what stands in the log. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { memberCommand } from '../../src/cli/member.ts';
import type { Run } from '../../src/cli/run.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { readConfig } from '../../src/config.ts';
import { likenessOfFile } from '../../src/engine/provenance/likeness.ts';
import { openInstallationKey } from '../../src/engine/provenance/installation-key.ts';
import { createTranslate } from '../../src/locale.ts';
import { addReport } from '../../src/store/reports.ts';
import { type BlockedMember, findPictureBlock, findUserBlock } from '../../src/store/blocks.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { continueErasures } from '../../src/store/erase.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { pseudonymOf, sealLog } from '../../src/store/log-chain.ts';
import { changeState, createRequest, type NewRequest } from '../../src/store/requests.ts';
import { auditLog } from '../../src/store/audit.ts';
import { scratchFolder, soundClip } from '../clips.ts';
import { finishedRequest, newRequest, runningRequest } from '../store/fixtures.ts';
import { runCli } from './run-cli.ts';

const member = '123456789012345678';
const nobodys = '019abcde-0123-7456-89ab-cdef01234567';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let env: { LUMIERE_DATA_DIR: string; DATABASE_URL: string };
let db: Database;
let key: Uint8Array;
let close: () => Promise<void>;

beforeAll(async () => {
  scratch = await scratchFolder();
  env = { LUMIERE_DATA_DIR: scratch.path, DATABASE_URL: `file:${join(scratch.path, 'lumiere.db')}` };
  key = await openInstallationKey(join(scratch.path, 'keys'), 'log');
  ({ db, close } = await openDatabase({ url: env.DATABASE_URL }));
  await startLog(db, key, { isNewKey: true });
});
afterAll(async () => {
  await close();
  await scratch.remove();
});
beforeEach(() => db.block.deleteMany());

const lumiere = (...words: string[]) => runCli(words, env);

async function answer(...words: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await lumiere(...words, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function expectIntact(): Promise<void> {
  await sealLog(db, key, { now: new Date(), limit: 1000 });
  expect(await auditLog(db, key)).toMatchObject({ intact: true, faults: [], waiting: 0 });
}

/** What the log says of the latest deed, once all is sealed and verifies. */
async function latestDeed() {
  await expectIntact();
  return db.moderatorAction.findFirstOrThrow({ orderBy: { id: 'desc' } });
}

const waiting = async (fields: Partial<NewRequest> = {}): Promise<string> => {
  const { id } = (await createRequest(db, newRequest(fields))).request;
  await changeState(db, id, 'waiting', { actor: 'bot', now: new Date() });
  return id;
};

const blockIn = (place: BlockedMember) => findUserBlock(db, place);

describe('lumiere block member', () => {
  it('refuses them on every server and in direct messages, and stops what they have there', async () => {
    const [direct, here] = [
      await waiting({ requesterId: member, guildId: undefined }),
      await waiting({ requesterId: member }),
    ];
    const others = await waiting({ requesterId: 'another' });
    const { status, stdout } = await lumiere('block', 'member', member, '--reason', ' threatens people ');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^Member ${member} is blocked on every server and in direct messages\\. Block: [0-9a-f-]{36}$`, 'm'),
    );
    expect(stdout).toContain('stopped: 2.');
    expect(stdout).not.toContain('It stands since');
    for (const guildId of [undefined, 'a', 'b']) {
      expect(await blockIn({ userId: member, guildId })).toMatchObject({ guildId: null, reason: 'threatens people' });
    }
    expect(await blockIn({ userId: 'another' })).toBeUndefined();
    for (const id of [direct, here]) {
      const row = await db.request.findUniqueOrThrow({
        where: { id },
        include: { events: { orderBy: { id: 'desc' } } },
      });
      expect(row).toMatchObject({ state: 'cancelled', code: 'queue.requester-blocked-everywhere' });
      expect(row.events[0]).toMatchObject({ to: 'cancelled', actor: 'operator' });
    }
    expect(await db.request.findUnique({ where: { id: others } })).toMatchObject({ state: 'waiting' });
    const by = { moderatorId: 'operator', guildId: null };
    expect(await latestDeed()).toMatchObject({
      ...by,
      kind: 'blockUser',
      targetUserId: member,
      reason: 'threatens people',
    });
  });

  it('blocks once, also whom is blocked under the name that a deletion left', async () => {
    const { block } = await answer('block', 'member', member, '--reason', 'one');
    expect(await answer('block', 'member', member, '--reason', 'two')).toMatchObject({ block });
    expect((await lumiere('block', 'member', member, '--reason', 'two')).stdout).toMatch(
      /It stands since \d{4}-\d\d-\d\d, and/,
    );
    await db.block.updateMany({ data: { userId: pseudonymOf(key, member) } });
    expect(await answer('block', 'member', member, '--reason', 'three')).toMatchObject({
      block: { since: (block as { since: string }).since },
    });
    expect(await db.block.count()).toBe(1);
    expect((await lumiere('block', 'list')).stdout).toContain('somebody who had their data deleted');
  });

  it.each([
    [['block', 'member', 'somebody', '--reason', 'x'], 'Expected the digits'],
    [['block', 'member', member], "required option '--reason <text>' not specified"],
    [['block', 'member', member, '--reason', '  '], 'Expected 1 to 500 characters'],
    [['block', 'picture', nobodys, '--reason', 'x'], '[request.unknown]'],
    [['remove', nobodys, '--reason', 'x'], '[request.unknown]'],
    [['remove', 'film.mp4', '--reason', 'x'], 'Expected an id'],
    [['unblock', nobodys], '[request.block-unknown]'],
  ])('and the like: %j is status 2', async (words, sentence) => {
    const before = await db.moderatorAction.count();
    const { status, stderr } = await lumiere(...words);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(sentence) as string });
    expect([await db.block.count(), await db.moderatorAction.count()]).toEqual([0, before]);
  });
});

describe('lumiere block list and unblock', () => {
  it('show what is blocked everywhere, and lift it by its id, a server’s own not', async () => {
    expect((await lumiere('block', 'list')).stdout).toBe('Nobody and no picture is blocked everywhere.\n');
    const own = { id: nobodys, kind: 'user', guildId: 'g', userId: member, reason: 'own', createdBy: '1' } as const;
    await db.block.create({ data: own });
    const { block } = (await answer('block', 'member', member, '--reason', 'spam')) as { block: { id: string } };
    expect(await answer('block', 'list')).toEqual({ blocks: [block] });
    expect((await lumiere('block', 'list')).stdout).toMatch(
      new RegExp(`^${block.id}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  ${member}  spam\\n$`),
    );
    expect((await lumiere('unblock', nobodys)).status).toBe(2);
    const { stdout } = await lumiere('unblock', block.id);
    expect(stdout).toBe('The member is not blocked everywhere any more. A block of a server still holds there.\n');
    expect(await blockIn({ userId: member })).toBeUndefined();
    expect(await blockIn({ userId: member, guildId: 'g' })).toMatchObject({ id: nobodys });
    expect(await latestDeed()).toMatchObject({
      kind: 'unblockUser',
      moderatorId: 'operator',
      guildId: null,
      reason: null,
    });
    expect((await lumiere('unblock', block.id)).status).toBe(2);
  });
});

describe('lumiere block picture', () => {
  const waves = async (name: string): Promise<string> => {
    const pixels = Buffer.from({ length: 160 * 120 } as ArrayLike<number>);
    for (let at = 0; at < pixels.length; at += 1) {
      const [x, y] = [(at % 160) / 160, Math.floor(at / 160) / 120];
      pixels[at] = 128 + 60 * Math.sin(9 * x + 5 * y * y) + 50 * Math.cos(13 * y - 4 * x * x);
    }
    const path = join(scratch.path, name);
    await sharp(pixels, { raw: { width: 160, height: 120, channels: 1 } }).toFile(path);
    return path;
  };

  it('refuses a file’s likeness everywhere, until the block is lifted', async () => {
    const path = await waves('waves.png');
    const { block } = (await answer('block', 'picture', path, '--reason', 'a child')) as { block: { id: string } };
    const copy = join(scratch.path, 'copy.jpg');
    await sharp(path).flop().resize(90).jpeg({ quality: 40 }).toFile(copy);
    const perceptualHash = await likenessOfFile(copy);
    for (const guildId of [undefined, 'g']) {
      expect(await findPictureBlock(db, { perceptualHash, guildId })).toMatchObject({ id: block.id, guildId: null });
    }
    expect(await latestDeed()).toMatchObject({
      kind: 'blockPicture',
      moderatorId: 'operator',
      detail: { block: block.id },
    });
    expect(await answer('unblock', block.id, '--reason', 'a mistake')).toEqual({ lifted: block.id, kind: 'picture' });
    expect(await findPictureBlock(db, { perceptualHash })).toBeUndefined();
    expect(await latestDeed()).toMatchObject({ kind: 'unblockPicture', reason: 'a mistake' });
  });

  it('knows a clip by its frames, and a request by what it was made from', async () => {
    const { block } = (await answer('block', 'picture', await soundClip(), '--reason', 'x')) as {
      block: { id: string };
    };
    const { perceptualHash } = await db.block.findUniqueOrThrow({ where: { id: block.id } });
    expect(perceptualHash?.split(' ').filter((hash) => !hash.startsWith('~'))).toHaveLength(3);
    await db.block.deleteMany();
    const id = await waiting();
    expect(await lumiere('block', 'picture', id, '--reason', 'x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('[request.no-picture-known]') as string,
    });
    await db.request.update({ where: { id }, data: { inputHash: perceptualHash } });
    await answer('block', 'picture', id.toUpperCase(), '--reason', 'x');
    expect(await db.block.findFirst()).toMatchObject({ perceptualHash, guildId: null });
    expect(await latestDeed()).toMatchObject({ kind: 'blockPicture', requestId: id });
  });

  it('says what a file is that nothing can be recognised by, or that is none', async () => {
    const grey = join(scratch.path, 'grey.png');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } }).toFile(grey);
    for (const [path, code] of [
      [grey, 'input.no-likeness'],
      [join(scratch.path, 'missing.png'), 'input.not-found'],
      [join(scratch.path, 'lumiere.db'), 'input.neither'],
    ] as const) {
      const { status, stderr } = await lumiere('block', 'picture', path, '--reason', 'x');
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(`[${code}]`) as string });
    }
    expect(await db.block.count()).toBe(0);
  });
});

describe('lumiere remove', () => {
  const remove = (id: string) => answer('remove', id, '--reason', 'a court order');

  it('deletes a result, also one of direct messages, and asks the bot to take its message away', async () => {
    const { id } = await finishedRequest(db, {}, new Date());
    await db.request.update({ where: { id }, data: { guildId: null } });
    await db.delivery.update({
      where: { requestId: id },
      data: { state: 'delivered', messageId: '7', channelId: '8' },
    });
    await changeState(db, id, 'delivered', { actor: 'bot', now: new Date() });
    await addReport(db, { id: 'r', requestId: id, reporterId: 'm', reason: 'cruel', holds: false, now: new Date() });
    const { status, stdout } = await lumiere('remove', id, '--reason', 'a court order');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^The result is deleted: .* The bot takes its messages and its file away, .*\n$/);
    const row = await db.request.findUniqueOrThrow({
      where: { id },
      include: { media: true, removal: true, reports: true, events: true },
    });
    expect(row).toMatchObject({
      ...{ state: 'removed', code: 'queue.deleted-by-operator', media: [] },
      removal: { state: 'waiting' },
      reports: [{ state: 'upheld', decidedBy: 'operator' }],
    });
    expect(row.events.at(-1)).toMatchObject({ to: 'removed', actor: 'operator' });
    const deed = {
      kind: 'deleteResult',
      moderatorId: 'operator',
      guildId: null,
      requestId: id,
      targetUserId: 'member',
    };
    expect(await latestDeed()).toMatchObject({ ...deed, reason: 'a court order', detail: null });
    expect(await lumiere('remove', id, '--reason', 'again')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('[request.nothing-left]') as string,
    });
  });

  it('stops one that waits, and one that runs', async () => {
    const id = await waiting();
    expect(await remove(id)).toEqual({ request: id, outcome: 'stopped' });
    expect(await db.request.findUnique({ where: { id } })).toMatchObject({ state: 'cancelled' });
    const { id: running } = await runningRequest(db);
    expect(await remove(running)).toEqual({ request: running, outcome: 'stopping' });
    expect((await db.request.findUniqueOrThrow({ where: { id: running } })).cancelAskedAt).not.toBeNull();
    expect(await latestDeed()).toMatchObject({ kind: 'deleteResult', requestId: running, detail: { stopped: true } });
  });
});

describe('lumiere member', () => {
  it('writes what is held about a member where only the operator reads it', async () => {
    const id = await waiting({ requesterId: member });
    const output = join(scratch.path, 'data.json');
    expect(await answer('member', 'export', member, output)).toMatchObject({ member, output });
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    const held = JSON.parse(await readFile(output, 'utf8')) as { member: { id: string }; requests: { id: string }[] };
    expect(held.member.id).toBe(member);
    expect(held.requests.map((request) => request.id)).toContain(id);
    const nowhere = await lumiere('member', 'export', member, join(scratch.path, 'missing', 'data.json'));
    expect(nowhere).toMatchObject({ status: 4, stderr: expect.stringContaining('[output.unwritable]') as string });
  });

  it('stops at Ctrl-C, and leaves no file', async () => {
    const folder = join(scratch.path, 'stopped');
    await mkdir(folder);
    const config = readConfig(env);
    const terminal = createTerminal({ json: false, stdout: { write: () => true } });
    const run = { config, terminal, t: createTranslate('en'), signal: AbortSignal.abort() } as unknown as Run;
    const words = ['export', member, join(folder, 'data.json')];
    await expect(memberCommand(() => run).parseAsync(words, { from: 'user' })).rejects.toMatchObject({
      code: 'job.cancelled',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('has the bot forget them, once the operator is sure', async () => {
    const id = await waiting({ requesterId: member });
    const requests = await db.request.count({ where: { requesterId: member } });
    expect(await answer('member', 'forget', member)).toEqual({ member, requests, begun: false });
    expect(await continueErasures(db, { key, now: new Date() })).toEqual([]);
    expect(await db.request.findUnique({ where: { id } })).toMatchObject({ state: 'waiting' });
    expect(await answer('member', 'forget', member, '--sure')).toEqual({ member, requests, begun: true });
    // Their request is stopped, which they are told first.
    expect(await continueErasures(db, { key, now: new Date() })).toEqual([]);
    expect(await db.request.findUnique({ where: { id } })).toMatchObject({ state: 'cancelled' });
    await db.delivery.updateMany({ data: { state: 'delivered' } });
    expect(await continueErasures(db, { key, now: new Date() })).toEqual([member]);
    expect(await db.request.findUnique({ where: { id } })).toMatchObject({ requesterId: pseudonymOf(key, member) });
    await expectIntact();
  });
});

it('speaks the operator’s language', async () => {
  const { stdout } = await runCli(['block', 'list'], { ...env, LUMIERE_LANG: 'fr' });
  expect(stdout).toBe('Personne ni aucune image n’est bloqué partout.\n');
});
