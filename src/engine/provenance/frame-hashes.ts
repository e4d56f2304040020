/** Perceptual hashes of a clip: of some of its pictures, at the same shares of its length whatever its rate and size. */
import { decodeFrames } from '../media/decode.ts';
import { probe } from '../media/probe.ts';
import { rational, toNumber, type Rational } from '../rational.ts';
import { isStillType, mediaTypeOf } from './media-type.ts';
import { perceptualHash, perceptualHashOfFile, telling } from './perceptual-hash.ts';

const pictures = 6;
/** Of the pictures that are hashed: the hash knows nothing finer. */
const longestSide = 256;

/**
 * 16 hexadecimal digits for each picture: six of a clip, one of a still. A picture of one colour alone tells nothing and is left
 * out. Rejects as `probe`, `decodeFrames` and sharp do.
 */
export async function hashesOfFile(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly string[]> {
  if (isStillType(await mediaTypeOf(path))) return telling([await perceptualHashOfFile(path)]);
  const signal = options.signal ? { signal: options.signal } : {};
  const found = await probe(path, signal);
  const { width, height, duration } = found.video;
  const share = Math.min(1, longestSide / Math.max(width, height));
  const scale = { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
  const hashes: string[] = [];
  for (let index = 0; index < pictures; index += 1) {
    const from = milliseconds((toNumber(duration) * (index + 0.5)) / pictures);
    for await (const frame of decodeFrames(found, { scale, from, ...signal })) {
      hashes.push(perceptualHash(frame));
      break;
    }
  }
  return telling(hashes);
}

const milliseconds = (seconds: number): Rational => rational(Math.floor(seconds * 1000), 1000);
