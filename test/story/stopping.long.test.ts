/** Told to stop, the program ends within ten seconds, whatever it is doing, and the job in hand goes back to the queue. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { h264, makeClip, picture } from '../clips.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { eventually } from './eventually.ts';
import { createInstallation, type Installation, type RunningRole } from './installation.ts';
import { freePort } from '../free-port.ts';

const minutes = 60_000;

/** A server that takes connections and never says a word. */
async function startMute(): Promise<{ port: number; visited: Promise<unknown>; stop(): void }> {
  const server = createServer();
  const visited = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, visited, stop: () => void server.close() };
}

async function health(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  return answer?.json();
}

describe('told to stop', { timeout: 3 * minutes }, () => {
  let discord: DiscordServer;
  let guild: ReturnType<DiscordServer['guild']>;
  let lumiere: Installation;

  beforeAll(async () => {
    discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
    guild = discord.guild('Old films');
    guild.channel('screening');
    lumiere = await createInstallation(discord);
  });
  afterAll(async () => {
    await lumiere.remove();
    await discord.stop();
  });

  async function endOf({ process: child, ended }: RunningRole, stop: () => void): Promise<number | NodeJS.Signals> {
    expect(child.exitCode).toBeNull();
    const begun = performance.now();
    stop();
    const status = await ended;
    expect(performance.now() - begun).toBeLessThan(10_000);
    return status;
  }

  it('by Ctrl-C, bot and worker are well until then, and end with the job handed back', async () => {
    const port = await freePort();
    const all = lumiere.start('all', { LUMIERE_METRICS_PORT: String(port) });
    await all.logged('worker ready');
    expect(await health(port)).toEqual({ ok: true, discord: true, redis: true, database: true });
    expect(await health(port + 1)).toEqual({ ok: true, redis: true, database: true });

    const film = await readFile(
      await makeClip('mp4', [...picture('testsrc2=size=640x480:rate=12:duration=20'), ...h264]),
    );
    const alice = guild.member('alice');
    const asked = alice.slash('restore', { clip: { name: 'long.mp4', bytes: film } });
    await alice.sees(({ text }) => text.includes('frames'), { within: minutes });
    const { db } = await lumiere.database();
    const find = () => db.request.findUniqueOrThrow({ where: { interactionId: asked.id } });
    expect((await find()).state).toBe('running');

    discord.gateway.down();
    await eventually(async () => JSON.stringify(await health(port)).includes('"discord":false'), 'it says so', 5000);
    discord.gateway.up();

    expect(await endOf(all, () => process.kill(-all.process.pid!, 'SIGINT'))).toBe(0);
    expect(await find()).toMatchObject({ state: 'waiting', attempts: 0, workerId: null });
    expect(lumiere.processes()).toEqual([]);
    expect(all.log.filter(({ msg }) => String(msg).startsWith('a part did not close'))).toEqual([]);
  });

  it('a worker ends that waits for Redis', async () => {
    const mute = await startMute();
    const worker = lumiere.start('worker', { REDIS_URL: `redis://127.0.0.1:${mute.port}` });
    await mute.visited;
    expect(await endOf(worker, () => worker.process.kill('SIGTERM'))).toBe(0);
    mute.stop();
  });

  it('a bot ends that waits for Discord', async () => {
    const mute = await startMute();
    const bot = lumiere.start('bot', { LUMIERE_DISCORD_API: `http://127.0.0.1:${mute.port}` });
    await mute.visited;
    expect(await endOf(bot, () => bot.process.kill('SIGTERM'))).toBe(0);
    mute.stop();
    expect(lumiere.processes()).toEqual([]);
  });
});
