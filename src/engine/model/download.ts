/**
 * Fetches one file over HTTP(S): resumes what an earlier try left, retries with growing pauses, never takes more than
 * the size announced, verifies, and puts the file in place in one step. Requests go through npm's fetcher, so that the
 * user's proxy, certificates and credentials hold.
 */
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import npmFetch from 'npm-registry-fetch';
import pRetry, { AbortError } from 'p-retry';
import { LumiereError } from '../errors.ts';
import type { NpmSettings } from './npm-settings.ts';

/** How often and how patiently to try again. */
export interface RetryPolicy {
  readonly retries: number;
  /** Pause before the first retry in milliseconds; it doubles each time, up to 30 s. */
  readonly pauseMs: number;
  /** A connection that brings nothing for so long is given up and tried again. */
  readonly stallMs: number;
}

const defaultRetryPolicy: RetryPolicy = { retries: 6, pauseMs: 500, stallMs: 30_000 };

export interface DownloadRequest {
  readonly url: string;
  /** Where the finished file goes; what is unfinished waits beside it, ending in `.part`. */
  readonly target: string;
  /** The exact size, or null where it is not known: the server's word counts then. A body that is longer is refused. */
  readonly bytes: number | null;
  /** Names the file in errors: what a person knows it by. */
  readonly model: string;
  readonly file: string;
  /** Says what is wrong with the finished file, or undefined when nothing is. */
  readonly verify: (path: string) => Promise<{ readonly expected: string; readonly actual: string } | undefined>;
  readonly settings: NpmSettings;
  readonly retry?: RetryPolicy;
  readonly signal?: AbortSignal;
  /** Told after each piece how many bytes of the file are there. */
  readonly onProgress?: (received: number) => void;
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

/** Where nobody knows the size, no file is taken that is larger than any network here. */
const mostBytes = 4 * 2 ** 30;

/** The size of the whole file, as the answer that begins at `start` announces it. */
function announcedBytes(response: Awaited<ReturnType<typeof npmFetch>>, start: number): number | undefined {
  const length = response.headers.get('content-length');
  return length === null ? undefined : start + Number(length);
}

/** HTTP statuses that may be different in a moment. */
const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** Where the body of a response to a request from byte `wanted` on begins: there, or at 0 when ranges are not served. */
function bodyStart(response: Awaited<ReturnType<typeof npmFetch>>, wanted: number): number {
  if (response.status !== 206) return 0;
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  if (Number(match?.[1]) === wanted) return wanted;
  throw new Error('the server answered with another part of the file');
}

/** Aborts `controller` when nothing has called the returned function for `stallMs`. */
function watchForStall(controller: AbortController, stallMs: number): { alive: () => void; end: () => void } {
  const timer = setTimeout(() => {
    controller.abort(new Error(`nothing arrived for ${stallMs} ms`));
  }, stallMs);
  return {
    alive: () => timer.refresh(),
    end: () => {
      clearTimeout(timer);
    },
  };
}

/** Fetches what is missing of the unfinished file; resolves when it has its full size. */
async function fetchRest(request: DownloadRequest, partial: string, policy: RetryPolicy): Promise<void> {
  const have = await sizeOf(partial);
  if (have === request.bytes) return;
  const wanted = have < (request.bytes ?? mostBytes) ? have : 0;
  const controller = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, controller.signal]) : controller.signal;
  const watch = watchForStall(controller, policy.stallMs);
  try {
    const response = await npmFetch(request.url, {
      ...request.settings,
      cache: undefined,
      headers: { range: `bytes=${wanted}-`, 'accept-encoding': 'identity' },
      retry: { retries: 0 },
      signal,
    });
    const start = bodyStart(response, wanted);
    const bytes = request.bytes ?? announcedBytes(response, start);
    const most = Math.min(bytes ?? mostBytes, mostBytes);
    let received = start;
    if (!response.body) throw new Error('the answer is empty');
    const body = Readable.from(response.body, { objectMode: true });
    const counted = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        watch.alive();
        received += piece.byteLength;
        if (received > most) throw new AbortError(`more than the ${most} bytes announced`);
        yield piece;
        request.onProgress?.(received);
      }
    };
    await pipeline(body, counted, createWriteStream(partial, start === 0 ? {} : { flags: 'r+', start }), { signal });
    if (bytes !== undefined && received !== bytes) {
      throw new Error(`the connection ended after ${received} of ${bytes} bytes`);
    }
  } catch (error) {
    const status = statusOf(error);
    // 416: what is left from before does not fit the file any more.
    if (error instanceof AbortError || status === 416) await rm(partial, { force: true });
    if (status !== undefined && status !== 416 && !isPassing(status)) throw new AbortError(`HTTP status ${status}`);
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    watch.end();
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** The error's own words, without an address that might carry credentials. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/[a-z]+:\/\/\S*@/gi, '');
}

/**
 * Brings the file to `target`. Rejects with LumiereError `model.hash-mismatch` (`model`, `file`, `expected`, `actual`)
 * when what arrived is not what was announced, `model.download-failed` (`model`, `file`, `detail`) when it did not
 * arrive, `job.cancelled` when the signal is aborted: then, and after a crash, the next call goes on where it ended.
 */
export async function downloadFile(request: DownloadRequest): Promise<void> {
  const { model, file, target, signal } = request;
  const partial = `${target}.part`;
  const policy = request.retry ?? defaultRetryPolicy;
  const attempt = async (): Promise<void> => {
    const resumed = (await sizeOf(partial)) > 0;
    try {
      await fetchRest(request, partial, policy);
    } catch (error) {
      if (signal?.aborted) throw new AbortError(new LumiereError('job.cancelled'));
      throw error instanceof Error ? error : new Error(describe(error));
    }
    const wrong = await request.verify(partial);
    if (!wrong) return;
    await rm(partial, { force: true });
    const mismatch = new LumiereError('model.hash-mismatch', { model, file, ...wrong });
    // An earlier, interrupted try may be at fault; a file fetched in one piece is what the server has.
    throw resumed ? mismatch : new AbortError(mismatch);
  };
  try {
    await pRetry(attempt, {
      retries: policy.retries,
      minTimeout: policy.pauseMs,
      maxTimeout: 30_000,
      randomize: true,
      shouldRetry: () => !signal?.aborted,
      ...(signal ? { signal } : {}),
    });
    await flush(partial);
    await rename(partial, target);
  } catch (error) {
    if (signal?.aborted) throw new LumiereError('job.cancelled', {}, { cause: error });
    if (error instanceof LumiereError) throw error;
    throw new LumiereError('model.download-failed', { model, file, detail: describe(error) }, { cause: error });
  }
}
