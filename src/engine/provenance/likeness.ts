/**
 * What a picture is recognised by when it comes again, cropped too: perceptual hashes of the whole and of parts of it. A copy
 * that lost its edges is near to one of the parts, one that was given a border has a part that is near to the whole.
 */
import type { Picture } from '../picture.ts';
import { hammingDistance, mirroredHash, type Part, perceptualHash, readReduced } from './perceptual-hash.ts';

/** Shares of each side that are cut away all round. */
const allRound = [0.02, 0.04, 0.06, 0.09, 0.12];
/** Share that is cut from one side, or from two that meet. */
const oneSided = [0.05, 0.1];

const parts: readonly Part[] = [
  ...allRound.map((cut) => ({ left: cut, top: cut, right: 1 - cut, bottom: 1 - cut })),
  ...oneSided.flatMap((cut) =>
    [-1, 0, 1].flatMap((across) =>
      [-1, 0, 1]
        .filter((down) => across !== 0 || down !== 0)
        .map((down) => ({
          left: across < 0 ? cut : 0,
          right: across > 0 ? 1 - cut : 1,
          top: down < 0 ? cut : 0,
          bottom: down > 0 ? 1 - cut : 1,
        })),
    ),
  ),
];

/** Marks the hash of a part in the text. */
const partMark = '~';

/** Of a picture of one colour: near to all others of that kind, and no likeness. */
const saysNothing = '0'.repeat(16);

/**
 * The likeness of a picture as a text of hashes, those of its parts marked with `~`: at most 400 characters. Empty for a picture
 * of one colour, which is like no other.
 */
export function likenessOf(picture: Picture): string {
  const whole = perceptualHash(picture);
  if (whole === saysNothing) return '';
  return [whole, ...parts.map((part) => `${partMark}${perceptualHash(picture, part)}`)].join(' ');
}

/** The same of a picture in a file. Rejects as sharp does when it is no picture. */
export async function likenessOfFile(path: string): Promise<string> {
  return likenessOf(await readReduced(path));
}

/** Likenesses of several pictures of one clip as one: near to whatever one of them is near to. */
export const joinLikenesses = (likenesses: readonly string[]): string =>
  likenesses.filter((likeness) => likeness !== '').join(' ');

/**
 * In how many bits of 64 two pictures differ at their nearest, as they are or mirrored: whole against whole, and whole against
 * part. A single hash is a likeness as well. Infinity where one of them is empty.
 */
export function likenessDistance(a: string, b: string): number {
  const [one, other] = [read(a), read(b)];
  let least = Infinity;
  const compare = (hashes: readonly string[], others: readonly string[]): void => {
    for (const hash of hashes) {
      const mirrored = mirroredHash(hash);
      for (const second of others) {
        least = Math.min(least, hammingDistance(hash, second), hammingDistance(mirrored, second));
      }
    }
  };
  compare(one.wholes, other.wholes);
  compare(one.wholes, other.parts);
  compare(other.wholes, one.parts);
  return least;
}

function read(likeness: string): { readonly wholes: readonly string[]; readonly parts: readonly string[] } {
  const words = likeness.split(' ').filter((word) => word !== '' && word !== saysNothing);
  return {
    wholes: words.filter((word) => !word.startsWith(partMark)),
    parts: words.filter((word) => word.startsWith(partMark)).map((word) => word.slice(partMark.length)),
  };
}
