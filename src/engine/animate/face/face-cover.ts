/**
 * Whether something lies over the mouth or the eyes: a hand, a mask, sunglasses. The mesh network draws lips and lids in all
 * the same, so this looks at the picture: lips are redder or darker than the skin around them, an eye has light in it.
 * Tried on 27 faces, plain and with hands, masks and glasses drawn on them.
 */
import sharp from 'sharp';

import type { Picture } from '../../picture.ts';
import { lumaOf, type Rgb } from '../render/cutting.ts';
import type { EyeShape, FacePose } from './face.ts';
import { boxAround, type CarefulMesh } from './mesh.ts';
import { eyeRegions, lips } from './regions.ts';

export type FacePart = 'mouth' | 'eyes';

/** Colours are compared with the face this many pixels wide: grain and brushwork are gone, lips are not. */
const comparedWidth = 60;
/** Lips have at least one of: so much more red, so much less light than the skin around them. */
const leastRedness = 0.025;
const leastDarkness = 0.1;
/** Centimetres by which looks at the same lips differ. Lips that are seen have up to 0.18, imagined ones 0.16 to 0.57. */
const unsureLips = 0.13;
const imaginedLips = 0.3;
/** Light in the brightest part of the eye and around it, as a share of the cheeks': sunglasses have less in all four. */
const leastLight = 0.3;

const lipPoints = [...lips.outerUpper, ...lips.outerLower, ...lips.middleUpper, ...lips.middleLower];
/** Skin above and below the mouth. */
const mouthSkin = [164, 167, 393, 165, 391, 18, 200, 199, 201, 421, 83, 313, 204, 424];
const cheeks = [50, 280, 101, 330, 205, 425, 36, 266];

/** The parts of a face that seem to be covered. */
export async function coveredParts(
  photo: Picture,
  mesh: Pick<CarefulMesh, 'points' | 'lipSpread'>,
  eyes: readonly [EyeShape, EyeShape],
  { scale }: FacePose,
): Promise<FacePart[]> {
  const colours = await coloursOf(photo, mesh.points);
  const spread = mesh.lipSpread / scale;
  const parts: FacePart[] = [];
  if (spread > imaginedLips || (spread > unsureLips && !hasLips(colours))) parts.push('mouth');
  if (areDark(colours, eyes)) parts.push('eyes');
  return parts;
}

interface Colours {
  readonly at: (x: number, y: number) => Rgb;
  readonly ofPoint: (point: number) => Rgb;
}

async function coloursOf(photo: Picture, points: Float64Array): Promise<Colours> {
  const box = boxAround(points);
  const left = Math.min(photo.width - 1, Math.max(0, Math.floor(box.x)));
  const top = Math.min(photo.height - 1, Math.max(0, Math.floor(box.y)));
  const part = {
    left,
    top,
    width: Math.max(1, Math.min(photo.width - left, Math.ceil(box.width))),
    height: Math.max(1, Math.min(photo.height - top, Math.ceil(box.height))),
  };
  const scale = Math.min(1, comparedWidth / box.width);
  const width = Math.max(1, Math.round(part.width * scale));
  const height = Math.max(1, Math.round(part.height * scale));
  const data = await sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } })
    .extract(part)
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  const at = (x: number, y: number): Rgb => {
    const column = Math.max(0, Math.min(width - 1, Math.round((x - left) * scale)));
    const row = Math.max(0, Math.min(height - 1, Math.round((y - top) * scale)));
    const from = (row * width + column) * 3;
    return [data[from]!, data[from + 1]!, data[from + 2]!];
  };
  return { at, ofPoint: (point) => at(points[3 * point]!, points[3 * point + 1]!) };
}

/** How much redder than grey of the same light; the 8 keeps black from counting. */
const redness = (colour: Rgb): number => (colour[0] - lumaOf(colour)) / (lumaOf(colour) + 8);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function hasLips(colours: Colours): boolean {
  const [ofLips, ofSkin] = [lipPoints.map(colours.ofPoint), mouthSkin.map(colours.ofPoint)];
  const redder = median(ofLips.map(redness)) - median(ofSkin.map(redness));
  const darker = 1 - median(ofLips.map(lumaOf)) / median(ofSkin.map(lumaOf));
  return redder > leastRedness || darker > leastDarkness;
}

function areDark(colours: Colours, eyes: readonly [EyeShape, EyeShape]): boolean {
  const limit = leastLight * median(cheeks.map(colours.ofPoint).map(lumaOf));
  return eyes.every(({ lids }, side) => {
    const { lower, upper } = eyeRegions[side === 0 ? 0 : 1];
    const around = median([...lower, ...upper].map(colours.ofPoint).map(lumaOf));
    // Across the aperture, from each point of the upper lid to the one below it.
    const inside = upper.flatMap((point, i) => {
      const [from, to] = [lids.get(point)!, lids.get(lower[i + 1]!)!];
      return [0.25, 0.5, 0.75].map((t) =>
        lumaOf(colours.at(from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]))),
      );
    });
    return around < limit && Math.max(...inside) < limit;
  });
}
