/**
 * Marks frames on their way into the encoder: for each it gives the pattern to add. A pattern is made at the start of a shot
 * and again when the picture has moved; in between the same bytes serve. It is smaller than the frames, for its waves are
 * long, and ffmpeg enlarges it: at 1280x720 it has a ninth of their samples.
 */
import type { Frame } from '../../frame.ts';
import type { LumaLayer } from '../../media/luma-layer.ts';
import { type Rational, toNumber } from '../../rational.ts';
import type { Size } from '../../size.ts';
import { drawPattern, type SizedTile } from './pattern.ts';
import { detailOf, smallLuma, type SmallLuma, strengthOf } from './strength.ts';
import { makeTile, resampleTile, shotMove, tileSide } from './tile.ts';
import { checkWatermark, type Watermark } from './watermark.ts';

/** Seconds after which the picture is looked at again within a shot. */
const lookAgain = 0.5;
/** A pattern is made anew when this share of the reduced picture has changed by so many levels. */
const moved = { share: 0.02, levels: 12 } as const;
/**
 * Frames that one pattern serves. The first frames of a shot may still have the pattern of the one before: for less than a tenth
 * of a second, when nobody sees so little.
 */
const framesServed = (rate: number): number => Math.min(3, 1 + Math.floor(rate / 10));
/** Samples of a pattern drawn before others get their turn on this thread: about 3 ms. */
const samplesAtOnce = 200_000;

/** Pixels of the picture, along a side, for one sample of the pattern: its shortest wave is 4.5 samples long or more. */
function patternReduction({ width, height }: Size): number {
  const short = Math.min(width, height);
  if (short >= 1440) return 4;
  if (short >= 720) return 3;
  return short >= 480 ? 2 : 1;
}

/**
 * The layer that marks frames of `size`, `rate` of them a second. Frames must come in order, `startsShot` set on the first
 * one of each shot but the clip's first. Throws a RangeError for a key or payload of the wrong form.
 */
export function watermarkLayer(watermark: Watermark, size: Size, rate: Rational): LumaLayer {
  checkWatermark(watermark);
  const reduction = patternReduction(size);
  const width = Math.ceil(size.width / reduction);
  const height = Math.ceil(size.height / reduction);
  const every = framesServed(toNumber(rate));
  const step = Math.max(1, Math.round((toNumber(rate) * lookAgain) / every)) * every;
  let tile: SizedTile | undefined;
  let pattern = new Uint8Array();
  let seen: { readonly luma: SmallLuma; readonly detail: Float32Array } | undefined;
  let shot = -1;
  let index = -1;
  let lookAt = 0;

  async function draw(frame: Frame): Promise<void> {
    const luma = smallLuma(frame);
    if (seen !== undefined && changedShare(seen.luma, luma) < moved.share) return;
    const detail = detailOf(luma);
    await turn();
    // What was flat a moment ago may be flat again in the next.
    const sure = seen === undefined ? detail : detail.map((value, i) => Math.min(value, seen!.detail[i]!));
    const strength = strengthOf(luma, sure);
    seen = { luma, detail };
    await turn();
    if (tile === undefined) {
      const side = Math.round(tileSide(size) / reduction);
      const made = makeTile(watermark);
      await turn();
      tile = { data: resampleTile(made, side), side };
    }
    // The pattern before this one may still be on its way to the encoder.
    const next = new Uint8Array(width * height);
    const move = shotMove(watermark, shot);
    const rows = Math.max(1, Math.floor(samplesAtOnce / width));
    for (let from = 0; from < height; from += rows) {
      drawPattern(next, { width, height }, tile, move, strength, from, Math.min(height, from + rows));
      await turn();
    }
    pattern = next;
  }

  return {
    width,
    height,
    every,
    async next(frame) {
      index += 1;
      if (index === 0 || frame.startsShot === true) {
        shot += 1;
        seen = undefined;
        lookAt = index;
      }
      if (index % every !== 0) return undefined;
      if (index >= lookAt) {
        lookAt = index + step;
        await draw(frame);
      }
      return pattern;
    },
  };
}

/** Lets others on this thread have their turn. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function changedShare(a: SmallLuma, b: SmallLuma): number {
  let changed = 0;
  for (let i = 0; i < a.data.length; i++) if (Math.abs(a.data[i]! - b.data[i]!) > moved.levels) changed += 1;
  return changed / a.data.length;
}
