/** The real discord.js client against the test server, with members who use every kind of interaction. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExampleBot, startExampleBot } from './example-bot.ts';
import { type DiscordServer, startDiscord } from '../discord/server.ts';

const film = { name: 'film.mp4', bytes: Buffer.from('a film of 1896') };

let discord: DiscordServer;
let bot: ExampleBot;
let guild: ReturnType<DiscordServer['guild']>;

beforeAll(async () => {
  discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  guild = discord.guild('Old films');
  guild.channel('screening');
  bot = await startExampleBot(discord);
});

afterAll(async () => {
  await bot.stop();
  expect(bot.errors).toEqual([]);
  expect(discord.journal.refused()).toEqual([]);
  expect(discord.journal.warnings()).toEqual([]);
  await discord.stop();
});

test('a slash command with a file: deferred, edited, followed up, with a private word', async () => {
  const alice = guild.member('alice');
  const bob = guild.member('bob');
  const asked = alice.slash('develop', { clip: film, scale: 'twice' });
  expect(await asked.acknowledged()).toMatchObject({ type: 5 });
  const done = await alice.sees(/^done$/);
  expect(done.files).toMatchObject([{ name: 'developed-2.mp4', bytes: film.bytes }]);
  expect((await asked.answer()).history.map(({ text }) => text)).toEqual(['', 'developing']);
  const secret = await alice.sees(/private word/);
  expect(secret.isPrivate).toBe(true);
  expect(bob.messagesSeen().map(({ text }) => text)).toEqual(['developing', 'done']);
  expect(asked.messages().map(({ text }) => text)).toEqual(['developing', 'done', 'a private word']);
});

test('a button updates its message, a greyed or missing one cannot be pressed', async () => {
  const alice = guild.member('alice');
  expect((await alice.click('Cancel').answer()).text).toBe('cancelled');
  expect(() => alice.click('Cancel')).toThrow('alice sees no button Cancel, only: nothing to press');
});

test('a form: opened by a button, filled in with text and a file, answered in private', async () => {
  const carol = guild.member('carol');
  carol.slash('develop', { clip: film });
  await carol.sees((message) => message.buttons.some(({ label }) => label === 'Report'));
  const pressed = carol.click('Report');
  expect(await pressed.modal()).toMatchObject({ title: 'Report' });
  await expect(carol.submitModal(pressed, {})).rejects.toThrow('must write 1 to 100 characters for reason');
  await expect(carol.submitModal(pressed, { reason: 'x'.repeat(101) })).rejects.toThrow('must write 1 to 100');
  const proof = { name: 'proof.png', bytes: Buffer.from('png') };
  const submitted = await carol.submitModal(pressed, { reason: 'blurred', proof });
  expect(await submitted.answer()).toMatchObject({ text: 'reported: blurred proof.png', isPrivate: true });
});

test('a select menu, answered by a deferred update', async () => {
  const carol = guild.member('carol');
  expect(() => carol.select('look', ['purple'])).toThrow('carol is not offered purple in look');
  carol.select('Choose a look', ['sepia']);
  expect((await carol.sees(/looks sepia/)).author).toBe('lumiere');
});

test('autocomplete', async () => {
  const alice = guild.member('alice');
  expect(await alice.autocomplete('develop', 'look', 'se')).toEqual([{ name: 'sepia', value: 'sepia' }]);
  await expect(alice.autocomplete('develop', 'scale', '2')).rejects.toThrow('not offered completions');
});

test('context commands on a message and on a member', async () => {
  const [alice, bob] = [guild.member('alice'), guild.member('bob')];
  const post = bob.post('look at this', [film]);
  expect((await alice.contextMenu('Develop this', post).answer()).text).toBe('that has film.mp4');
  expect((await alice.contextMenu('Greet', bob).answer()).text).toBe('hello bob');
});

test('commands are offered by permission, in the language of the member', async () => {
  const french = guild.member('françois', { locale: 'fr' });
  const moderator = guild.member('mona', { roles: [guild.role('Moderators', 1n << 13n)] });
  expect(french.commandsOffered()).toContainEqual({
    kind: 'slash',
    name: 'développer',
    description: 'Développe un film',
  });
  expect(() => french.slash('audit')).toThrow('is not offered a command audit');
  expect((await moderator.slash('audit').answer()).text).toBe('audited');
});

test('the client keeps a member from sending what the command does not take', () => {
  const alice = guild.member('alice');
  expect(() => alice.slash('develop')).toThrow('alice must fill in clip of develop');
  expect(() => alice.slash('develop', { clip: film, colour: 'red' })).toThrow('not offered an option colour');
  expect(() => alice.slash('develop', { clip: film, scale: 3 })).toThrow('not offered 3 for scale');
  const large = { name: 'large.mp4', bytes: new Uint8Array(10 * 1024 * 1024 + 1) };
  expect(() => alice.slash('develop', { clip: large })).toThrow('may not upload');
});
