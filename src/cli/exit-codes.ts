/** Exit statuses of `lumiere`, by what went wrong; the table in the README is checked against this one. */
import type { ErrorCode } from '../engine/errors.ts';

export const exitCodes = {
  /** Done. */
  ok: 0,
  /** A fault in Lumière itself. */
  bug: 1,
  /** The command line or a setting was not understood, or names an option, network, block or request that is not there. */
  usage: 2,
  /** A file that was given is not there or cannot be used. */
  input: 3,
  /** The result, or the bot's data folder, cannot be written. */
  output: 4,
  /** Weights are missing, damaged or cannot be fetched. */
  model: 5,
  /** The device cannot run a network. */
  device: 6,
  /** The machine lacks a program or memory. */
  tool: 7,
  /** The usage log, or the list of made files, was changed by somebody else. */
  altered: 8,
  /** Nothing proves that the file was made here, or that the usage log is as it was written. */
  unproven: 9,
  /** Stopped by Ctrl-C or a termination signal. */
  cancelled: 130,
} as const;

/** Codes that are about something else than their subject: a name in place of its weights, a file in place of what was asked. */
const exceptions: Partial<Record<ErrorCode, number>> = {
  'model.unknown': exitCodes.usage,
  'request.sound-not-found': exitCodes.input,
  'request.sound-without-audio': exitCodes.input,
};

/** The exit status for an error's code: decided by the part before the dot, but for a few. */
export function exitCodeOf(code: ErrorCode): number {
  const exception = exceptions[code];
  if (exception !== undefined) return exception;
  const [subject] = code.split('.') as [string];
  switch (subject) {
    case 'request':
    case 'provenance':
      return exitCodes.usage;
    case 'job':
      return exitCodes.cancelled;
    case 'photo':
    case 'face':
    case 'speech':
    case 'driver':
    case 'track':
      return exitCodes.input;
    case 'audit':
      return exitCodes.tool;
    case 'input':
    case 'output':
    case 'model':
    case 'device':
    case 'tool':
      return exitCodes[subject];
    default:
      return exitCodes.bug;
  }
}
