/** Metrics and health over HTTP, as Prometheus and a supervisor ask for them. */
import { afterEach, describe, expect, it } from 'vitest';

import { type HealthServer, startHealthServer, tryToListen } from '../../src/service/health-server.ts';
import { createBotMetrics, createWorkerMetrics } from '../../src/service/metrics.ts';

let server: HealthServer | undefined;
afterEach(() => server?.close());

const ask = (path: string, method = 'GET'): Promise<Response> =>
  fetch(`http://127.0.0.1:${server!.port}${path}`, { method });

describe('the health server', () => {
  it('is well while every check passes, and names the one that does not', async () => {
    let redis = true;
    const { registry } = createWorkerMetrics();
    server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      registry,
      checks: { database: () => true, redis: () => (redis ? true : Promise.reject(new Error('gone'))) },
    });
    const well = await ask('/healthz');
    expect([well.status, await well.json()]).toEqual([200, { ok: true, database: true, redis: true }]);
    redis = false;
    const ill = await ask('/healthz');
    expect([ill.status, await ill.json()]).toEqual([503, { ok: false, database: true, redis: false }]);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await ask('/metrics', 'POST')).status).toBe(405);
  });

  it('does not wait for a check that hangs', async () => {
    const { registry } = createWorkerMetrics();
    const checks = { database: () => new Promise<boolean>(() => undefined) };
    server = await startHealthServer({ host: '127.0.0.1', port: 0, registry, checks });
    expect((await ask('/healthz')).status).toBe(503);
  });

  it('names the setting of an address that is not of this machine', async () => {
    const { registry } = createWorkerMetrics();
    const place = { host: '192.0.2.1', port: 0 };
    const starting = startHealthServer({ ...place, registry, checks: {} });
    await expect(starting).rejects.toMatchObject({ name: 'ConfigError', setting: 'LUMIERE_METRICS_HOST' });
    await expect(tryToListen(place)).rejects.toMatchObject({ setting: 'LUMIERE_METRICS_HOST' });
  });

  it('is told from one that has the port already', async () => {
    const { registry } = createWorkerMetrics();
    server = await startHealthServer({ host: '127.0.0.1', port: 0, registry, checks: {} });
    const place = { host: '127.0.0.1', port: server.port };
    expect(await tryToListen(place)).toBe('taken');
    await expect(startHealthServer({ ...place, registry, checks: {} })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close();
    server = undefined;
    expect(await tryToListen(place)).toBe('free');
  });

  it('shows what the bot measures, without naming anybody', async () => {
    let asked = 0;
    const metrics = createBotMetrics(() => {
      asked += 1;
      return Promise.resolve({ waiting: 7, running: 2, workers: 1 });
    });
    metrics.acknowledged('restore', 120);
    metrics.fault('queue');
    metrics.deliveryTry('interaction', 'sent');
    server = await startHealthServer({ host: '127.0.0.1', port: 0, registry: metrics.registry, checks: {} });
    const text = await (await ask('/metrics')).text();
    expect(text).toContain('lumiere_acknowledgement_seconds_bucket{le="0.1",role="bot",command="restore"} 0');
    expect(text).toContain('lumiere_acknowledgement_seconds_bucket{le="0.2",role="bot",command="restore"} 1');
    expect(text).toContain('lumiere_queue_waiting{role="bot"} 7');
    expect(text).toContain('lumiere_queue_running{role="bot"} 2');
    expect(text).toContain('lumiere_faults_total{command="queue",role="bot"} 1');
    expect(text).toContain('lumiere_delivery_tries_total{place="interaction",outcome="sent",role="bot"} 1');
    expect(text).toContain('lumiere_nodejs_eventloop_lag_seconds');
    expect(asked).toBe(1);
  });
});
