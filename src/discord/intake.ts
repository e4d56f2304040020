/**
 * The guarded download of a clip: from Discord's hosts only, streamed into the media store. Whatever an address or a
 * redirect says, each host is looked up here, the addresses found are judged, and the connection goes to one of those.
 */
import { lookup, type LookupAddress } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { urlToHttpOptions } from 'node:url';

import { Refusal } from '../policy/refusal.ts';
import type { MediaStore } from '../store/media-store.ts';
import { DownloadError } from './download-error.ts';
import { isPublicAddress } from './public-address.ts';

export const discordHosts = ['cdn.discordapp.com', 'media.discordapp.net'] as const;

/** Where clips may come from and how long that may take. */
export interface DownloadRules {
  /** Host names of Discord's CDN: HTTPS, the usual port, a public address. */
  readonly hosts: readonly string[];
  /** `host:port` of test servers, which may be plain HTTP at a private address. Empty outside tests. */
  readonly testHosts: readonly string[];
  /** Silence after which an attempt is given up, in milliseconds; 20 s when left out. */
  readonly silenceMs?: number;
  /** All attempts together, in milliseconds; 5 min when left out. */
  readonly wholeMs?: number;
  /** Milliseconds before the second attempt, doubled for each further; 1 s when left out. */
  readonly backOffMs?: number;
  /** Finds all addresses of a host; the system's resolver when left out. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface Intake {
  readonly url: string;
  /** More than that is refused, whatever was claimed. */
  readonly maxBytes: number;
  /** As Discord says; fewer that arrive are an attempt that failed. */
  readonly expectedBytes?: number;
  readonly mediaType?: string;
  readonly signal?: AbortSignal;
}

const mostAttempts = 4;
const mostRedirects = 3;

/** A fault that another attempt may not meet. */
class Interrupted extends Error {}

/** True when the address may be fetched from at all; for looking at a link before anything is answered. */
export function isFetchable(url: string, rules: DownloadRules): boolean {
  return URL.canParse(url) && isAllowed(new URL(url), rules);
}

function isAllowed({ protocol, hostname, host, port, username, password }: URL, rules: DownloadRules): boolean {
  if (username !== '' || password !== '') return false;
  if (rules.testHosts.includes(host)) return protocol === 'http:' || protocol === 'https:';
  return protocol === 'https:' && port === '' && rules.hosts.includes(hostname);
}

/**
 * Fetches `url` into the store, at most four times when the connection is cut or silent. Rejects with a DownloadError,
 * `refusal.file-too-large`, what the store throws, or the signal's reason; then the store keeps nothing of it.
 */
export async function takeIn(
  store: MediaStore,
  { url, maxBytes, expectedBytes, mediaType = 'application/octet-stream', signal }: Intake,
  rules: DownloadRules,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const limit = AbortSignal.timeout(rules.wholeMs ?? 300_000);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const source = bytesOf(url, { maxBytes, expectedBytes, rules, signal: stop });
        return await store.put(source, { mediaType, maxBytes, signal: stop });
      } catch (error) {
        const interruption = interruptionOf(error);
        if (stop.aborted || interruption === undefined) throw error;
        if (attempt === mostAttempts) throw new DownloadError('failed', interruption, { cause: error });
        await pause((rules.backOffMs ?? 1000) * 2 ** (attempt - 1), undefined, { signal: stop });
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw new DownloadError('too-slow', 'the whole time was used', { cause: error });
    throw error;
  }
}

/** Codes of the system and of node for connections that broke. */
const brokenConnection = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

function interruptionOf(error: unknown): string | undefined {
  if (error instanceof Interrupted) return error.message;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return brokenConnection.has(code) || code.startsWith('HPE_') ? code : undefined;
}

interface Fetching {
  readonly maxBytes: number;
  readonly expectedBytes: number | undefined;
  readonly rules: DownloadRules;
  readonly signal: AbortSignal;
}

async function* bytesOf(url: string, { maxBytes, expectedBytes, rules, signal }: Fetching): AsyncGenerator<Uint8Array> {
  const response = await follow(url, rules, signal);
  const silence = rules.silenceMs ?? 20_000;
  response.setTimeout(silence, () => response.destroy(new Interrupted('silence')));
  try {
    const tooLarge = (bytes: number): Refusal => new Refusal('refusal.file-too-large', { bytes, limit: maxBytes });
    const claimed = Number(response.headers['content-length'] ?? 0);
    if (claimed > maxBytes) throw tooLarge(claimed);
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(bytes);
      yield chunk;
    }
    if (expectedBytes !== undefined && bytes !== expectedBytes) {
      throw new Interrupted(`${bytes} bytes of ${expectedBytes}`);
    }
  } finally {
    response.destroy();
  }
}

/** The response that carries the file, every redirect on the way judged like the first address. */
async function follow(address: string, rules: DownloadRules, signal: AbortSignal): Promise<IncomingMessage> {
  let url = address;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    if (!isFetchable(url, rules)) throw new DownloadError('host-refused', redirects === 0 ? 'address' : 'redirect');
    const at = new URL(url);
    const response = await request(at, rules, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return response;
    response.destroy();
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      if (!URL.canParse(headers.location, at.href)) throw new DownloadError('host-refused', 'redirect');
      url = new URL(headers.location, at).href;
    } else if (statusCode === 403 || statusCode === 404 || statusCode === 410) {
      throw new DownloadError('expired', `status ${statusCode}`);
    } else if (statusCode === 429 || statusCode >= 500) {
      throw new Interrupted(`status ${statusCode}`);
    } else {
      throw new DownloadError('failed', `status ${statusCode}`);
    }
  }
  throw new DownloadError('host-refused', 'too many redirects');
}

function request(url: URL, rules: DownloadRules, signal: AbortSignal): Promise<IncomingMessage> {
  const isTest = rules.testHosts.includes(url.host);
  const sent = (url.protocol === 'https:' ? https : http).request({
    ...urlToHttpOptions(url),
    agent: false,
    signal,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'Lumiere' },
    ...(!isTest && { lookup: guardedLookup(rules) }),
  });
  sent.setTimeout(rules.silenceMs ?? 20_000, () => sent.destroy(new Interrupted('silence')));
  sent.end();
  return new Promise((resolve, reject) => {
    let response: IncomingMessage | undefined;
    sent.once('response', (begun) => {
      response = begun;
      resolve(begun);
    });
    // What breaks while the body is read reaches the reader through the response.
    sent.on('error', (error) => {
      if (response === undefined) reject(error);
      else response.destroy(error);
    });
  });
}

const systemResolve = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });

/** A lookup in which one address that is not public spoils the name: an honest CDN has none. */
function guardedLookup({ resolve = systemResolve }: DownloadRules): LookupFunction {
  return (host, { all }, found) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
          found(new DownloadError('host-refused', 'the name leads to an address that is not public'), '');
        } else if (all === true) found(null, [...addresses]);
        else found(null, first.address, first.family);
      },
      (error: unknown) => {
        found(error instanceof Error ? error : new Error(String(error)), '');
      },
    );
  };
}
