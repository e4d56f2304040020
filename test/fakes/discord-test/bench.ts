/** A test server with one guild, one member and plain HTTP, and the judgement of a rule: it refuses wrong and takes right. */
import { ApplicationCommandType } from 'discord.js';
import { afterAll, afterEach, expect } from 'vitest';
import { operationIds } from '../discord/api/routes.ts';
import type { Asked } from '../discord/member/ask.ts';
import type { Member } from '../discord/member/member.ts';
import { type DiscordServer, startDiscord } from '../discord/server.ts';
import type { GuildFixture } from '../discord/world/guild.ts';
import type { Channel } from '../discord/world/model.ts';
import { createRawClient, type RawAnswer, type RawClient, type RawFile } from './raw-client.ts';

export interface Case {
  readonly wrong: () => Promise<RawAnswer>;
  readonly right: () => Promise<RawAnswer>;
  /** Code of the refusal, and where in the body the fault stands. */
  readonly code: number;
  readonly at?: string;
  readonly status?: number;
}

/** Where the tree of a refusal has its faults. */
function faultPaths(tree: unknown, path: readonly string[] = []): string[] {
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([key, inner]) =>
    key === '_errors' ? [path.join('.')] : faultPaths(inner, [...path, key]),
  );
}

/** The wrong request is refused with that code and at that field; the right one beside it is taken. */
export async function judge({ wrong, right, code, at, status = 400 }: Case): Promise<void> {
  const refused = await wrong();
  expect(refused).toMatchObject({ status, body: { code } });
  if (at !== undefined) expect(faultPaths((refused.body as { errors?: unknown }).errors)).toContain(at);
  const taken = await right();
  expect(taken.status, JSON.stringify(taken.body)).toBeLessThan(300);
}

export const idOf = ({ body }: RawAnswer): string => (body as { id: string }).id;

interface Token {
  readonly id: string;
  readonly token: string;
}

export interface Bench {
  readonly discord: DiscordServer;
  readonly guild: GuildFixture;
  readonly channel: Channel;
  readonly alice: Member;
  readonly call: RawClient;
  /** Path of the channel's messages. */
  readonly messages: string;
  /** Posts to the channel with the bot's token. */
  readonly post: (body: object, files?: readonly RawFile[]) => Promise<RawAnswer>;
  /** Somebody asks something that waits for an answer. */
  readonly asks: (who?: Member) => Asked;
  readonly callback: (asked: Token, body: unknown, files?: readonly RawFile[]) => Promise<RawAnswer>;
  readonly webhook: (method: string, asked: Pick<Token, 'token'>, path: string, body?: unknown) => Promise<RawAnswer>;
  /** Gives the first answer. */
  readonly answered: (asked: Asked, data?: object) => Promise<Asked>;
  /** Asks, and defers the answer. */
  readonly deferred: (flags?: number) => Promise<Asked>;
}

/** Without rate limits, which have tests of their own. Stops after the file's tests. */
export async function startBench(): Promise<Bench> {
  const discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  for (const operation of operationIds) discord.rateLimits.set(operation, undefined);
  const call = createRawClient(discord);
  const guild = discord.guild('Old films');
  const channel = guild.channel('screening');
  const alice = guild.member('alice');
  afterAll(async () => discord.stop());
  // Keeps clear of the limit of 50 requests a second in all, which cannot be lifted.
  afterEach(() => {
    discord.clock.advance(1000);
  });

  const messages = `/channels/${channel.id}/messages`;
  const asks: Bench['asks'] = (who = alice) => {
    const definition = { name: 'restore', type: ApplicationCommandType.ChatInput, description: 'Restores' };
    discord.commands.set([definition], undefined);
    return who.slash('restore');
  };
  const callback: Bench['callback'] = async ({ id, token }, body, files = []) =>
    call('POST', `/interactions/${id}/${token}/callback?with_response=true`, body, { files });
  return {
    discord,
    guild,
    channel,
    alice,
    call,
    messages,
    post: async (body, files = []) => call('POST', messages, body, { files }),
    asks,
    callback,
    webhook: async (method, { token }, path, body) =>
      call(method, `/webhooks/${discord.applicationId}/${token}${path}`, body),
    answered: async (asked, data = { content: 'working' }) => {
      expect((await callback(asked, { type: 4, data })).status).toBe(200);
      return asked;
    },
    deferred: async (flags = 0) => {
      const asked = asks();
      expect((await callback(asked, { type: 5, data: { flags } })).status).toBe(200);
      return asked;
    },
  };
}
