/** `/metrics` for Prometheus and `/healthz` for whatever restarts us, on a port that only this machine reaches by default. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

import { ConfigError } from '../config.ts';

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
 * Answers 200 with `{ "ok": true, … }` while every check passes, 503 with those that do not otherwise. Rejects with a
 * ConfigError when the host or the port is none that this process may listen on, with EADDRINUSE when the port is taken.
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
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => end(server) };
}

/** Whether it could be listened there, for the doctor: `taken` is another process's, as a rule the bot's. Rejects as `startHealthServer`. */
export async function tryToListen({ host, port }: { host: string; port: number }): Promise<'free' | 'taken'> {
  const server = createServer();
  try {
    await listen(server, host, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 'taken';
    throw error;
  }
  await end(server);
  return 'free';
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw settingAtFault(error as NodeJS.ErrnoException) ?? error;
  }
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function settingAtFault({ code = '' }: NodeJS.ErrnoException): ConfigError | undefined {
  if (['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(code))
    return new ConfigError('LUMIERE_METRICS_HOST', 'an address or a name of this machine is expected');
  if (code === 'EACCES')
    return new ConfigError('LUMIERE_METRICS_PORT', 'this user may not listen there; 1024 or more is open to everybody');
  return undefined;
}
