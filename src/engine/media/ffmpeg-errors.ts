/** Turns what ffmpeg and ffprobe say when they give up into errors a person can act on. Pure: text in, error out. */
import { LumiereError } from '../errors.ts';
import { refusedDemuxers } from './formats.ts';

/** Whether the process was started for the file it reads or for the file it writes. */
export type Side = 'input' | 'output';

export interface Exit {
  readonly tool: 'ffmpeg' | 'ffprobe';
  readonly side: Side;
  /** Last lines of standard error, each `[context @ 0x…] [level] text`. */
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly cause: Error;
}

type Rule = readonly [pattern: RegExp, error: (match: RegExpExecArray) => LumiereError];

const anySide: readonly Rule[] = [
  [/No space left on device|File too large|Disk quota exceeded/i, () => new LumiereError('output.disk-full')],
  [
    /Number of streams exceeds max_streams parameter \((\d+)\)/,
    (m) => new LumiereError('input.too-many-streams', { limit: Number(m[1]) }),
  ],
  [/^\[(\w+)[^\]]*\] (?:\[\w+\] )?Format not on whitelist/, (m) => refusedFormat(m[1] ?? '')],
  [/Codec \(([^)]+)\) not on whitelist/, (m) => new LumiereError('input.codec-unknown', { codec: m[1] ?? '' })],
  [/Picture size (\d+)x(\d+) (?:is invalid|exceeds specified max pixel count)/, (m) => tooLarge(m)],
  [
    /Decoder \(codec (\S+)\) not found|Decoding requested, but no decoder found for: (\S+)/,
    (m) => new LumiereError('input.codec-unknown', { codec: m[1] ?? m[2] ?? '' }),
  ],
];

const inputSide: readonly Rule[] = [
  [/moov atom not found/, () => new LumiereError('input.truncated')],
  [/No such file or directory/, () => new LumiereError('input.not-found')],
  [/Permission denied|Is a directory|Input\/output error/, () => new LumiereError('input.unreadable')],
  [
    /Cannot allocate memory|Resource temporarily unavailable|failed to map segment/,
    () => new LumiereError('tool.memory'),
  ],
  // Without zscale a wide-range picture could only be shown wrong.
  [/No such filter: 'zscale'/, () => new LumiereError('input.hdr-refused')],
  [/Invalid data found when processing input|End of file/, () => new LumiereError('input.not-media')],
];

const outputSide: readonly Rule[] = [
  [
    /Permission denied|Read-only file system|Is a directory|No such file or directory|Not a directory/,
    () => new LumiereError('output.unwritable'),
  ],
  [
    /Cannot allocate memory|Resource temporarily unavailable|malloc of size \d+ failed/,
    () => new LumiereError('tool.memory'),
  ],
];

function refusedFormat(format: string): LumiereError {
  if (refusedDemuxers.has(format)) return new LumiereError('input.format-refused', { format });
  return new LumiereError('input.not-media');
}

function tooLarge(match: RegExpExecArray): LumiereError {
  return new LumiereError('input.too-large', { width: Number(match[1]), height: Number(match[2]) });
}

/** The error for a process that failed. Without a line it knows, `input.corrupt` or `output.encoder-failed` with the last words said. */
export function explainExit(exit: Exit): LumiereError {
  if (exit.signal === 'SIGXFSZ') return new LumiereError('output.disk-full', {}, { cause: exit.cause });
  const known = firstMatch([...anySide, ...(exit.side === 'input' ? inputSide : outputSide)], exit.lines);
  if (known) return withCause(known, exit);
  const detail = lastWords(exit.lines) || exit.cause.message;
  return withCause(
    new LumiereError(exit.side === 'input' ? 'input.corrupt' : 'output.encoder-failed', { detail }),
    exit,
  );
}

/** The error behind a run that ended well but brought nothing: what was refused on the way, else `input.corrupt`. */
export function explainNothing(lines: readonly string[]): LumiereError {
  return firstMatch(anySide, lines) ?? new LumiereError('input.corrupt', { detail: lastWords(lines) });
}

function firstMatch(rules: readonly Rule[], lines: readonly string[]): LumiereError | undefined {
  for (const [pattern, error] of rules) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return error(match);
    }
  }
  return undefined;
}

function withCause(error: LumiereError, exit: Exit): LumiereError {
  return new LumiereError(error.code, error.params, { cause: new Error(exit.lines.join('\n'), { cause: exit.cause }) });
}

/** The last message that is an error, without the address of the part that said it. */
function lastWords(lines: readonly string[]): string {
  const said = lines.findLast((line) => /\[(error|fatal|panic)\]/.test(line)) ?? lines.at(-1) ?? '';
  return said.replaceAll(/\[[^\]]*(@ 0x[0-9a-f]+)?\]\s*/g, '').slice(0, 200);
}
