/** A clip of ours encoded again, to fit where it did not. */
import { decodeFrames } from '../engine/media/decode.ts';
import { encodeWithin, type Fitted } from '../engine/media/fit.ts';
import { labelPlace, leastReadableScale } from '../engine/label-size.ts';
import { probe } from '../engine/media/probe.ts';
import { clipSound } from '../engine/media/sound-source.ts';

/**
 * Writes the MP4 at `path` to `target`, with at most `maxBytes`. Rejects with `output.size-unreachable` where no picture
 * is small enough, `job.cancelled`, and the codes of the decoder and the encoder.
 */
export async function shrinkClip(
  path: string,
  target: string,
  options: {
    readonly maxBytes: number;
    readonly signal: AbortSignal;
    /** Of 100. */
    readonly onProgress?: (done: number) => void;
  },
): Promise<Fitted> {
  const { maxBytes, signal, onProgress } = options;
  const found = await probe(path, { signal });
  const { width, height, rate } = found.video;
  const { sound } = clipSound(found);
  return await encodeWithin(decodeFrames(found, { signal }), {
    path: target,
    width,
    height,
    rate,
    maxBytes,
    // Letters that stand in it stay as large as they were when it was made first.
    leastScale: leastReadableScale(labelPlace({ width, height }).plate),
    signal,
    ...(sound && { sound }),
    onFitting: ({ done }) => onProgress?.(Math.round(done * 100)),
  });
}
