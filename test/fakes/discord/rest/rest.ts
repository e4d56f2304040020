/**
 * Answers one HTTP request: finds its operation, checks who asks, counts it against the limits, meets the faults that a
 * test has planted, holds it to the API description, runs the operation, and holds the answer to the description too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRoute, type Route } from '../api/routes.ts';
import { requestFaults, responseFaults } from '../api/validation.ts';
import { apiErrors, Refusal, refusalBody, refuseFaults } from '../errors.ts';
import { operations } from '../operations/all.ts';
import type { ApiAnswer } from '../operations/operation.ts';
import type { State } from '../state.ts';
import { readBody } from './body.ts';
import type { Delay, RestFault, RestFaults } from './faults.ts';
import type { Journal, JournalEntry } from './journal.ts';
import type { Limited, RateLimits } from './rate-limits.ts';

const API = '/api/v10';
/** Discord asks for this form of every client, and blocks others. */
const USER_AGENT = /^DiscordBot \(.+, .+\)/;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: JournalEntry;
  readonly headers: Record<string, string>;
}

export interface Rest {
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

function send({ response, entry, headers }: Exchange, { status, body }: ApiAnswer): void {
  entry.status = status;
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** What the machines in front of Discord's API answer: a page and no JSON. */
function sendPage({ response, entry, headers }: Exchange, status: number): void {
  entry.status = status;
  response.writeHead(status, { ...headers, 'content-type': 'text/html' }).end(`<html><h1>${status}</h1></html>`);
}

function sendLimited(exchange: Exchange, { retryAfterMs, scope }: Limited): void {
  const seconds = retryAfterMs / 1000;
  Object.assign(exchange.headers, {
    'retry-after': String(Math.ceil(seconds)),
    'x-ratelimit-scope': scope,
    'x-ratelimit-reset-after': seconds.toFixed(3),
    ...(scope === 'global' && { 'x-ratelimit-global': 'true' }),
  });
  send(exchange, {
    status: 429,
    body: { message: 'You are being rate limited.', retry_after: seconds, global: scope === 'global' },
  });
}

const passed = (delay: Delay): Promise<unknown> => ('until' in delay ? delay.until : sleep(delay.milliseconds));

/** @throws Refusal when there is no such operation. */
function routeOf(method: string, path: string): Route {
  const route = findRoute(method, path);
  if (route === 'no such path') throw new Refusal(apiErrors.notFound);
  if (route === 'no such method') throw new Refusal(apiErrors.methodNotAllowed);
  return route;
}

/** @throws Refusal 401 */
function authorise(state: State, { headers }: IncomingMessage, route: Route): void {
  if (route.authorisation === 'bot' && headers.authorization !== `Bot ${state.token}`) {
    throw new Refusal(apiErrors.unauthorized);
  }
}

export function createRest(state: State, faults: RestFaults, limits: RateLimits, journal: Journal): Rest {
  const refuse = (exchange: Exchange, refusal: Refusal): void => {
    const { api } = refusal;
    exchange.entry.code = api.code;
    exchange.entry.faults = refusal.faults;
    if (api.code === apiErrors.tooManyOldEdits.code) {
      exchange.headers['retry-after'] = '3600';
      const body = { ...refusalBody(refusal), retry_after: 3600, global: false };
      send(exchange, { status: api.status, body });
      return;
    }
    send(exchange, { status: api.status, body: refusalBody(refusal) });
  };

  const run = async (
    exchange: Exchange,
    route: Route,
    query: URLSearchParams,
    fault: RestFault | undefined,
  ): Promise<ApiAnswer> => {
    const { request, entry } = exchange;
    const { json, files } = await readBody(request);
    entry.body = json;
    entry.files = files.map(({ field, filename, bytes }) => ({ field, filename, bytes: bytes.length }));
    if (fault?.kind === 'slow to do') await passed(fault);
    refuseFaults(requestFaults(route.template, route.method, json));
    const operation = operations[route.operation];
    if (!operation) throw new Error(`nobody serves ${route.operation}`);
    const warnings: string[] = [];
    entry.warnings = warnings;
    const warn = (warning: string): void => {
      warnings.push(warning);
    };
    const answer = operation(state, { parameters: route.parameters, query, body: json, files, warn });
    const own = responseFaults(route.template, route.method, answer.status, answer.body);
    for (const { path, message } of own) {
      journal.ownFaults.push(
        `our answer to ${route.operation} is wrong at ${path.join('.') || 'its root'}: ${message}`,
      );
    }
    return answer;
  };

  /** @returns whether the fault took the place of the operation. */
  const meetBefore = async (exchange: Exchange, fault: RestFault | undefined): Promise<boolean> => {
    if (!fault) return false;
    exchange.entry.planted = fault.kind;
    switch (fault.kind) {
      case 'status':
        sendPage(exchange, fault.status);
        return true;
      case 'refusal':
        refuse(exchange, new Refusal(fault));
        return true;
      case 'drop before':
        exchange.response.destroy();
        return true;
      case 'slow':
        await passed(fault);
        return false;
      case 'status after':
      case 'drop after':
      case 'slow to do':
      case 'then':
        return false;
    }
  };

  const meetAfter = async (exchange: Exchange, fault: RestFault | undefined, answer: ApiAnswer): Promise<void> => {
    if (fault?.kind === 'then') await fault.run();
    if (fault?.kind === 'drop after') exchange.response.destroy();
    else if (fault?.kind === 'status after') sendPage(exchange, fault.status);
    else send(exchange, answer);
  };

  const exchangeOne = async (exchange: Exchange, url: URL): Promise<void> => {
    const { request, entry } = exchange;
    if (limits.isBanned()) {
      sendPage(exchange, 429);
      return;
    }
    if (!USER_AGENT.test(request.headers['user-agent'] ?? '')) {
      sendPage(exchange, 403);
      return;
    }
    const route = routeOf(entry.method, decodeURIComponent(url.pathname.slice(API.length)));
    entry.operation = route.operation;
    authorise(state, request, route);
    const { headers, limited } = limits.count(route);
    Object.assign(exchange.headers, headers);
    if (limited) {
      sendLimited(exchange, limited);
      return;
    }
    const fault = faults.take(route.operation);
    if (await meetBefore(exchange, fault)) return;
    await meetAfter(exchange, fault, await run(exchange, route, url.searchParams, fault));
  };

  return {
    serve: async (request, response) => {
      const url = new URL(request.url ?? '/', 'http://api');
      const entry = journal.open(request.method ?? 'GET', url.pathname.slice(API.length), state.clock.now());
      const exchange: Exchange = { request, response, entry, headers: {} };
      response.once('close', () => {
        entry.isLeft = entry.status === 0;
        state.changes.notify();
      });
      try {
        await exchangeOne(exchange, url);
      } catch (error) {
        if (error instanceof Refusal) refuse(exchange, error);
        // Broken off by the bot while it was read: that is nobody's mistake, and there is nobody to answer.
        else if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') response.destroy();
        else {
          journal.ownFaults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
          sendPage(exchange, 500);
        }
      }
      if ([401, 403, 429].includes(entry.status)) limits.countInvalid();
      // What was sent of an unread body would otherwise keep the connection from closing.
      if (!request.complete) request.resume();
      state.changes.notify();
    },
  };
}
