/**
 * The bot under strain, with real processes, weights and ffmpeg against the test server: how fast it answers while a clip is
 * restored, whether its event loop is ever held up, and what becomes of requests when the bot, the worker or Redis is
 * killed at a moment by chance, or the gateway goes away.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { h264, makeClip, picture } from '../clips.ts';
import { startDiscord } from '../fakes/discord/server.ts';
import { type Fault, type Outcome, type Theatre, tryFault } from '../story/faults.ts';
import { createInstallation } from '../story/installation.ts';
import type { BenchResult, BenchRow } from './report.ts';

export interface BotBenchOptions {
  /** Kills of each kind. */
  readonly kills?: number;
  /** Commands that are timed. */
  readonly answers?: number;
  /** How long the gateway is away, in milliseconds. */
  readonly gatewayMs?: number;
}

const metricsPort = 19_464;
/** Kills fall anywhere between the request and a little after its usual end. */
const longestMs = 9000;

async function filmOf(size: string, seconds: number): Promise<Buffer> {
  const source = picture(`testsrc2=size=${size}:rate=12:duration=${seconds}`);
  return readFile(await makeClip('mp4', [...source, ...h264]));
}

/** The longest hold-up of the bot's event loop since this was last asked, in milliseconds. */
async function longestStall(): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^lumiere_nodejs_eventloop_lag_max_seconds\S* (\S+)$/m.exec(text)?.[1]) * 1000;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export async function benchBot(options: BotBenchOptions = {}): Promise<BenchResult> {
  const { kills = 20, answers = 200, gatewayMs = 60_000 } = options;
  const discord = await startDiscord();
  const guild = discord.guild('Trials');
  guild.channel('trials');
  const lumiere = await createInstallation(discord);
  const settings = {
    LUMIERE_METRICS_PORT: String(metricsPort),
    LUMIERE_LOG_LEVEL: 'info',
    LUMIERE_GUILD_JOBS: '10000',
  };
  const ofWorker = { ...settings, LUMIERE_METRICS_PORT: '0' };
  const rows: BenchRow[] = [];
  try {
    const bot = lumiere.start('bot', settings);
    const worker = lumiere.start('worker', ofWorker);
    const database = await lumiere.database();
    await Promise.all([bot.logged('ready'), worker.logged('worker ready')]);

    // A long clip keeps the worker at full load while others ask.
    const busy = guild.member('busy');
    const long = busy.slash('restore', { clip: { name: 'long.mp4', bytes: await filmOf('320x240', 8) } });
    await busy.sees(({ text }) => text.includes('frames'), { within: 120_000 });
    await longestStall();
    const times: number[] = [];
    for (let n = 0; n < answers; n += 1) {
      const member = guild.member(`asker-${n % 20}`);
      const asked = member.slash(['queue', 'help', 'about', 'queue'][n % 4]!);
      times.push((await asked.acknowledged()).afterMs);
      await sleep(100);
    }
    const stall = await longestStall();
    const p99 = quantile(times, 0.99);
    rows.push(
      {
        what: `first answer while a clip is restored, 99 of 100 (${answers} commands)`,
        measured: `${p99.toFixed(0)} ms (median ${quantile(times, 0.5).toFixed(0)})`,
        reach: 'under 500 ms',
        ok: p99 < 500,
      },
      {
        what: 'longest stall of the event loop meanwhile',
        measured: `${stall.toFixed(0)} ms`,
        reach: 'at most 50 ms',
        ok: stall <= 50,
      },
    );
    busy.click('Cancel');
    await discord.until(() => long.original()?.buttons.length === 0, 'the long clip is cancelled', 30_000);

    const theatre: Theatre = {
      ...{ discord, guild, lumiere, database, bot, worker },
      film: await filmOf('160x120', 2),
      settings,
      workerSettings: ofWorker,
    };
    const faults: readonly Fault[] = ['bot', 'worker', 'redis'];
    const outcomes: (Outcome | { readonly fault: Fault; readonly lost: string })[] = [];
    for (let n = 0; n < kills; n += 1) {
      for (const fault of faults) {
        const afterMs = Math.random() * longestMs;
        const trial = tryFault(theatre, `${fault}-${n}`, fault, afterMs);
        outcomes.push(await trial.catch((error: unknown) => ({ fault, lost: String(error) })));
      }
    }
    const once = outcomes.filter((outcome) => 'deliveries' in outcome && outcome.deliveries === 1).length;
    rows.push({
      what: `bot, worker and Redis killed, ${kills} times each, at a moment by chance of a restoration`,
      measured: `${once} of ${outcomes.length} delivered once`,
      reach: 'all',
      ok: once === outcomes.length,
    });

    const patient = guild.member('patient');
    const asked = patient.slash('restore', { clip: { name: 'gateway.mp4', bytes: theatre.film } });
    await asked.acknowledged();
    discord.gateway.down();
    await sleep(gatewayMs);
    discord.gateway.up();
    const arrived = await patient
      .sees(({ files }) => files.some(({ name }) => name === 'gateway.restored.mp4'), { within: 120_000 })
      .then(() => true)
      .catch(() => false);
    await discord.until(() => discord.gateway.connected() > 0, 'the gateway is back', 120_000);
    const answered = await guild
      .member('afterwards')
      .slash('help')
      .acknowledged()
      .then(() => true)
      .catch(() => false);
    rows.push({
      what: `gateway away for ${gatewayMs / 1000} s in the middle of a restoration`,
      measured: arrived && answered ? 'delivered, and answers again' : 'lost',
      reach: 'nothing lost',
      ok: arrived && answered,
    });
    return { name: 'bot', rows, details: { times, stall, outcomes, refused: discord.journal.refused().length } };
  } finally {
    await lumiere.remove();
    await discord.stop();
  }
}
