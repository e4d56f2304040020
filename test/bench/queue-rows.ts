/** What a look at a full queue costs the bot: 500 waiting, 400 served lately; and how long it holds the event loop. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

import { forecast } from '../../src/queue/eta.ts';
import { readQueueRows } from '../../src/queue/queue-rows.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { openWorld } from '../queue/world.ts';

const rounds = 40;
const world = await openWorld();
try {
  const now = Date.now();
  const row = (n: number, served: boolean) => ({
    id: newRequestId(now - n * 1000),
    command: 'restore' as const,
    state: served ? ('delivered' as const) : ('waiting' as const),
    guildId: `g${n % 20}`,
    channelId: 'c',
    requesterId: `u${n % 150}`,
    locale: 'en',
    interactionId: `${served} ${n}`,
    parameters: {},
    predictedSeconds: 30,
    queuedAt: new Date(now - n * 1000),
    ...(served && { startedAt: new Date(now - n * 900), computeSeconds: 33 }),
  });
  await world.db.request.createMany({ data: Array.from({ length: 500 }, (_, n) => row(n, false)) });
  await world.db.request.createMany({ data: Array.from({ length: 400 }, (_, n) => row(n + 1, true)) });
  const limits = { runningPerUser: 1 };
  const look = async (): Promise<number> => {
    const rows = await readQueueRows(world.db, Date.now());
    return forecast({ ...rows, running: [], slots: 1, limits }).size;
  };
  await look();
  // SQLite is read on this thread, so a look holds the event loop; the longest hold is what a heartbeat would feel.
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    await look();
    await setTimeout(5);
  }
  const each = (performance.now() - started) / rounds - 5;
  const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
  console.log(
    `a look: ${each.toFixed(1)} ms; event loop held p99 ${ms(delay.percentile(99))} ms, longest ${ms(delay.max)} ms`,
  );
} finally {
  await world.close();
}
