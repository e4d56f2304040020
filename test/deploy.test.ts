/** The files for deployment speak of settings, metrics and files that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { settingGroups } from '../src/config.ts';
import { createBotMetrics, createWorkerMetrics } from '../src/service/metrics.ts';

const read = (name: string): string => readFileSync(new URL(`../deploy/${name}`, import.meta.url), 'utf8');
const settings = new Set(settingGroups.flatMap((group) => group.settings.map(({ name }) => name)));

describe('deployment', () => {
  it.each(['Dockerfile', 'compose.yaml', 'lumiere.service'])('%s sets nothing that is no setting', (name) => {
    const named = [...read(name).matchAll(/\b(?:LUMIERE_[A-Z_]+|DATABASE_URL|REDIS_URL|DISCORD_TOKEN)\b/g)].map(
      ([it]) => it,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((it) => !settings.has(it))).toEqual([]);
  });

  it('asks the dashboard’s questions about metrics that are measured', async () => {
    const figures = { waiting: 0, running: 0, workers: 0 };
    const bot = createBotMetrics(() => Promise.resolve(figures));
    const worker = createWorkerMetrics();
    bot.acknowledged('restore', 1);
    bot.fault('restore');
    bot.deliveryTry('channel', 'sent');
    worker.jobEnded('restore', 'done', 1);
    const measured = `${await bot.registry.metrics()}${await worker.registry.metrics()}`;
    const asked = [...read('grafana-dashboard.json').matchAll(/\blumiere_\w+/g)].map(([name]) => name);
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(measured))).toEqual([]);
    const alarms = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8').matchAll(/\blumiere_\w+/g);
    for (const [name] of alarms) expect(measured).toMatch(new RegExp(`^${name}[{ ]`, 'm'));
  });

  it('copies into the image only what the checkout has', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      files!.split(' '),
    );
    expect(copied.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
  });
});
