/**
 * Trials of what must not lose a request: a member asks for a clip, something is killed at a moment by chance, and the clip
 * arrives all the same, once. Real processes, ffmpeg, weights, Redis and SQLite.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { OpenDatabase } from '../../src/store/database.ts';
import type { DiscordServer } from '../fakes/discord/server.ts';
import { eventually } from './eventually.ts';
import type { Installation, RunningRole } from './installation.ts';

export type Fault = 'bot' | 'worker' | 'redis';

export interface Theatre {
  readonly discord: DiscordServer;
  readonly guild: ReturnType<DiscordServer['guild']>;
  readonly lumiere: Installation;
  readonly database: OpenDatabase;
  readonly film: Buffer;
  readonly settings: Readonly<Record<string, string>>;
  readonly workerSettings: Readonly<Record<string, string>>;
  bot: RunningRole;
  worker: RunningRole;
}

export interface Outcome {
  readonly fault: Fault;
  /** Milliseconds after the request was made. */
  readonly afterMs: number;
  /** Messages with the clip that the member sees in the channel: one is right. */
  readonly deliveries: number;
  readonly seconds: number;
}

const patienceMs = 180_000;
const secondMs = 1500;

async function inflict(theatre: Theatre, fault: Fault): Promise<void> {
  const { lumiere, settings, workerSettings } = theatre;
  if (fault === 'bot') {
    theatre.bot.process.kill('SIGKILL');
    await theatre.bot.ended;
    theatre.bot = lumiere.start('bot', settings);
  } else if (fault === 'worker') {
    theatre.worker.process.kill('SIGKILL');
    await theatre.worker.ended;
    theatre.worker = lumiere.start('worker', workerSettings);
  } else {
    // It is started again by whoever keeps it.
    for (const { pid, args } of lumiere.processes()) if (args.startsWith('redis-server')) process.kill(pid, 'SIGKILL');
  }
}

/** One member, one clip, one fault `afterMs` milliseconds after the request. */
export async function tryFault(theatre: Theatre, name: string, fault: Fault, afterMs: number): Promise<Outcome> {
  const { guild, database, film } = theatre;
  // A bot that is not there yet cannot take a request, and loses none.
  await Promise.all([theatre.bot.logged('ready'), theatre.worker.logged('worker ready')]);
  const member = guild.member(name);
  const begun = performance.now();
  const asked = member.slash('restore', { clip: { name: `${name}.mp4`, bytes: film } });
  await asked.acknowledged();
  await sleep(Math.max(0, afterMs - (performance.now() - begun)));
  await inflict(theatre, fault);
  // By its name: a delivery may be an edit of the first message, a message in the channel or a direct one.
  const isMine = ({ files }: { readonly files: readonly { readonly name: string }[] }): boolean =>
    files.some((file) => file.name === `${name}.restored.mp4`);
  const find = () => database.db.request.findUnique({ where: { interactionId: asked.id } });
  await eventually(async () => (await find())?.state === 'delivered', `${name}'s request is delivered`, patienceMs);
  const end = performance.now();
  // Time enough for a second one, were there to be one.
  await sleep(secondMs);
  return {
    fault,
    afterMs,
    deliveries: member.messagesSeen().filter(isMine).length,
    seconds: (end - begun) / 1000,
  };
}
