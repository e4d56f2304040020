/**
 * What the bot does to what is stored while nobody asks: it seals the usage log, goes on with wishes to be forgotten, sweeps
 * files and secrets that had their time, and removes rows that did.
 */
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { repeating, type Repeating } from '../repeating.ts';
import type { Database } from '../store/database.ts';
import { continueErasures } from '../store/erase.ts';
import { readLogHead, sealLog } from '../store/log-chain.ts';
import type { MediaStore } from '../store/media-store.ts';
import { sweepRetention } from '../store/retention.ts';
import { sweep } from '../store/sweep.ts';

const sealEvery = 1000;
/** A transaction of so many takes some 20 ms. */
const sealedAtOnce = 50;
const eraseEvery = 3000;
const sweepEvery = 10 * 60_000;
const retentionEvery = 3_600_000;
/** On top of all that a file may be kept for: by then a key that was mistyped or set too late has been put right. */
const unopenedDays = 30;

export interface Upkeep {
  readonly db: Database;
  readonly media: MediaStore;
  /** The installation's `log` key. */
  readonly logKey: Uint8Array;
  readonly config: Pick<Config, 'mediaMaxBytes' | 'logDays' | 'guildDays' | 'limits'>;
  readonly log: Logger;
}

export function startUpkeep({ db, media, logKey: key, config, log }: Upkeep): Pick<Repeating, 'close'> {
  const { mediaMaxBytes: maxBytes, logDays, guildDays, limits } = config;
  let unopened = 0;
  const seal = async (signal: AbortSignal): Promise<void> => {
    for (let count = sealedAtOnce; count === sealedAtOnce && !signal.aborted;) {
      count = await sealLog(db, key, { now: new Date(), limit: sealedAtOnce });
      await setImmediate();
    }
  };
  const repeat = (name: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>): Repeating =>
    repeating(work, everyMs, (error) => {
      log.error({ err: error }, `${name} failed`);
    });
  const works = [
    repeat('sealing the log', sealEvery, seal),
    repeat('erasing', eraseEvery, async (signal) => {
      const { length: erased } = await continueErasures(db, { key, now: new Date(), signal });
      if (erased > 0) log.info({ erased }, 'members were forgotten as they wished');
    }),
    repeat('the sweep', sweepEvery, async () => {
      const now = new Date();
      const swept = await sweep(db, media, { now, maxBytes, unopenedBefore: unopenedBefore(now, { logDays, limits }) });
      log.debug({ ...swept }, 'swept');
      if (swept.unopened > unopened)
        log.warn({ files: swept.unopened }, 'no LUMIERE_MEDIA_KEY opens files of the media store');
      unopened = swept.unopened;
    }),
    repeat('retention', retentionEvery, async (signal) => {
      const removed = await sweepRetention(db, { now: new Date(), key, logDays, guildDays, signal });
      // Kept with the logs, the head shows later that nothing was cut off the usage log.
      const head = await readLogHead(db, key);
      if (head !== undefined) log.info({ head: `${head.seq}:${head.hash}` }, 'head of the usage log');
      if (Object.values(removed).some((count) => count > 0)) log.info(removed, 'what had its time was removed');
    }),
  ];
  return {
    close: async () => {
      await Promise.all(works.map((work) => work.close()));
      // What was done last is sealed too, if it can be.
      await sealLog(db, key, { now: new Date(), limit: 500 }).catch((error: unknown) => {
        log.error({ err: error }, 'sealing the log failed');
      });
    },
  };
}

/** Nothing that was put before then is of any request still: a result is kept for its hours, a held one at most as long as the log. */
function unopenedBefore(now: Date, { logDays, limits }: Pick<Config, 'logDays' | 'limits'>): Date {
  const hours = Math.max(limits.resultRetentionHours, 24 * logDays) + 24 * unopenedDays;
  return new Date(now.getTime() - hours * 3_600_000);
}
