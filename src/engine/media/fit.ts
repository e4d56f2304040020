/**
 * Keeps a result within a number of bytes, always. The first encoding is the result when it fits; else it is the master
 * from which smaller ones are made, at most six, the sound still taken from where it first came.
 */
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { divide, rational, toNumber, type Rational } from '../rational.ts';
import { encodeFrames, encodeTo, maxMemory, type Encoded, type EncodeOptions } from './encode.ts';
import * as words from './encode-options.ts';
import { startFfmpeg, type Input, type Output } from './ffmpeg.ts';
import { ffprobeJson } from './ffprobe-json.ts';
import { givenUp, proposeAttempt, type Attempt, type GivenUp, type Master } from './fit-plan.ts';
import { defaultLimits, ownLimits } from './limits.ts';
import { beginPartialFile } from './partial-file.ts';

export type { GivenUp } from './fit-plan.ts';

export interface FitOptions extends EncodeOptions {
  /** The result has at most so many bytes. Without it there is one encoding and no more. */
  readonly maxBytes?: number;
  /** A smaller result has at least this share of the width and height: letters in it stay readable. */
  readonly leastScale?: number;
  /** Told while a smaller result is being made: which attempt it is, and how much of it is done, 0 to 1. */
  readonly onFitting?: (progress: { readonly attempt: number; readonly done: number }) => void;
}

export interface Fitted extends Encoded {
  readonly rate: Rational;
  /** Empty when the first encoding was small enough. */
  readonly givenUp: readonly GivenUp[];
}

const mostAttempts = 6;

/**
 * `encodeFrames` with a bound on the size of the result. Rejects as it does, and with `output.size-unreachable` (`limit`, in
 * bytes) when no smaller quality, picture or rate is small enough; then no file is left.
 */
export async function encodeWithin(frames: AsyncIterable<Frame>, options: FitOptions): Promise<Fitted> {
  const { maxBytes } = options;
  if (maxBytes === undefined) return { ...(await encodeFrames(frames, options)), rate: options.rate, givenUp: [] };
  const first = await beginPartialFile(options.path);
  try {
    const count = await encodeTo(first.path, frames, options);
    const { size } = await stat(first.path);
    const even = words.evenSize(options);
    if (size <= maxBytes) {
      const bytes = await first.commit();
      const duration = divide(rational(count), options.rate);
      return { path: options.path, bytes, frames: count, ...even, duration, rate: options.rate, givenUp: [] };
    }
    const master = await measure(first.path, count, options);
    return await shrink(first.path, master, count, { ...options, maxBytes });
  } finally {
    await first.discard();
  }
}

async function measure(path: string, frames: number, options: FitOptions): Promise<Master> {
  const { quality = { crf: 18 }, rate, sound, leastScale } = options;
  const { size } = await stat(path);
  const look = { limits: ownLimits, signal: options.signal };
  const { streams = [] } = await ffprobeJson(path, ['-show_streams'], look);
  const track = streams.find((stream) => stream.codec_type === 'audio');
  const soundBytes = track ? Math.ceil((Number(track.bit_rate ?? 0) * Number(track.duration ?? 0)) / 8) : 0;
  return {
    crf: 'crf' in quality ? quality.crf : 23,
    videoBytes: size - soundBytes,
    soundBytes,
    ...words.evenSize(options),
    rate,
    duration: toNumber(divide(rational(frames), rate)),
    channels: sound?.channels ?? 0,
    ...(leastScale !== undefined && { leastScale }),
  };
}

async function shrink(
  source: string,
  master: Master,
  frames: number,
  options: FitOptions & { readonly maxBytes: number },
): Promise<Fitted> {
  let harder = 1;
  for (let number = 1; number <= mostAttempts; number += 1) {
    const attempt = proposeAttempt(master, options.maxBytes, harder);
    if (!attempt) break;
    const file = await beginPartialFile(options.path);
    try {
      await encodeAgain(source, file.path, master, attempt, options, (done) =>
        options.onFitting?.({ attempt: number, done }),
      );
      const { size } = await stat(file.path);
      if (size <= options.maxBytes) {
        const kept = Math.ceil(frames / attempt.keepOneIn);
        const rate = divide(options.rate, rational(attempt.keepOneIn));
        return {
          path: options.path,
          bytes: await file.commit(),
          frames: kept,
          width: attempt.width,
          height: attempt.height,
          duration: divide(rational(frames), options.rate),
          rate,
          givenUp: givenUp(master, attempt),
        };
      }
      harder *= Math.max(1.03, (size / options.maxBytes) * 1.02);
    } finally {
      await file.discard();
    }
  }
  throw new LumiereError('output.size-unreachable', { limit: options.maxBytes });
}

async function encodeAgain(
  source: string,
  path: string,
  master: Master,
  attempt: Attempt,
  options: FitOptions,
  onDone: (done: number) => void,
): Promise<void> {
  const { quality } = attempt;
  if ('crf' in quality) {
    await pass(source, { file: path }, master, attempt, options, [], onDone);
    return;
  }
  const log = `${path}.log`;
  try {
    const first = ['-pass', '1', '-passlogfile', log];
    await pass(source, 'none', master, attempt, options, first, (done) => {
      onDone(done / 2);
    });
    const second = ['-pass', '2', '-passlogfile', log];
    await pass(source, { file: path }, master, attempt, options, second, (done) => {
      onDone(0.5 + done / 2);
    });
  } finally {
    await Promise.all(['-0.log', '-0.log.mbtree'].map((ending) => rm(log + ending, { force: true })));
  }
}

/** The master goes in through a pipe of ours, so that ffmpeg ends when we do, and its progress is what we have sent. */
async function pass(
  source: string,
  target: Output['target'],
  master: Master,
  attempt: Attempt,
  options: FitOptions,
  passWords: readonly string[],
  onDone: (done: number) => void,
): Promise<void> {
  const { sound, preset = 'fast', signal } = options;
  const rate = divide(options.rate, rational(attempt.keepOneIn));
  const inputs: Input[] = [{ kind: 'pipe', options: ['-f', 'mov', '-thread_queue_size', '8'] }];
  const withSound = sound && target !== 'none';
  if (withSound) inputs.push({ kind: 'file', path: sound.path, options: words.soundInputOptions(sound) });
  const output = [
    ...['-filter_complex', words.reencodeGraph(master, attempt, attempt.keepOneIn), '-map', '[v]'],
    ...words.videoOptions(attempt.quality, preset, rate, attempt),
    ...passWords,
    ...(withSound ? ['-map', `1:${sound.stream}`, ...words.soundOptions(sound, attempt.soundBitRate)] : []),
    ...(target === 'none' ? [] : words.containerOptions(rate)),
  ];
  const limits = { ...defaultLimits, maxMemory };
  const tool = await startFfmpeg(inputs, [{ target, options: output }], { limits, signal, side: 'output' });
  const { size } = await stat(source);
  let sent = 0;
  const reading = createReadStream(source, { highWaterMark: 2 ** 18 });
  reading.on('data', (chunk) => {
    sent += chunk.length;
    onDone(Math.min(1, sent / size));
  });
  // A closed pipe is told better by how ffmpeg ended.
  await pipeline(reading, tool.stdin).catch(() => undefined);
  await tool.ended;
}
