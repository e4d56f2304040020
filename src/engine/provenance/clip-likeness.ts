/** What a clip is recognised by when it comes again: the likenesses of a few of its pictures. */
import { LumiereError } from '../errors.ts';
import { decodeFrames } from '../media/decode.ts';
import type { Probe } from '../media/probe-result.ts';
import { multiply, rational } from '../rational.ts';
import { joinLikenesses, likenessOf } from './likeness.ts';

/** Where in the clip: title and end are much the same in many. */
const moments = [rational(1, 6), rational(1, 2), rational(5, 6)];
/** Enough for every hash. */
const side = 256;

/**
 * Near to every clip and picture that one of three of its frames is near to; empty where none could be read. Three processes one
 * after another, some 0.1 s each. Rejects with `job.cancelled` and with what is the machine's fault.
 */
export async function likenessOfClip(probe: Probe, signal?: AbortSignal): Promise<string> {
  const likenesses: string[] = [];
  for (const moment of moments) {
    const from = multiply(probe.video.duration, moment);
    try {
      for await (const frame of decodeFrames(probe, {
        from,
        scale: { width: side, height: side },
        ...(signal && { signal }),
      })) {
        likenesses.push(likenessOf(frame));
        break;
      }
    } catch (error) {
      // What is damaged there is the restoration's business.
      if (!(error instanceof LumiereError) || !error.code.startsWith('input.')) throw error;
    }
  }
  return joinLikenesses(likenesses);
}
