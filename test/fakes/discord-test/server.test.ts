/** The parts that need no network: clock, ids, the description's derivation, permissions, what members see. */
import { PermissionFlagsBits } from 'discord.js';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { derive } from '../discord/api/derive.ts';
import { readDescription } from '../discord/api/description.ts';
import { createClock } from '../discord/clock.ts';
import { operations } from '../discord/operations/all.ts';
import { operationIds } from '../discord/api/routes.ts';
import { startDiscord } from '../discord/server.ts';
import { createSnowflakes } from '../discord/snowflake.ts';

test('the clock runs, jumps forward, stands still and runs on from there', () => {
  let real = 1000;
  const clock = createClock(() => real);
  clock.advance(500);
  expect(clock.now()).toBe(1500);
  clock.freeze();
  real += 100;
  expect(clock.now()).toBe(1500);
  clock.advance(1);
  expect(clock.now()).toBe(1501);
  clock.thaw();
  real += 10;
  expect(clock.now()).toBe(1511);
  expect(() => {
    clock.advance(-1);
  }).toThrow('expected a time to advance by of 0 ms or more but received -1');
});

test('ids rise, differ within one millisecond, and tell their time', () => {
  const clock = createClock(() => 1_700_000_000_000);
  const next = createSnowflakes(clock);
  const ids = Array.from({ length: 5000 }, () => BigInt(next()));
  expect(ids.every((id, at) => at === 0 || id > ids[at - 1]!)).toBe(true);
  expect(Number(ids[0]! >> 22n) + 1_420_070_400_000).toBe(1_700_000_000_000);
});

test('every described operation is served and no other', () => {
  expect(Object.keys(operations).sort()).toEqual([...operationIds].sort());
});

const whole = fileURLToPath(new URL('../../../../shared/discord/openapi.json', import.meta.url));
describe.skipIf(!existsSync(whole))('with the whole API description at hand', () => {
  test('the committed part is what the script makes of it', () => {
    expect(derive(JSON.parse(readFileSync(whole, 'utf8')) as never)).toEqual(readDescription());
  });
});

describe('members', async () => {
  const discord = await startDiscord();
  const guild = discord.guild('Old films', { locale: 'fr' });
  const open = guild.channel('open');
  const secret = guild.channel('secret');
  afterAll(async () => discord.stop());

  test('see only the channels that they may see', () => {
    const [alice, bob] = [guild.member('alice'), guild.member('bob', { roles: [guild.role('Staff')] })];
    secret.overwrites.set(guild.id, { id: guild.id, type: 'role', allow: 0n, deny: PermissionFlagsBits.ViewChannel });
    const [staff] = guild.guild.members.get(bob.id)!.roleIds;
    secret.overwrites.set(staff!, { id: staff!, type: 'role', allow: PermissionFlagsBits.ViewChannel, deny: 0n });
    bob.goTo(secret).post('for staff');
    expect(bob.messagesSeen().map(({ text }) => text)).toEqual(['for staff']);
    expect(alice.messagesSeen(secret)).toEqual([]);
    expect(() => alice.goTo(secret).post('hello')).toThrow('alice may not write here');
    alice.goTo(open);
  });

  test('the same name in two guilds is the same person', () => {
    const elsewhere = discord.guild('Elsewhere').member('alice');
    expect(elsewhere.id).toBe(guild.member('alice').id);
    expect(elsewhere.channel().name).toBe('general');
  });

  test('may delete their own messages; those of others need the permission', () => {
    const alice = guild.member('alice');
    const moderator = guild.member('mona', { roles: [guild.role('Moderators', PermissionFlagsBits.ManageMessages)] });
    const [first, second] = [alice.post('one'), alice.post('two')];
    const bob = guild.member('bob').goTo(open);
    expect(() => {
      bob.delete(first);
    }).toThrow('bob may not delete');
    alice.delete(first);
    moderator.delete(second);
    expect(alice.messagesSeen().map(({ text }) => text)).not.toContain('one');
    expect(discord.messagesIn(open).map(({ content, deletedAt }) => [content, deletedAt !== undefined])).toEqual([
      ['one', true],
      ['two', true],
    ]);
  });

  test('waiting in vain says for what, and what was asked of the server', async () => {
    const alice = guild.member('alice');
    await expect(alice.sees(/never/, { within: 50 })).rejects.toThrow(
      /waited 50 ms in vain for alice to see \/never\/\nlast requests:/,
    );
  });

  test('nothing is offered before the bot has registered a command', () => {
    expect(() => guild.member('alice').slash('restore')).toThrow(
      'alice is not offered a command restore there, only: none',
    );
  });
});
