/** What to say when the bot or a worker cannot start or go on: one sentence for the operator and an exit status. */
import { DiscordAPIError, DiscordjsError, DiscordjsErrorCodes } from 'discord.js';

import { exitCodeOf, exitCodes } from '../cli/exit-codes.ts';
import { sentenceOf } from '../cli/report-error.ts';
import { DiscordUnreachable } from '../discord/unreachable.ts';
import { LumiereError } from '../engine/errors.ts';
import type { Translate } from '../locale.ts';
import { withoutSecrets } from '../service/log.ts';
import { DatabaseProblem } from '../store/problem.ts';

export interface StartFault {
  readonly sentence: string;
  readonly status: number;
}

const unauthorised = 401;

function isRefusedToken(error: unknown): boolean {
  if (error instanceof DiscordjsError) return error.code === DiscordjsErrorCodes.TokenInvalid;
  return error instanceof DiscordAPIError && error.status === unauthorised;
}

/** A fault that nobody foresaw comes with its stack: it is for whoever mends it. */
export function startFault(error: unknown, t: Translate): StartFault {
  if (error instanceof LumiereError) return { sentence: sentenceOf(error, t), status: exitCodeOf(error.code) };
  if (error instanceof DatabaseProblem) return { sentence: withoutSecrets(error.message), status: exitCodes.tool };
  if (isRefusedToken(error)) return { sentence: t('bot.token-refused'), status: exitCodes.usage };
  if (error instanceof DiscordUnreachable) {
    return { sentence: t('bot.discord-away', { reason: withoutSecrets(error.message) }), status: exitCodes.tool };
  }
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') return { sentence: t('bot.port-taken', { port: String(port) }), status: exitCodes.tool };
  if (code === 'ENOSPC') return { sentence: t('errors.output.disk-full'), status: exitCodes.output };
  const report = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { sentence: t('bot.fault', { report: withoutSecrets(report) }), status: exitCodes.bug };
}
