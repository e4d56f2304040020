/**
 * The one door to ffmpeg and ffprobe. Every start goes through it: protocols limited to files and pipes, demuxers and
 * decoders to the lists of `formats.ts`, memory bounded, a process group of its own that is killed whole. Paths are always
 * plain files, whatever they look like (`http://…`, `concat:…`, `-y`).
 */
import ffmpeg from 'fluent-ffmpeg';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Readable, Writable } from 'node:stream';

import { LumiereError } from '../errors.ts';
import { explainExit, type Side } from './ffmpeg-errors.ts';
import { audioDecoders, demuxers, stillDemuxers, subtitleDecoders, videoDecoders } from './formats.ts';
import { defaultLimits, type MediaLimits } from './limits.ts';
import { afterWaiting } from './patience.ts';
import { watchGroup } from './process-group.ts';
import { createLineSplitter } from './lines.ts';

/** Protocols a nested open may use: `fd` is how newer versions read a file that is already open. */
const protocols = 'file,pipe,fd';
const decoders = [...videoDecoders, ...audioDecoders, ...subtitleDecoders].join(',');
/** Largest single block libav may allocate: one 8K picture of 16 bits in four planes is 302 MB. */
const maxBlock = 384 * 2 ** 20;
const keptLines = 60;

/** A file somebody gave us, read through the guarded door. `options` stand before its `-i`. */
export interface FileInput {
  readonly kind: 'file';
  readonly path: string;
  readonly options?: readonly string[];
}

/** A picture of our own making, such as the label. */
export interface StillInput {
  readonly kind: 'still';
  readonly path: string;
}

/** What we write to ffmpeg ourselves, on its standard input or on a second pipe. `options` name its format (`-f rawvideo …`). */
export interface PipeInput {
  readonly kind: 'pipe' | 'second-pipe';
  readonly options: readonly string[];
}

export type Input = FileInput | StillInput | PipeInput;

/** `target` is a file's path, or `pipe` for standard output. */
export interface Output {
  readonly target: { readonly file: string } | 'pipe' | 'none';
  readonly options: readonly string[];
}

export interface StartOptions {
  readonly limits?: MediaLimits;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of wall clock after which the process is killed with `input.timeout`, those not counted in which this one stood still. */
  readonly wallMs?: number;
  /** Each line of standard error, cut to 4 KB. */
  readonly onLine?: (line: string) => void;
  /** Whose fault a failure is taken to be: the file read, or the file written. */
  readonly side: Side;
  /** The least severe messages wanted on standard error. */
  readonly verbosity?: 'error' | 'warning' | 'info';
}

/** A started ffmpeg or ffprobe. */
export interface ToolProcess {
  readonly pid: number;
  readonly stdin: Writable;
  /** Where an input is a second pipe. */
  readonly second?: Writable;
  readonly stdout: Readable;
  /** Settles once the process is gone and its pipes are closed; rejects with a LumiereError when it failed or was stopped. */
  readonly ended: Promise<void>;
  /** The last lines of standard error. */
  lines(): readonly string[];
  /** Kills the whole group; `ended` then rejects with `reason`. */
  stop(reason: LumiereError): void;
}

/** The parts of a fluent-ffmpeg command that it keeps to itself: its public `run` cannot start a process group. */
interface CommandInside {
  _getArguments(): string[];
  _getFfmpegPath(found: (error: Error | null, path?: string) => void): void;
  _getFfprobePath(found: (error: Error | null, path?: string) => void): void;
  _spawnFfmpeg(
    args: string[],
    options: SpawnOptions & { captureStdout: boolean; stdoutLines: number },
    onProcess: (child: ChildProcess) => void,
    onEnd: (error: Error | null) => void,
  ): void;
}

/** The address of a path as a plain file, safe from being read as an option, a protocol or a pattern. */
function fileAddress(path: string): string {
  return `file:${resolve(path)}`;
}

function addressOf(input: Input): string {
  if ('path' in input) return fileAddress(input.path);
  return input.kind === 'pipe' ? 'pipe:0' : 'pipe:3';
}

function guards(input: Input, limits: MediaLimits): string[] {
  if (input.kind === 'pipe' || input.kind === 'second-pipe') {
    return ['-protocol_whitelist', protocols, ...input.options];
  }
  if (input.kind === 'still') return ['-protocol_whitelist', protocols, '-format_whitelist', stillDemuxers.join(',')];
  return [...fileGuards(limits), ...(input.options ?? [])];
}

function fileGuards(limits: MediaLimits): string[] {
  return [
    ...['-protocol_whitelist', protocols, '-format_whitelist', demuxers.join(','), '-codec_whitelist', decoders],
    ...['-max_streams', String(limits.maxStreams), '-max_pixels', String(limits.maxPixels)],
    ...['-threads', String(Math.min(4, availableParallelism()))],
  ];
}

/**
 * Starts ffmpeg. Standard input is a pipe; where no input is one it is closed at once, so that ffmpeg does not take keys
 * from it. Resolves once the process runs. Rejects with `tool.missing` when there is no ffmpeg, `job.cancelled` when the
 * signal is already aborted.
 */
