/** The client against the test server's gateway, the registration of commands, and what the bot may do where. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationCommandType, PermissionFlagsBits, PermissionsBitField } from 'discord.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { answer } from '../../src/discord/answer.ts';
import { connectDiscord, type DiscordConnection } from '../../src/discord/client.ts';
import type { BotServices, Command } from '../../src/discord/command.ts';
import { slashTexts } from '../../src/discord/localise.ts';
import { notice } from '../../src/discord/message.ts';
import { invitePermissions, lackingOf, lackingPermissions, permissionWords } from '../../src/discord/permissions.ts';
import { registerCommands } from '../../src/discord/register.ts';
import { createRouter } from '../../src/discord/router.ts';
import { translatorOf } from '../../src/discord/localise.ts';
import { createTranslate } from '../../src/locale.ts';
import { startFault } from '../../src/roles/start-fault.ts';
import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { freePort } from '../free-port.ts';

const log = pino({ level: 'silent' });
const lost: string[] = [];
let folder: string;
let database: OpenDatabase;
let discord: DiscordServer;
let connection: DiscordConnection;
let guild: ReturnType<DiscordServer['guild']>;

const command = (description: string): Command => ({
  kind: 'slash',
  definition: { type: ApplicationCommandType.ChatInput, name: 'rights', description },
  execute: async (interaction) => {
    await answer(interaction, notice('done', `lacks ${lackingPermissions(interaction).join()}`), { isPrivate: true });
  },
});
const register = (commands: readonly Command[]): Promise<boolean> =>
  registerCommands({
    rest: connection.client.rest,
    applicationId: connection.client.application.id,
    db: database.db,
    commands,
  });
const sent = (): number => discord.journal.requests('bulk_set_application_commands').length;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-connection-'));
  database = await openDatabase({ url: `file:${join(folder, 'lumiere.db')}` });
  discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  discord.rateLimits.set('bulk_set_application_commands', undefined);
  guild = discord.guild('Old films');
  guild.channel('screening');
  connection = await connectDiscord({
    token: discord.token,
    rest: discord.rest,
    log,
    onLost: (reason) => lost.push(reason),
  });
  const commands = [command('First')];
  createRouter({ commands, services: { log } as unknown as BotServices }).attach(connection.client);
});

afterAll(async () => {
  await connection.close();
  await database.close();
  await discord.stop();
  await rm(folder, { recursive: true, force: true });
});

it('tells of the commands once, again when they changed, and again when it could not', async () => {
  expect([await register([command('First')]), await register([command('First')]), sent()]).toEqual([true, false, 1]);
  discord.faults.plant('bulk_set_application_commands', { kind: 'status', status: 400 });
  await expect(register([command('Second')])).rejects.toThrow();
  expect([await register([command('Second')]), sent()]).toEqual([true, 3]);
});

it('knows what it lacks in a channel, and says it as the settings do', async () => {
  const alice = guild.member('alice');
  const answered = async (): Promise<string> => (await alice.slash('rights').answer()).text;
  expect(await answered()).toBe('lacks ');
  const channel = guild.channel('closed');
  alice.goTo(channel);
  guild.botMayNot(channel, PermissionFlagsBits.AttachFiles, PermissionFlagsBits.SendMessages);
  expect(await answered()).toBe('lacks AttachFiles,SendMessages');
  alice.goTo('direct messages');
  expect(await answered()).toBe('lacks ');
  expect(permissionWords(['AttachFiles', 'SendMessages'], translatorOf('fr'), 'fr')).toBe(
    'Joindre des fichiers et Envoyer des messages',
  );
});

it('needs another permission in a thread, and asks for no more than it uses', () => {
  const all = new PermissionsBitField(invitePermissions);
  expect([lackingOf(all, true), lackingOf(all, false)]).toEqual([[], []]);
  const some = new PermissionsBitField(invitePermissions & ~PermissionFlagsBits.SendMessagesInThreads);
  expect([lackingOf(some, true), lackingOf(some, false)]).toEqual([['SendMessagesInThreads'], []]);
  expect(all.toArray().sort()).toEqual([
    'AttachFiles',
    'ReadMessageHistory',
    'SendMessages',
    'SendMessagesInThreads',
    'ViewChannel',
  ]);
});

it('names a command in every language, and refuses a name that lacks', () => {
  const { name_localizations, description_localizations } = slashTexts('queue');
  expect(Object.keys(name_localizations)).toEqual(['en-US', 'en-GB', 'fr', 'it']);
  expect(new Set(Object.values(description_localizations)).size).toBe(3);
  expect(() => slashTexts('nonsense')).toThrow('command.nonsense.name');
});

it('resumes when the gateway drops it, and answers what came meanwhile', async () => {
  const alice = guild.member('alice');
  alice.goTo(guild.channel('screening'));
  discord.gateway.drop();
  const asked = alice.slash('rights');
  expect((await asked.answer()).text).toBe('lacks ');
  expect(lost).toEqual([]);
});

it('says when it is lost for good', async () => {
  discord.gateway.close(4004);
  await discord.until(() => lost.length > 0, 'the end of the connection');
  expect(lost).toEqual(['gateway closed with code 4004']);
});

it('does not start with a token that is not one', async () => {
  const { rest } = discord;
  const wrong = connectDiscord({ token: 'wrong.bot.token', rest, log, onLost: () => undefined });
  await expect(wrong).rejects.toMatchObject({ code: 'TokenInvalid' });
});

it('does not start without a way to Discord, and says so in a sentence', async () => {
  const api = `http://127.0.0.1:${await freePort()}/api`;
  const away = connectDiscord({ token: 'x', rest: { ...discord.rest, api }, log, onLost: () => undefined });
  const { sentence, status } = startFault(await away.catch((error: unknown) => error), createTranslate('en'));
  expect(sentence).toMatch(/^Discord cannot be reached \(.*ECONNREFUSED/);
  expect(sentence).not.toContain('\n');
  expect(status).toBe(7);
});

it('closes without a word of a gateway that was lost', async () => {
  const lines: string[] = [];
  const second = await connectDiscord({
    token: discord.token,
    rest: discord.rest,
    log: pino({}, { write: (line) => void lines.push(line) }),
    onLost: (reason) => lines.push(reason),
  });
  await second.close();
  expect(lines).toEqual([]);
});
