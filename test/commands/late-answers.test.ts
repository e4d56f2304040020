/** A bot so late that the router acknowledges every press in its place: what stands for everybody stays as it is. */
import { readFile } from 'node:fs/promises';
import {
  ApplicationCommandType,
  ComponentType,
  InteractionResponseType,
  type MessageComponentInteraction,
} from 'discord.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { answerWithFile } from '../../src/commands/send-file.ts';
import { answer } from '../../src/discord/answer.ts';
import { connectDiscord, type DiscordConnection } from '../../src/discord/client.ts';
import type { BotServices, Command } from '../../src/discord/command.ts';
import { button, container, message, row, text } from '../../src/discord/message.ts';
import { createRouter, type Router } from '../../src/discord/router.ts';
import { soundClip } from '../clips.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let discord: DiscordServer;
let connection: DiscordConnection;
let router: Router;
const log = pino({ level: 'silent' });

const sendLate = async (interaction: MessageComponentInteraction, path: string): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 150));
  const file = { path, mediaType: 'video/mp4', name: 'late.mp4', isSpoiler: false };
  const items = [{ media: { url: 'attachment://late.mp4' } }];
  const said = message([container('done', [{ type: ComponentType.MediaGallery, items }])]);
  await answerWithFile(interaction, said, file, connection);
};

const shown: Command = {
  kind: 'slash',
  definition: { type: ApplicationCommandType.ChatInput, name: 'show', description: 'Shows' },
  execute: async (interaction) => {
    const said = message([container('done', [text('for everybody'), row(button('late:1', 'Late'))])]);
    await answer(interaction, said, { isPrivate: false });
  },
  components: { late: async (interaction) => sendLate(interaction, await soundClip()) },
};

beforeAll(async () => {
  discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  connection = await connectDiscord({ token: discord.token, rest: discord.rest, log, onLost: () => undefined });
  router = createRouter({ commands: [shown], services: { log } as unknown as BotServices, patienceMs: 20 });
  router.attach(connection.client);
  const body = [shown.definition];
  await connection.client.rest.put(`/applications/${discord.applicationId}/commands`, { body });
});
afterAll(async () => {
  await router.drain();
  await connection.close();
  await discord.stop();
});

it('a file that answers a press which was acknowledged for is shown below, to whoever pressed', async () => {
  const guild = discord.guild('Old films');
  guild.channel('screening');
  const alice = guild.member('alice');
  const stands = await alice.slash('show').answer();
  alice.click('Late', stands);
  const isAnswer = ({ files }: SeenMessage): boolean => files.some(({ name }) => name === 'late.mp4');
  expect((await alice.sees(isAnswer)).isPrivate).toBe(true);
  expect(alice.messagesSeen().find(({ id }) => id === stands.id)).toMatchObject({ text: 'for everybody', files: [] });
  expect(discord.journal.refused()).toEqual([]);
});

it('Compare acknowledges before anything else, in private, and leaves the result as it is', async () => {
  const bench = await startBench({ patienceMs: 0 });
  try {
    await bench.work(standIns().processors);
    bench.alice.slash('restore', {
      clip: { name: 'film.mp4', bytes: await readFile(await soundClip()) },
      private: true,
    });
    const has = (name: string) => (seen: SeenMessage) => seen.files.some((file) => file.name === name);
    const result = await bench.alice.sees(has('film.restored.mp4'));
    bench.alice.click('Compare', result);
    const compared = await bench.alice.sees(has('film.compared.mp4'));
    expect([compared.isPrivate, compared.id === result.id]).toEqual([true, false]);
    const { files } = bench.alice.messagesSeen().find(({ id }) => id === result.id)!;
    expect(files.map(({ name }) => name)).toEqual(['film.restored.mp4']);
    const { body } = bench.discord.journal.requests('create_interaction_response').at(-1)!;
    expect(body).toMatchObject({ type: InteractionResponseType.DeferredChannelMessageWithSource });
    expect(bench.discord.journal.refused()).toEqual([]);
  } finally {
    await bench.stop();
  }
});
