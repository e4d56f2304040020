/**
 * Finds the true rhythm of a clip from the time stamps themselves. A container's two rates are hints only: one is a guess
 * from the first packets, the other an average that a single held frame spoils.
 */
import { add, divide, multiply, parseRational, rational, toNumber, type Rational } from '../rational.ts';
import type { FfprobeFormat, FfprobeFrame, FfprobePacket, FfprobeStream } from './ffprobe-json.ts';

export interface Timing {
  readonly rate: Rational;
  readonly variableRate: boolean;
  readonly frameCount: { readonly count: number; readonly exact: boolean };
  readonly times?: readonly Rational[];
  readonly duration: Rational;
  readonly start: Rational;
  readonly timeBase: Rational;
}

const standardRates: readonly Rational[] = [
  ...[24, 25, 30, 50, 60, 12, 15, 16, 18, 20, 10, 48, 90, 100, 120, 240].map((rate) => rational(rate)),
  ...[24, 30, 60, 15, 12, 48, 120].map((rate) => rational(rate * 1000, 1001)),
];

/**
 * `packets` are the stream's first in decoding order; `complete` says that they are all. `firstFrame` is the first that a
 * decoder gives: what an edit list discards, or what cannot be decoded without a picture before it, is left out.
 */
export function readTiming(
  stream: FfprobeStream,
  packets: readonly FfprobePacket[],
  complete: boolean,
  format: FfprobeFormat,
  firstFrame: FfprobeFrame,
): Timing {
  const timeBase = parseRational(stream.time_base ?? '') ?? rational(1, 1000);
  const start = firstFrame.best_effort_timestamp ?? firstFrame.pts;
  // Where presentation times are missing, as in AVI and MPEG, decoding times stand in for all of them: as evenly spaced.
  const stamped = packets.every((packet) => packet.pts !== undefined);
  const tickOf = ({ pts, dts }: FfprobePacket) => (stamped ? pts : (dts ?? pts));
  const shown = packets.filter(
    (packet) => !packet.flags?.includes('D') && !(stamped && start !== undefined && packet.pts! < start),
  );
  const ticks = shown
    .map(tickOf)
    .filter((tick) => tick !== undefined)
    .sort((a, b) => a - b);
  const first = ticks[0] ?? 0;
  const at = (tick: number) => multiply(rational(tick - first), timeBase);
  const last = ticks.at(-1) ?? first;
  const lastDuration = shown.find((packet) => tickOf(packet) === last)?.duration;
  const lastSpan = lastDuration ? multiply(rational(lastDuration), timeBase) : undefined;
  // A single frame has no rhythm but its own length.
  const fallback = lastSpan ? divide(rational(1), lastSpan) : (usable(stream.avg_frame_rate) ?? rational(25));
  const { rate, variableRate } = findRate(ticks, timeBase, stream) ?? { rate: fallback, variableRate: false };
  const beats = variableRate ? undefined : ticks.map((_, index) => divide(rational(index), rate));
  const beat = divide(rational(1), rate);
  // Spans are rounded to the tick as times are: on a steady beat the last frame lasts as long as any.
  const scanned = beats
    ? add(beats.at(-1) ?? rational(0), ticks.length > 1 ? beat : (lastSpan ?? beat))
    : add(at(last), lastSpan ?? beat);
  const declared = declaredDuration(stream, format, timeBase);
  const duration = complete || !declared ? scanned : declared;
  const counted = Number(stream.nb_frames);
  return {
    rate,
    variableRate,
    frameCount: complete
      ? { count: shown.length, exact: true }
      : counted > 0
        ? { count: counted, exact: true }
        : { count: Math.round(toNumber(multiply(duration, rate))), exact: false },
    ...(complete && ticks.length === shown.length && { times: beats ?? ticks.map(at) }),
    duration,
    timeBase,
    start: multiply(rational(start ?? first), timeBase),
  };
}

