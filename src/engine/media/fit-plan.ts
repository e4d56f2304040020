/**
 * Decides what to give up so that a film fits into so many bytes: first quality (CRF), then an average bit rate, then the
 * size of the picture, then frames. Pure: sizes measured so far in, the next thing to try out.
 */
import { LumiereError } from '../errors.ts';
import { divide, rational, toNumber, type Rational } from '../rational.ts';

/** What the first encoding came to. */
export interface Master {
  readonly crf: number;
  readonly videoBytes: number;
  /** 0 when there is no sound. */
  readonly soundBytes: number;
  readonly width: number;
  readonly height: number;
  readonly rate: Rational;
  /** Seconds. */
  readonly duration: number;
  readonly channels: number;
  /** It is not made smaller than this share of its width and height; any size when left out. */
  readonly leastScale?: number;
}

/** One way to encode it again. */
export interface Attempt {
  /** Constant quality, or bits a second reached in two passes. */
  readonly quality: { readonly crf: number } | { readonly bitRate: number };
  readonly width: number;
  readonly height: number;
  /** Of so many frames one is kept. */
  readonly keepOneIn: number;
  /** Bits a second of the sound; absent when it stays as it is. */
  readonly soundBitRate?: number;
  /** The constant quality this would look like: what a picture costs decides, not its size. */
  readonly likeCrf: number;
}

/** x264 halves its output for about every six steps of CRF. */
const stepsToHalve = 6;
/** Up to here a lower constant quality is the least loss; beyond it, blocks begin to show and an average is aimed at. */
const worstCrf = 30;
/** Beyond this, a smaller picture looks better than a worse one. */
const worstAverage = 36;
/** A smaller picture is then chosen to look like this. */
const afterShrinking = 33;
/** Bits a second; x264 counts in thousands and refuses none at all. */
const leastBitRate = 1000;
/** x264 knows nothing worse. */
const worstOfAll = 50;
/** Bytes grow with the pixels to this power, and with the frames to the other: neighbours resemble each other. */
const pixelPower = 0.75;
const framePower = 0.65;
const scales = [0.85, 0.75, 0.66, 0.5, 0.42, 0.33, 0.25, 0.18, 0.125];
const shortestSide = 96;
const slowestRate = 10;
/** Of how many frames one is kept, mildest first. */
const thinnings = [2, 3, 4, 6] as const;
/** No MP4 of ours is smaller: its tables without a frame, and what the emptiest frame takes with its place in them. */
const leastContainerBytes = 1000;
const leastFrameBytes = 12;
const soundRates = [64_000, 48_000, 32_000, 24_000, 16_000];
/** Share of the whole that sound may take before it is made smaller. */
const soundShare = 0.25;
/** Bytes an MP4 spends on its own tables, beside some 16 for each frame, counted with the picture. */
const containerBytes = 3000;

/**
 * The mildest attempt expected to stay within `maxBytes`, when everything so far came out `harder` times larger than
 * expected. Undefined when not even the harshest would.
 */
export function proposeAttempt(master: Master, maxBytes: number, harder: number): Attempt | undefined {
  for (const sound of soundLadder(master, maxBytes)) {
    const room = (maxBytes - sound.bytes - containerBytes) * 0.98;
    if (room <= 0) continue;
    const kept = sound.bitRate === undefined ? {} : { soundBitRate: sound.bitRate };
    for (const { likeCrf, limit, ...shape } of shapes(master, room, harder)) {
      if (likeCrf > limit) continue;
      const whole = shape.keepOneIn === 1 && shape.width === master.width;
      const quality =
        whole && likeCrf <= worstCrf
          ? { crf: Math.ceil(Math.max(likeCrf, master.crf + 0.5) * 2) / 2 }
          : { bitRate: Math.floor((room * 8) / master.duration / Math.max(1, harder)) };
      if ('bitRate' in quality && quality.bitRate < leastBitRate) continue;
      return { quality, ...shape, ...kept, likeCrf };
    }
  }
  return undefined;
}

