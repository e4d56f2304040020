/** `/metrics` for Prometheus and `/healthz` for whatever restarts us, on a port that only this machine reaches by default. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** What must work, by name; the sentence is for people. */
export type HealthChecks = Readonly<Record<string, () => Promise<boolean> | boolean>>;

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A check that hangs counts as failed after this, in milliseconds. */
const patience = 2000;

async function passes(check: () => Promise<boolean> | boolean): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, patience);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Answers 200 with `{ "ok": true, … }` while every check passes, 503 with those that do not otherwise. Rejects when the
 * port is taken.
 */
export async function startHealthServer(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly checks: HealthChecks;
}): Promise<HealthServer> {
  const { host, port, registry, checks } = options;
  const health = async (): Promise<{ status: number; body: string }> => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ok = results.every(([, passed]) => passed);
    return { status: ok ? 200 : 503, body: JSON.stringify({ ok, ...Object.fromEntries(results) }) };
  };
  const server = createServer((request, response) => {
    const answer = async (): Promise<{ status: number; type: string; body: string }> => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (request.method !== 'GET') return { status: 405, type: 'text/plain', body: 'GET only\n' };
      if (path === '/healthz') return { type: 'application/json', ...(await health()) };
      if (path === '/metrics') return { status: 200, type: registry.contentType, body: await registry.metrics() };
      return { status: 404, type: 'text/plain', body: '/metrics and /healthz are here\n' };
    };
    answer().then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(503).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