function usable(text: string | undefined): Rational | undefined {
  const rate = text === undefined ? undefined : parseRational(text);
  return rate && rate.num > 0 ? rate : undefined;
}

function declaredDuration(stream: FfprobeStream, format: FfprobeFormat, timeBase: Rational): Rational | undefined {
  if (stream.duration_ts !== undefined && stream.duration_ts > 0)
    return multiply(rational(stream.duration_ts), timeBase);
  const length = Number(format.duration);
  return length > 0 ? rational(Math.round(length * 1e6), 1_000_000) : undefined;
}

/** The first candidate whose grid passes within a tick of every time stamp, else the nearest honest nominal rate. */
function findRate(
  ticks: readonly number[],
  timeBase: Rational,
  stream: FfprobeStream,
): { rate: Rational; variableRate: boolean } | undefined {
  const deltas = ticks.slice(1).map((tick, index) => tick - ticks[index]!);
  const positive = deltas.filter((delta) => delta > 0).sort((a, b) => a - b);
  const middle = positive[positive.length >> 1];
  if (middle === undefined) return undefined;
  const median = divide(rational(1), multiply(rational(middle), timeBase));
  const span = multiply(rational(ticks.at(-1)! - ticks[0]!), timeBase);
  const mean = divide(rational(ticks.length - 1), span);
  const guess = [usable(stream.r_frame_rate), usable(stream.avg_frame_rate)];
  const candidates = [guess[0], ...standardRates, median, guess[1], ...convergents(mean)].filter(
    (rate) => rate !== undefined,
  );
  const constant = candidates.find((rate) => fits(ticks, timeBase, rate));
  if (constant) return { rate: constant, variableRate: false };
  // Held frames leave whole gaps in a steady beat, and the beat is then the rate; else a snapped middle value is.
  return { rate: standardRateNear(median), variableRate: true };
}

/** The usual rate within one in a hundred of `rate`, else `rate` itself. */
export function standardRateNear(rate: Rational): Rational {
  return standardRates.find((usual) => Math.abs(toNumber(usual) / toNumber(rate) - 1) < 0.01) ?? rate;
}

/** The convergents of the continued fraction of `value`, simplest first, `value` itself last. */
function convergents(value: Rational): Rational[] {
  const found: Rational[] = [];
  let [a, b] = [value.num, value.den];
  let [p, q, previousP, previousQ] = [1, 0, 0, 1];
  while (b !== 0) {
    const whole = Math.floor(a / b);
    [a, b] = [b, a - whole * b];
    [p, previousP] = [whole * p + previousP, p];
    [q, previousQ] = [whole * q + previousQ, q];
    found.push(rational(p, q));
  }
  return found;
}

/** Containers round times to their tick, so a steady rate may be off by one at each frame, but never drift. */
function fits(ticks: readonly number[], timeBase: Rational, rate: Rational): boolean {
  const step = 1 / (toNumber(rate) * toNumber(timeBase));
  if (step < 0.5) return false;
  let low = 0;
  let high = 0;
  for (const [index, tick] of ticks.entries()) {
    const off = tick - ticks[0]! - index * step;
    low = Math.min(low, off);
    high = Math.max(high, off);
  }
  return high - low <= 1.01;
}

/**
 * The true moment behind a time stamp that a container rounded to its tick: on a steady beat, or half-way between two where
 * fields became frames, the beat; elsewhere the stamp itself.
 */
export function onTheBeat(time: Rational, video: Pick<Timing, 'rate' | 'variableRate' | 'timeBase'>): Rational {
  if (video.variableRate) return time;
  for (const rate of [video.rate, multiply(video.rate, rational(2))]) {
    const beat = divide(rational(Math.round(toNumber(multiply(time, rate)))), rate);
    const off = Math.abs(toNumber(beat) - toNumber(time));
    if (off <= toNumber(video.timeBase) * 1.01) return beat;
  }
  return time;
}
