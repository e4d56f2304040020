/**
 * A Discord, a database and a media store with requests in them, as members make them: a command that is deferred, a row, a
 * result and its delivery. What sends the deliveries is the test's own business.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationCommandType } from 'discord.js';
import { pino } from 'pino';

import { acknowledge } from '../../src/discord/answer.ts';
import { connectDiscord } from '../../src/discord/client.ts';
import type { BotServices, Command } from '../../src/discord/command.ts';
import { createRouter } from '../../src/discord/router.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import type { MediaStore } from '../../src/store/media-store.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { changeState, createRequest, finishRequest } from '../../src/store/requests.ts';
import { type DiscordOptions, type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { madeFileMac } from '../store/fixtures.ts';

export type Guild = ReturnType<DiscordServer['guild']>;
export type Member = ReturnType<Guild['member']>;

export interface Wish {
  readonly isPrivate?: boolean;
  readonly isSpoiler?: boolean;
  /** Of the result; 5,000 when left out. */
  readonly bytes?: number;
}

export interface OutboxWorld {
  readonly discord: DiscordServer;
  readonly guild: Guild;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly media: MediaStore;
  readonly mediaFolder: string;
  /** A member asks where they stand; the request then waits in the queue. */
  readonly ask: (member: Member, wish?: Wish) => Promise<string>;
  /** The queue has the result of a request: its delivery is due. */
  readonly finish: (requestId: string, bytes?: number) => Promise<void>;
  readonly fail: (requestId: string, kind: 'failed' | 'cancelled', code: string) => Promise<void>;
  /** Puts a clip of so many bytes into the store. */
  readonly clip: (bytes: number) => Promise<{ sha256: string; bytes: number; mediaType: string }>;
  readonly close: () => Promise<void>;
}

const clipFacts = (width: number, height: number, bytes: number) => ({
  width,
  height,
  rate: { num: 24, den: 1 },
  bytes,
  seconds: 3,
});

export async function openOutboxWorld(options: DiscordOptions = {}): Promise<OutboxWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-outbox-'));
  const discord = await startDiscord({ ...options, settings: { acknowledgeWithin: 60_000, ...options.settings } });
  const guild = discord.guild('Old films');
  guild.channel('screening');
  const databaseUrl = `file:${join(folder, 'lumiere.db')}`;
  const opened = await openDatabase({ url: databaseUrl });
  const { db } = opened;
  const mediaFolder = join(folder, 'media');
  const media = localMediaStore({ folder: mediaFolder });
  const log = pino({ level: 'silent' });
  const { now } = discord.clock;
  const wishes: Wish[] = [];
  const written = new Map<string, string>();

  const restore: Command = {
    kind: 'slash',
    definition: { type: ApplicationCommandType.ChatInput, name: 'restore', description: 'Restores a clip' },
    execute: async (interaction) => {
      const wish = wishes.shift() ?? {};
      const { messageId, isPrivate } = await acknowledge(interaction, { isPrivate: wish.isPrivate ?? false });
      const { request } = await createRequest(db, {
        id: newRequestId(now()),
        command: 'restore',
        guildId: interaction.guildId ?? undefined,
        channelId: interaction.channelId,
        requesterId: interaction.user.id,
        locale: interaction.locale,
        interactionId: interaction.id,
        parameters: { version: 1, command: 'restore' },
        inputName: 'grand_père.mp4',
        now: new Date(now()),
        reply: {
          applicationId: interaction.applicationId,
          token: interaction.token,
          tokenExpiresAt: new Date(now() + 15 * 60_000),
          isPrivate,
          isSpoiler: wish.isSpoiler ?? false,
          uploadLimit: interaction.attachmentSizeLimit,
          messageId,
        },
      });
      await changeState(db, request.id, 'waiting', { actor: 'bot', now: new Date(now()) });
      written.set(interaction.id, request.id);
    },
  };
  const connection = await connectDiscord({ token: discord.token, rest: discord.rest, log, onLost: () => undefined });
  const router = createRouter({ commands: [restore], services: { log } as unknown as BotServices });
  router.attach(connection.client);
  await connection.client.rest.put(`/applications/${discord.applicationId}/commands`, { body: [restore.definition] });

  const clip: OutboxWorld['clip'] = async (bytes) => {
    const content = Buffer.alloc(bytes, `a clip of ${bytes} bytes, number ${Math.random()}`);
    const stored = await media.put(
      (async function* () {
        yield await Promise.resolve(content);
      })(),
      { mediaType: 'video/mp4' },
    );
    return { ...stored, mediaType: 'video/mp4' };
  };
  const begin = (id: string) =>
    changeState(db, id, 'running', { actor: 'worker:w', now: new Date(now()), set: { workerId: 'w' } });

  return {
    discord,
    guild,
    db,
    databaseUrl,
    media,
    mediaFolder,
    clip,
    ask: async (member, wish = {}) => {
      wishes.push(wish);
      const { id } = member.slash('restore');
      await discord.until(() => written.has(id) || undefined, 'the request to be written');
      return written.get(id)!;
    },
    finish: async (requestId, bytes = 5000) => {
      await begin(requestId);
      const file = await clip(bytes);
      const outcome = {
        version: 1,
        before: clipFacts(320, 240, 4000),
        after: clipFacts(1280, 960, bytes),
        givenUp: [],
        warnings: [],
        seconds: 12,
      };
      await finishRequest(
        db,
        requestId,
        {
          kind: 'finished',
          actor: 'worker:w',
          computeSeconds: 12,
          outcome,
          file,
          expiresAt: new Date(now() + 72 * 3_600_000),
          madeFileMac,
        },
        new Date(now()),
      );
    },
    fail: async (requestId, kind, code) => {
      await begin(requestId);
      await finishRequest(db, requestId, { kind, actor: 'worker:w', code, computeSeconds: 1 }, new Date(now()));
    },
    close: async () => {
      await router.drain();
      await connection.close();
      await opened.close();
      await discord.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
