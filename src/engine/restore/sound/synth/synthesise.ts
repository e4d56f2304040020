/** An ambience from its first sample to its last: the voice, shaped by the picture, in blocks of any size. */
import type { MotionEnvelope } from '../motion-envelope.ts';
import type { AmbienceName } from '../request.ts';
import { quantum, type Read, sampleRate, type Score, stereo } from './block.ts';
import { shaper } from './shaping.ts';
import { ambiences } from './voices.ts';

/**
 * Starts an ambience: each call fills `out` with the next samples, whatever its length. The same score and motion give the
 * same samples, however they are read. The level is the voice's own, to be normalised by whoever mixes.
 */
export function synthesise(name: AmbienceName, score: Score, motion: MotionEnvelope): Read {
  const { make, shape } = ambiences[name];
  const voice = make(score);
  const shaped = shaper(shape, score.cuts);
  const made = stereo();
  let [position, used] = [0, quantum];
  return (out) => {
    for (let at = 0; at < out.left.length;) {
      if (used === quantum) {
        const seconds = position / sampleRate;
        const sample = motion.at(seconds);
        voice(made, seconds, sample);
        shaped(made, seconds, sample);
        [position, used] = [position + quantum, 0];
      }
      const count = Math.min(quantum - used, out.left.length - at);
      out.left.set(made.left.subarray(used, used + count), at);
      out.right.set(made.right.subarray(used, used + count), at);
      at += count;
      used += count;
    }
  };
}
