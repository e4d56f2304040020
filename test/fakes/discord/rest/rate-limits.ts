/**
 * Rate limits as Discord sets them: a bucket for each operation and major parameter, 50 requests a second in all for
 * a bot's token, and a ban of the address after too many invalid requests. The figures of the buckets are not published;
 * these are close to what bots report, and a test may set others.
 */
import { type Clock, MINUTE, SECOND } from '../clock.ts';
import type { Route } from '../api/routes.ts';

export interface Bucket {
  readonly limit: number;
  readonly perMs: number;
}

export interface Limited {
  readonly retryAfterMs: number;
  readonly scope: 'user' | 'shared' | 'global';
}

/** What one request met: the headers to send with its answer, and whether it was one too many. */
export interface RateLimitVerdict {
  readonly headers: Readonly<Record<string, string>>;
  readonly limited: Limited | undefined;
}

export interface RateLimits {
  /** `undefined` lifts the limit of an operation. */
  readonly set: (operation: string, bucket: Bucket | undefined) => void;
  /** The next `times` requests for an operation get a 429 that no header had announced. */
  readonly refuseNext: (operation: string, limited: Limited, times?: number) => void;
  readonly count: (route: Route) => RateLimitVerdict;
  /** Counts an answer of 401, 403 or 429. */
  readonly countInvalid: () => void;
  /** Whether the address is banned for its invalid requests. */
  readonly isBanned: () => boolean;
  /** How many invalid requests in ten minutes ban the address. */
  setInvalidLimit: (limit: number) => void;
}

const GLOBAL: Bucket = { limit: 50, perMs: SECOND };
const INVALID_WINDOW = 10 * MINUTE;

const DEFAULTS: Readonly<Record<string, Bucket>> = {
  create_message: { limit: 5, perMs: 5 * SECOND },
  update_message: { limit: 5, perMs: 5 * SECOND },
  delete_message: { limit: 5, perMs: SECOND },
  execute_webhook: { limit: 5, perMs: 2 * SECOND },
  update_original_webhook_message: { limit: 5, perMs: 2 * SECOND },
  update_webhook_message: { limit: 5, perMs: 2 * SECOND },
  create_dm: { limit: 10, perMs: 10 * SECOND },
  bulk_set_application_commands: { limit: 2, perMs: 20 * SECOND },
};

/** The parameters by which Discord tells buckets of one operation apart. */
function majorParameter({ parameters }: Route): string {
  return parameters['webhook_token'] ?? parameters['channel_id'] ?? parameters['guild_id'] ?? '';
}

/** Requests of a window that starts with its first. */
function createWindow(clock: Clock): (bucket: Bucket) => { used: number; resetMs: number } {
  let startedAt = -Infinity;
  let used = 0;
  return ({ perMs }) => {
    if (clock.now() - startedAt >= perMs) {
      startedAt = clock.now();
      used = 0;
    }
    used += 1;
    return { used, resetMs: startedAt + perMs - clock.now() };
  };
}

const seconds = (milliseconds: number): string => (milliseconds / SECOND).toFixed(3);

export function createRateLimits(clock: Clock): RateLimits {
  const buckets = new Map(Object.entries(DEFAULTS));
  const windows = new Map<string, ReturnType<typeof createWindow>>();
  const planted = new Map<string, { limited: Limited; left: number }>();
  const invalid: number[] = [];
  let invalidLimit = 10_000;

  const windowOf = (key: string): ReturnType<typeof createWindow> => {
    const known = windows.get(key) ?? createWindow(clock);
    windows.set(key, known);
    return known;
  };
  const takePlanted = (operation: string): Limited | undefined => {
    const entry = planted.get(operation);
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) planted.delete(operation);
    return entry.limited;
  };
  const countGlobally = (route: Route): Limited | undefined => {
    // Answers to interactions do not count towards the bot's own limit.
    if (route.authorisation !== 'bot') return undefined;
    const { used, resetMs } = windowOf('global')(GLOBAL);
    return used > GLOBAL.limit ? { retryAfterMs: resetMs, scope: 'global' } : undefined;
  };
  const bucketHeaders = (route: Route, bucket: Bucket, used: number, resetMs: number): Record<string, string> => ({
    'x-ratelimit-limit': String(bucket.limit),
    'x-ratelimit-remaining': String(Math.max(0, bucket.limit - used)),
    'x-ratelimit-reset': seconds(clock.now() + resetMs),
    'x-ratelimit-reset-after': seconds(resetMs),
    'x-ratelimit-bucket': route.operation,
  });

  return {
    set: (operation, bucket) => {
      if (bucket) buckets.set(operation, bucket);
      else buckets.delete(operation);
    },
    refuseNext: (operation, limited, times = 1) => {
      planted.set(operation, { limited, left: times });
    },
    count: (route) => {
      const unannounced = takePlanted(route.operation) ?? countGlobally(route);
      if (unannounced) return { headers: {}, limited: unannounced };
      const bucket = buckets.get(route.operation);
      if (!bucket) return { headers: {}, limited: undefined };
      const { used, resetMs } = windowOf(`${route.operation} ${majorParameter(route)}`)(bucket);
      return {
        headers: bucketHeaders(route, bucket, used, resetMs),
        limited: used > bucket.limit ? { retryAfterMs: resetMs, scope: 'user' } : undefined,
      };
    },
    countInvalid: () => {
      invalid.push(clock.now());
    },
    isBanned: () => {
      while (invalid[0] !== undefined && clock.now() - invalid[0] > INVALID_WINDOW) invalid.shift();
      return invalid.length >= invalidLimit;
    },
    setInvalidLimit: (limit) => {
      invalidLimit = limit;
    },
  };
}
