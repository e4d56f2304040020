/**
 * An installation of Lumière in a folder of its own: the real program in real processes (bot, worker, redis-server), real
 * weights and ffmpeg, with the test server in Discord's place. What a test starts here it also ends here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type OpenDatabase, openDatabase } from '../../src/store/database.ts';
import { programWords } from '../built.ts';
import type { DiscordServer } from '../fakes/discord/server.ts';
import { installForTest, testModelCache } from '../models.ts';
import { processesNaming } from '../processes.ts';

export type Role = 'all' | 'bot' | 'worker';

/** A running process of the program and what it logged. */
export interface RunningRole {
  readonly process: ChildProcess;
  /** Lines of its log, parsed, as they come. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Everything it wrote that is no log line. */
  readonly said: () => string;
  /** Resolves when a line with this message was logged. */
  readonly logged: (message: string, withinMs?: number) => Promise<void>;
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export interface Installation {
  readonly folder: string;
  readonly start: (role: Role, settings?: Readonly<Record<string, string>>) => RunningRole;
  /** Lines that all its processes have logged, those that ended among them, and what they wrote besides. */
  readonly everythingSaid: () => string;
  /** Opens its database beside the program. */
  readonly database: () => Promise<OpenDatabase>;
  /** Processes that name this installation's folder, redis-server among them. */
  readonly processes: () => ReturnType<typeof processesNaming>;
  /** Ends everything and removes the folder. */
  readonly remove: () => Promise<void>;
}

export async function createInstallation(discord: DiscordServer): Promise<Installation> {
  for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-story-'));
  const started: RunningRole[] = [];
  const databases: OpenDatabase[] = [];

  const start: Installation['start'] = (role, settings = {}) => {
    const child = spawn(process.execPath, [...programWords('main.ts'), role], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DISCORD_TOKEN: discord.token,
        LUMIERE_DISCORD_API: discord.rest.api,
        LUMIERE_DISCORD_CDN: discord.rest.cdn,
        LUMIERE_DATA_DIR: folder,
        LUMIERE_MODELS_DIR: testModelCache,
        LUMIERE_PROVIDERS: 'cpu',
        LUMIERE_METRICS_PORT: '0',
        LUMIERE_LOG_LEVEL: 'debug',
        TMPDIR: folder,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Both in a group of their own, as a shell starts a command: a signal to the group is what Ctrl-C is.
      detached: role === 'all',
    });
    const log: Record<string, unknown>[] = [];
    let said = '';
    let rest = '';
    const waiting = new Set<() => void>();
    const read = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        try {
          log.push(JSON.parse(line) as Record<string, unknown>);
        } catch {
          said += `${line}\n`;
        }
      }
      for (const look of waiting) look();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    const ended = new Promise<number | NodeJS.Signals>((resolve) => {
      child.once('close', (code, signal) => {
        resolve(code ?? signal!);
      });
    });
    const logged = (message: string, withinMs = 60_000): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!log.some(({ msg }) => msg === message)) return;
          finish();
          resolve();
        };
        const fail = (why: string): void => {
          finish();
          const last = log.slice(-5).map((line) => JSON.stringify(line));
          reject(new Error(`'${message}' was not logged: ${why}\n${said}${last.join('\n')}`));
        };
        const timer = setTimeout(() => {
          fail(`waited ${withinMs} ms`);
        }, withinMs);
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        void ended.then((status) => {
          fail(`ended with ${status}`);
        });
        look();
      });
    const running = { process: child, log, said: () => said, logged, ended };
    started.push(running);
    return running;
  };

  return {
    folder,
    start,
    everythingSaid: () => started.map(({ log, said }) => JSON.stringify(log) + said()).join('\n'),
    database: async () => {
      const database = await openDatabase({ url: `file:${join(folder, 'lumiere.db')}` });
      databases.push(database);
      return database;
    },
    processes: () => processesNaming(folder),
    remove: async () => {
      await Promise.all(databases.map((database) => database.close()));
      for (const { process: child } of started) child.kill('SIGTERM');
      await Promise.all(started.map(({ ended }) => ended));
      for (const { pid } of processesNaming(folder)) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
