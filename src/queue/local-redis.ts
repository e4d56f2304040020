/**
 * A redis-server of our own, for an installation that names none: on a Unix socket in the data folder, nothing of it on
 * the network, everything written to disk. Of several processes that share the folder one keeps the server, and another
 * takes over when that one is gone; a server that outlived its keeper is taken over as it is.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { lock } from 'proper-lockfile';

import { LumiereError } from '../engine/errors.ts';

/** Bytes of a socket's path that every system takes: 104 on macOS, 108 on Linux, with a zero at the end. */
const longestSocketPath = 103;
/** A keeper that was killed leaves its lock behind for so long. */
const staleMs = 5000;
const renewMs = 1000;
/** How often those who are not the keeper look whether they may be. */
const lookMs = 250;
const pingMs = 1000;
/** Loading a large append-only file takes its time. */
const readyMs = 60_000;
const stopMs = 5000;
/** A server that dies at once is started again after this long, twice as long the next time, up to the last. */
const restartMs = { first: 100, last: 5000 } as const;
const keptCharacters = 2000;

export interface LocalRedis {
  /** Path of the socket: the address to connect to. */
  readonly address: string;
  /** Ends the server if this process keeps it; else only stops looking after it. */
  stop(): Promise<void>;
}

export interface LocalRedisOptions {
  /** Where the socket and the data lie; made when missing. */
  readonly folder: string;
  /** Told when a server was started, taken over or lost; for the log. */
  readonly onEvent?: (
    event: 'started' | 'adopted' | 'died',
    detail: { readonly pid?: number; readonly reason?: string },
  ) => void;
}

/**
 * Makes sure that a server answers on the folder's socket and goes on doing so until `stop`. Resolves when it answers.
 * Rejects with `tool.missing` when there is no redis-server, and an Error with its last words when it does not start.
 */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  const address = socketPath(folder);
  const ending = new AbortController();
  let failure: Error | undefined;
  const keeping = keep(folder, address, options, ending.signal, (error) => {
    failure ??= error;
  });
  const stop = async (): Promise<void> => {
    ending.abort();
    await keeping;
  };
  const deadline = Date.now() + readyMs;
  while (!(await answers(address))) {
    if (failure !== undefined || Date.now() > deadline) {
      await stop();
      throw failure ?? new Error(`redis-server did not answer within ${readyMs / 1000} s`);
    }
    await sleep(10);
  }
  return { address, stop };
}

/** In the data folder where the system takes so long a path, else under a name of its own in the temporary folder. */
function socketPath(folder: string): string {
  const path = join(folder, 'redis.sock');
  if (Buffer.byteLength(path) <= longestSocketPath) return path;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `lumiere-redis-${name}.sock`);
}

/** A connection to the server that answers on the socket and has loaded its data. */
async function serverAt(address: string): Promise<Redis | undefined> {
  const redis = new Redis(address, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: pingMs,
    enableReadyCheck: false,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const late = sleep(pingMs, undefined, { ref: false }).then(() => Promise.reject(new Error('no answer')));
    await Promise.race([redis.ping(), late]); // refused while it loads
    return redis;
  } catch {
    redis.disconnect();
    return undefined;
  }
}

async function answers(address: string): Promise<boolean> {
  const redis = await serverAt(address);
  redis?.disconnect();
  return redis !== undefined;
}

/** Becomes the keeper as soon as nobody else is, and is it until `ending`. */
async function keep(
  folder: string,
  address: string,
  options: LocalRedisOptions,
  ending: AbortSignal,
  onFailure: (error: Error) => void,
): Promise<void> {
  while (!ending.aborted) {
    const lost = new AbortController();
    const held = await lock(folder, {
      lockfilePath: join(folder, 'redis.lock'),
      stale: staleMs,
      update: renewMs,
      onCompromised: () => {
        lost.abort();
      },
    }).then(
      (release) => ({ release }),
      (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
    if ('error' in held) {
      if (!isLocked(held.error)) onFailure(held.error);
      await pause(lookMs, ending);
      continue;
    }
    try {
      await serve(folder, address, options, { ending, lost: lost.signal, onFailure });
    } finally {
      await held.release().catch(() => undefined);
    }
  }
}

/** Another process has it. Anything else, a disk that is full or may not be written, does not pass by waiting for one. */
function isLocked(error: Error): boolean {
  return 'code' in error && error.code === 'ELOCKED';
}

interface Keeping {
  readonly ending: AbortSignal;
  /** Another process took the lock, because this one stood still for seconds: the server is the other's now. */
  readonly lost: AbortSignal;
  readonly onFailure: (error: Error) => void;
}

interface Server {
  readonly pid?: number;
  /** Resolves when it has ended, to what it said last. */
  readonly gone: Promise<Error>;
  /** Asks it to write its files and end. */
  end(): void;
  kill(): void;
}

async function serve(
  folder: string,
  address: string,
  { onEvent }: LocalRedisOptions,
  { ending, lost, onFailure }: Keeping,
): Promise<void> {
  const over = AbortSignal.any([ending, lost]);
  const told = new Promise<undefined>((resolve) => {
    over.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  let restartIn: number = restartMs.first;
  while (!over.aborted) {
    const found = await serverAt(address);
    if (!found) await rm(address, { force: true });
    const server = found ? adopt(found) : start(folder, address);
    onEvent?.(found ? 'adopted' : 'started', server.pid === undefined ? {} : { pid: server.pid });
    const since = Date.now();
    const failure = await Promise.race([told, server.gone]);
    if (failure === undefined) {
      if (!lost.aborted) await end(server);
      return;
    }
    onEvent?.('died', { reason: failure.message });
    onFailure(failure);
    if (Date.now() - since > restartMs.last) restartIn = restartMs.first;
    await pause(restartIn, over);
    restartIn = Math.min(restartIn * 2, restartMs.last);
  }
}

async function end(server: Server): Promise<void> {
  server.end();
  const tooLong = setTimeout(() => {
    server.kill();
  }, stopMs);
  await server.gone;
  clearTimeout(tooLong);
}

/** A server that another process started and left behind; its process may be out of reach, its connection is not. */
function adopt(redis: Redis): Server {
  return {
    gone: new Promise((resolve) => {
      redis.once('close', () => {
        resolve(new Error('the server that was there has ended'));
      });
    }),
    end: () => {
      redis.shutdown().catch(() => undefined);
    },
    kill: () => {
      redis.disconnect();
    },
  };
}

function start(folder: string, address: string): Server {
  const settings = {
    port: '0',
    unixsocket: address,
    unixsocketperm: '700',
    dir: folder,
    appendonly: 'yes',
    // A second may be lost with the whole machine, nothing with the process: what must last is in the database.
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
    logfile: '',
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  // In a group of its own: Ctrl-C in a terminal is for us, and we end the server when the last job is back in it.
  const child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-keptCharacters);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const gone = new Promise<Error>((resolve) => {
    child.once('error', (cause) => {
      resolve(new LumiereError('tool.missing', { tool: 'redis-server' }, { cause }));
    });
    child.once('close', (code, signal) => {
      resolve(new Error(`redis-server ended with ${signal ?? code ?? 'nothing'}: ${said.trim()}`));
    });
  });
  return {
    ...(child.pid !== undefined && { pid: child.pid }),
    gone,
    end: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