/** Every picture size and rate in the order of giving up, with the quality each would have and the worst it may have. */
function* shapes(master: Master, room: number, harder: number) {
  const at = (scale: number, keepOneIn: number, limit: number) => {
    const width = even(master.width * scale);
    const height = even(master.height * scale);
    const fewer = ((width * height) / (master.width * master.height)) ** pixelPower / keepOneIn ** framePower;
    const likeCrf = master.crf + stepsToHalve * Math.log2((master.videoBytes * fewer * harder) / room);
    return { width, height, keepOneIn, likeCrf, limit };
  };
  yield at(1, 1, worstAverage);
  const { leastScale = 0 } = master;
  const usable = scales.filter(
    (scale) => scale >= leastScale && Math.min(master.width, master.height) * scale >= shortestSide,
  );
  for (const scale of usable) yield at(scale, 1, afterShrinking);
  const smallest = usable.at(-1) ?? 1;
  let fewest = 1;
  for (const keepOneIn of thinnings) {
    if (toNumber(master.rate) / keepOneIn < slowestRate) break;
    fewest = keepOneIn;
    yield at(smallest, keepOneIn, worstAverage);
  }
  yield at(smallest, fewest, worstOfAll);
}

/**
 * Throws `output.size-unreachable` (`limit`, in bytes) when no film of so many frames can be that small, whatever it shows: known
 * before any work. Others turn out to be too large only once they are encoded.
 */
export function refuseUnreachable(maxBytes: number, film: { readonly frames: number; readonly rate: Rational }): void {
  const fewest = thinnings.findLast((keepOneIn) => toNumber(film.rate) / keepOneIn >= slowestRate) ?? 1;
  const least = leastContainerBytes + Math.ceil(film.frames / fewest) * leastFrameBytes;
  if (maxBytes < least) throw new LumiereError('output.size-unreachable', { limit: maxBytes });
}

function soundLadder(master: Master, maxBytes: number): { bytes: number; bitRate?: number }[] {
  const { soundBytes, duration, channels } = master;
  if (soundBytes === 0) return [{ bytes: 0 }];
  const lower = soundRates
    .map((rate) => rate * (channels > 1 && rate > 24_000 ? 1.5 : 1))
    // Two in a hundred for the container, and what an encoder adds to what it is asked for.
    .map((bitRate) => ({ bitRate, bytes: Math.ceil(((bitRate * duration) / 8) * 1.06) }))
    .filter(({ bytes }) => bytes < soundBytes);
  const all = [{ bytes: soundBytes }, ...lower];
  const modest = all.filter(({ bytes }) => bytes <= maxBytes * soundShare);
  return modest.length > 0 ? modest : all.slice(-1);
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

/** What a person gets less of, in the order it was given up. */
export type GivenUp =
  | { readonly what: 'quality'; readonly from: number; readonly to: number }
  | { readonly what: 'bit-rate'; readonly to: number }
  | { readonly what: 'sound'; readonly to: number }
  | {
      readonly what: 'size';
      readonly from: { readonly width: number; readonly height: number };
      readonly to: { readonly width: number; readonly height: number };
    }
  | { readonly what: 'rate'; readonly from: Rational; readonly to: Rational };

/** Names what `attempt` costs against the first encoding. Rates of sound and picture in bits a second. */
export function givenUp(master: Master, attempt: Attempt): GivenUp[] {
  const list: GivenUp[] = [];
  if ('crf' in attempt.quality) list.push({ what: 'quality', from: master.crf, to: attempt.quality.crf });
  else list.push({ what: 'bit-rate', to: attempt.quality.bitRate });
  if (attempt.soundBitRate !== undefined) list.push({ what: 'sound', to: attempt.soundBitRate });
  if (attempt.width !== master.width) {
    const from = { width: master.width, height: master.height };
    list.push({ what: 'size', from, to: { width: attempt.width, height: attempt.height } });
  }
  if (attempt.keepOneIn > 1) {
    list.push({ what: 'rate', from: master.rate, to: divide(master.rate, rational(attempt.keepOneIn)) });
  }
  return list;
}
