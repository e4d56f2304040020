/** The redis-server of our own: it answers, it comes back, two starters share one, and what was written stays. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type LocalRedis, type LocalRedisOptions, startLocalRedis } from '../../src/queue/local-redis.ts';
import { scratchFolder } from '../clips.ts';
import { processesNaming } from '../processes.ts';

let folder: Awaited<ReturnType<typeof scratchFolder>>;
let started: { stop: () => Promise<unknown> }[];

beforeEach(async () => {
  folder = await scratchFolder();
  started = [];
});
afterEach(async () => {
  for (const one of started.reverse()) await one.stop();
  // Its connection is closed a moment before it is gone.
  await until(() => servers().length === 0);
  await folder.remove();
});

const servers = () =>
  processesNaming(join(folder.path, 'redis.sock')).filter(({ args }) => args.startsWith('redis-server'));

async function startHere(options: Partial<LocalRedisOptions> = {}): Promise<LocalRedis> {
  const server = await startLocalRedis({ folder: folder.path, ...options });
  started.push(server);
  return server;
}

function client(address: string): Redis {
  const redis = new Redis(address, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  started.push({
    stop: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  });
  return redis;
}

async function until(what: () => boolean | Promise<boolean>, seconds = 100): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${String(what)}`);
    await sleep(10);
  }
}

describe('the local Redis', () => {
  it('answers on a socket that only its owner may open, and on no port; evicts nothing, writes everything', async () => {
    const { address } = await startHere();
    const redis = client(address);
    expect(await redis.ping()).toBe('PONG');
    expect((await stat(address)).mode & 0o777).toBe(0o700);
    expect(await redis.config('GET', 'port')).toEqual(['port', '0']);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  });

  it('keeps what was written when it is stopped, and when it is killed and comes back', async () => {
    const first = await startLocalRedis({ folder: folder.path });
    const before = client(first.address);
    await before.set('key', 'one');
    before.disconnect();
    await first.stop();
    expect(servers()).toEqual([]);

    const { address } = await startHere();
    const redis = client(address);
    expect(await redis.get('key')).toBe('one');
    await redis.set('key', 'two');
    const [server] = servers();
    process.kill(server!.pid, 'SIGKILL');
    await until(() => servers().some(({ pid }) => pid !== server!.pid));
    expect(await redis.get('key')).toBe('two');
  });

  it('starts over a socket that nobody listens on any more', async () => {
    const path = join(folder.path, 'redis.sock');
    await mkdir(folder.path, { recursive: true });
    await new Promise<void>((resolve) => {
      const dead = createServer().listen(path, () => {
        // Node removes the socket when it closes; a killed process does not.
        void import('node:fs').then(({ renameSync }) => {
          renameSync(path, `${path}.kept`);
          dead.close(() => {
            renameSync(`${path}.kept`, path);
            resolve();
          });
        });
      });
    });
    expect(existsSync(path)).toBe(true);
    const { address } = await startHere();
    expect(await client(address).ping()).toBe('PONG');
  });

  it('is one server for two who start at once, and stays while the second is there', async () => {
    const [first, second] = await Promise.all([startLocalRedis({ folder: folder.path }), startHere()]);
    expect(first.address).toBe(second.address);
    expect(servers()).toHaveLength(1);
    const redis = client(first.address);
    await redis.set('key', 'kept');
    // Whichever of the two keeps the server: after the first has gone, the other one does.
    await first.stop();
    await until(() => servers().length === 1);
    expect(await redis.get('key')).toBe('kept');
  });

  it('takes over a server whose keeper was killed, and ends it in the end', async () => {
    const keeper = fork(join(import.meta.dirname, 'keep-redis.ts'), [folder.path], { execArgv: ['--import', 'tsx'] });
    await once(keeper, 'message');
    const [orphan] = servers();
    keeper.kill('SIGKILL');
    await once(keeper, 'exit');
    const events: string[] = [];
    const server = await startHere({ onEvent: (event) => events.push(event) });
    expect(await client(server.address).ping()).toBe('PONG');
    expect(servers()).toEqual([orphan]);
    await until(() => events.includes('adopted'));
    process.kill(orphan!.pid, 'SIGKILL');
    await until(() => servers().some(({ pid }) => pid !== orphan!.pid));
    expect(events).toEqual(['adopted', 'died', 'started']);
  });

  it('puts the socket elsewhere where the path is too long for one', async () => {
    const long = join(folder.path, 'x'.repeat(120));
    const server = await startLocalRedis({ folder: long });
    try {
      expect(server.address.length).toBeLessThan(104);
      expect(await client(server.address).ping()).toBe('PONG');
    } finally {
      await server.stop();
    }
  });

  it('says why its lock cannot be taken', async () => {
    const lock = join(folder.path, 'redis.lock');
    await writeFile(lock, '');
    await utimes(lock, 1, 1); // else it would be another's for some seconds
    await expect(startLocalRedis({ folder: folder.path })).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('says in its own words why it cannot start', async () => {
    await mkdir(join(folder.path, 'appendonlydir'), { recursive: true });
    await writeFile(join(folder.path, 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
    await expect(startLocalRedis({ folder: folder.path })).rejects.toThrow(
      /redis-server ended with 1: .*AOF manifest/s,
    );
  });
});
