/**
 * The log: one JSON line for each event, on standard output. Errors are written as what happened where, without what was
 * sent: a request to Discord carries what members see, and its address may carry a token.
 */
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { type DestinationStream, type Logger, pino } from 'pino';

import type { LogLevel } from '../config.ts';

/**
 * Tokens of interactions and webhooks in addresses, passwords in connection strings, the bot's own token, and all that should
 * have been written to the database, which Prisma's validation quotes: at the end of a line a brace in the first column closes it.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/(^Invalid `[^`\n]*` invocation:\n+)\{$[^]*?^\}$/gm, '$1…'],
  [/(\/(?:webhooks|interactions)\/\d+\/)[^/?\s]+/g, '$1…'],
  [/(\w+:\/\/[^:/\s]*:)[^@\s]+@/g, '$1…@'],
  [/\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}\b/g, '…'],
  [/([?&](?:ex|is|hm)=)[^&\s]+/g, '$1…'],
];

/** The text without what could be used by whoever reads the log. */
export function withoutSecrets(text: string): string {
  return secrets.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly route?: string;
  readonly cause?: LoggedError;
}

const deepest = 4;

function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const isDiscord = error instanceof DiscordAPIError || error instanceof HTTPError;
  return {
    type: error.name,
    message: withoutSecrets(error.message),
    ...(error.stack !== undefined && { stack: withoutSecrets(error.stack) }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(isDiscord && { status: error.status, route: `${error.method} ${withoutSecrets(new URL(error.url).pathname)}` }),
    ...(error instanceof RateLimitError && { route: `${error.method} ${error.route}` }),
    ...(cause instanceof Error && depth < deepest && { cause: describeError(cause, depth + 1) }),
  };
}

/** A logger whose lines name the role. `destination` is standard output when left out. */
export function createLog(level: LogLevel, role: 'bot' | 'worker', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