export async function startFfmpeg(
  inputs: readonly Input[],
  outputs: readonly Output[],
  options: StartOptions,
): Promise<ToolProcess> {
  const limits = options.limits ?? defaultLimits;
  const command = ffmpeg({ stdoutLines: 1 });
  for (const input of inputs) {
    command.input(addressOf(input));
    // One call for each word: in an array, fluent-ffmpeg would cut an option apart at its spaces.
    command.inputOptions(...guards(input, limits));
  }
  const args = (command as unknown as CommandInside)._getArguments();
  for (const output of outputs) {
    args.push(...output.options);
    if (output.target === 'pipe') args.push('pipe:1');
    else if (output.target === 'none') args.push('-f', 'null', '-');
    else args.push('-protocol_whitelist', protocols, fileAddress(output.target.file));
  }
  const common = ['-hide_banner', '-nostats', '-y', '-max_alloc', String(maxBlock)];
  const words = [...common, ...verbosity(options), ...args];
  const second = inputs.some((input) => input.kind === 'second-pipe');
  const child = await start('ffmpeg', words, options, limits, second);
  if (!inputs.some((input) => input.kind === 'pipe')) child.stdin.end();
  return child;
}

/** Starts ffprobe on one file; `entries` say what to print, on standard output. Rejects as `startFfmpeg` does. */
export async function startFfprobe(
  path: string,
  entries: readonly string[],
  options: StartOptions,
): Promise<ToolProcess> {
  const limits = options.limits ?? defaultLimits;
  const args = [
    '-hide_banner',
    '-max_alloc',
    String(maxBlock),
    ...verbosity(options),
    ...fileGuards(limits),
    ...entries,
  ];
  const child = await start('ffprobe', [...args, '-i', fileAddress(path)], options, limits);
  child.stdin.end();
  return child;
}

function verbosity(options: StartOptions): string[] {
  return ['-loglevel', `level+${options.verbosity ?? 'warning'}`];
}

async function start(
  tool: 'ffmpeg' | 'ffprobe',
  args: string[],
  options: StartOptions,
  limits: MediaLimits,
  second = false,
): Promise<ToolProcess> {
  if (options.signal?.aborted) throw new LumiereError('job.cancelled');
  const path = await find(tool);
  const windows = process.platform === 'win32';
  const inside = ffmpeg() as unknown as CommandInside;
  // The shell sets the bound on memory and then becomes the tool: the same on every Unix, without a further program.
  const bounded = ['-c', `ulimit -d ${Math.ceil(limits.maxMemory / 1024)} 2>/dev/null; exec "$0" "$@"`, path, ...args];
  inside._getFfmpegPath = (found) => {
    found(null, windows ? path : '/bin/sh');
  };

  return await new Promise<ToolProcess>((resolveStart, rejectStart) => {
    let finish: (error: Error | null) => void = (error) => {
      rejectStart(new LumiereError('tool.missing', { tool }, { cause: error }));
    };
    inside._spawnFfmpeg(
      windows ? args : bounded,
      {
        ...{ windowsHide: true, detached: !windows, captureStdout: false, stdoutLines: 1 },
        ...(second && { stdio: Array<'pipe'>(4).fill('pipe') }),
      },
      (child) => {
        if (child.pid === undefined) return;
        const run = follow(tool, child, child.pid, options);
        finish = run.finish;
        resolveStart(run.process);
      },
      (error) => {
        finish(error);
      },
    );
  });
}

function find(tool: 'ffmpeg' | 'ffprobe'): Promise<string> {
  const inside = ffmpeg() as unknown as CommandInside;
  return new Promise((resolvePath, reject) => {
    const found = (error: Error | null, path?: string) => {
      if (path) resolvePath(path);
      else reject(new LumiereError('tool.missing', { tool }, error ? { cause: error } : {}));
    };
    if (tool === 'ffmpeg') inside._getFfmpegPath(found);
    else inside._getFfprobePath(found);
  });
}

function follow(
  tool: 'ffmpeg' | 'ffprobe',
  child: ChildProcess,
  pid: number,
  options: StartOptions,
): { process: ToolProcess; finish: (error: Error | null) => void } {
  const kept: string[] = [];
  const split = createLineSplitter((line) => {
    if (kept.length === keptLines) kept.shift();
    kept.push(line);
    options.onLine?.(line);
  });
  child.stderr?.on('data', split);
  // A process that ends early closes its input while we write: its exit status says why, the broken pipe says nothing.
  child.stdin?.on('error', () => undefined);
  const second = child.stdio[3] instanceof Writable ? child.stdio[3] : undefined;
  second?.on('error', () => undefined);

  let reason: LumiereError | undefined;
  const group = watchGroup(child, pid);
  const stop = (error: LumiereError) => {
    reason ??= error;
    group.kill();
  };
  const cancel = () => {
    stop(new LumiereError('job.cancelled'));
  };
  options.signal?.addEventListener('abort', cancel, { once: true });
  if (options.signal?.aborted) cancel();
  const { wallMs } = options;
  const forgetTime =
    wallMs === undefined
      ? undefined
      : afterWaiting(wallMs, () => {
          stop(new LumiereError('input.timeout', { seconds: Math.round(wallMs / 100) / 10 }));
        });

  let finish: (error: Error | null) => void = () => undefined;
  const ended = new Promise<void>((resolveEnd, rejectEnd) => {
    finish = (error) => {
      forgetTime?.();
      options.signal?.removeEventListener('abort', cancel);
      group.forget();
      if (reason) rejectEnd(reason);
      else if (error)
        rejectEnd(explainExit({ tool, side: options.side, lines: kept, signal: child.signalCode, cause: error }));
      else resolveEnd();
    };
  });
  // Whoever started the process awaits `ended` when it is done with the pipes; a failure before that is not unhandled.
  ended.catch(() => undefined);
  const pipes = { stdin: child.stdin!, stdout: child.stdout!, ...(second && { second }) };
  return { process: { pid, ...pipes, ended, lines: () => kept, stop }, finish };
}
