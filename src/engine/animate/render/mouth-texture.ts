/**
 * What a mouth is drawn with when it opens: colours read off the photograph (teeth tinted like the skin, a cavity as dark as
 * the line between the lips), its grain, and the photograph's own teeth where it, or another photograph of the same person,
 * shows them.
 */
import { lips } from '../face/regions.ts';
import { headAtRest } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import { type PlaneFrame, skullPlane, toPlane } from '../rig/deform.ts';
import type { Rig } from '../rig/rig.ts';
import { colourAt, lumaOf, type Rgb } from './cutting.ts';
import { smoothStep } from '../smooth-step.ts';
import { bottomAt, depthIn, type Opening, openingBetween, type Point, topAt } from './opening.ts';

/** A photograph that shows what is behind the lips. */
export interface SeenTeeth {
  readonly photo: Picture;
  /** From u, v in centimetres to its pixels. */
  readonly plane: PlaneFrame;
  readonly opening: Opening;
  /** Opening of that mouth, centimetres. */
  readonly gap: number;
  /** Brings its skin to the brightness and tint of this photograph's. */
  readonly gain: Rgb;
}

/** A photograph with the rig of the face in it. */
export interface RiggedPhoto {
  readonly photo: Picture;
  readonly rig: Rig;
}

export interface MouthTexture {
  /** In head space: where the upper lip's inner edge is at rest; teeth hang there. */
  readonly at: readonly [number, number, number];
  /** Opening in the photograph, centimetres. */
  readonly gap: number;
  readonly teeth: Rgb;
  readonly cavity: Rgb;
  readonly tongue: Rgb;
  /** The wet inside of the lips. */
  readonly lip: Rgb;
  /** Standard deviation of the picture's grain. */
  readonly grain: number;
  readonly seen?: SeenTeeth;
}

/** Skin points that say how bright a face is: cheeks, forehead, chin. */
const skinPoints = [50, 280, 205, 425, 101, 330, 164, 18] as const;

const at = (photo: Picture, rig: Rig, point: number): Rgb => [
  ...colourAt(photo, rig.rest[3 * point]!, rig.rest[3 * point + 1]!, [0, 0, 0]),
];

/** The second brightest of the skin points: one may be a highlight. */
const brightSkin = (photo: Picture, rig: Rig): Rgb =>
  skinPoints
    .map((point) => at(photo, rig, point))
    .sort((a, b) => lumaOf(a) - lumaOf(b))
    .at(-2)!;

/** Inner edges of the lips, from the viewer's left to right. */
export function lipCurves(points: Float64Array, plane: PlaneFrame): Opening {
  const [right, left] = lips.innerCorners;
  const place = (point: number): Point => toPlane(plane, points[3 * point]!, points[3 * point + 1]!, [0, 0]);
  return openingBetween([right, ...lips.innerUpper, left].map(place), [right, ...lips.innerLower, left].map(place));
}

/** How far apart the lips are half-way between the corners, centimetres. */
export function gapOf(opening: Opening): number {
  const middle = (opening.left + opening.right) / 2;
  return Math.max(0, bottomAt(opening, middle) - topAt(opening, middle));
}

function restPlane(rig: Rig): { readonly at: readonly [number, number, number]; readonly plane: PlaneFrame } {
  const upper = lips.innerMiddle[0];
  const place = [rig.head[3 * upper]!, rig.head[3 * upper + 1]!, rig.head[3 * upper + 2]!] as const;
  const rest = { head: headAtRest, loose: headAtRest, breath: 0 };
  return { at: place, plane: skullPlane(rig, rest, place).rest };
}

export function readMouth(photo: Picture, rig: Rig, lenders: readonly RiggedPhoto[]): MouthTexture {
  const bright = brightSkin(photo, rig);
  const lipColours = [13, 14, 17, 0, 84, 314].map((point) => at(photo, rig, point));
  const lip = mean(lipColours);
  const line = [...lips.innerUpper, ...lips.innerLower].map((point) => at(photo, rig, point));
  const darkest = line.sort((a, b) => lumaOf(a) - lumaOf(b))[1]!;
  const luma = lumaOf(bright);
  // In a picture that is all of one tint white is tinted, too.
  const pale = 0.5 * (1 - smoothStep(0.35, 0.65, saturationOf(bright)));
  const own = teethIn(photo, rig, [1, 1, 1]);
  const lent = lenders.map((lender) => teethIn(lender.photo, lender.rig, gainTo(bright, lender)));
  const seen = [own, ...lent].filter((teeth) => teeth !== undefined).sort((a, b) => b.gap - a.gap)[0];
  return {
    at: restPlane(rig).at,
    gap: gapOf(lipCurves(rig.rest, restPlane(rig).plane)),
    teeth: bright.map((value) => Math.min(240, (value + pale * (luma - value)) * 0.97 + 3)) as Rgb,
    cavity: darkest.map((value, c) => Math.min(0.35 * value, [40, 22, 18][c]!)) as Rgb,
    tongue: lip.map((value, c) => value * [0.92, 0.6, 0.58][c]!) as Rgb,
    lip: lip.map((value) => 0.86 * value) as Rgb,
    grain: 1.2 * Math.min(8, grainAt(photo, rig)),
    ...(seen && { seen }),
  };
}

const mean = (colours: readonly Rgb[]): Rgb =>
  [0, 1, 2].map((c) => colours.reduce((sum, colour) => sum + colour[c]!, 0) / colours.length) as Rgb;

/** What brings the skin of another photograph to this one's, which is `bright` where it is brightest. */
function gainTo(bright: Rgb, { photo, rig }: RiggedPhoto): Rgb {
  return bright.map((value, c) => Math.max(0.5, Math.min(2, value / Math.max(1, brightSkin(photo, rig)[c]!)))) as Rgb;
}

const saturationOf = (colour: Rgb): number => (Math.max(...colour) - Math.min(...colour)) / Math.max(1, ...colour);

/** Teeth are pale and nearly colourless against the skin; the red of a parted lip is not. */
function teethIn(photo: Picture, rig: Rig, gain: Rgb): SeenTeeth | undefined {
  const { plane } = restPlane(rig);
  const opening = lipCurves(rig.rest, plane);
  const { scale } = rig.pose;
  const gap = gapOf(opening);
  if (gap < 0.18) return undefined;
  const bright = brightSkin(photo, rig);
  let [pale, cells] = [0, 0];
  const step = 1 / scale;
  for (let u = opening.left; u <= opening.right; u += step) {
    for (let v = Math.min(...opening.top); v <= Math.max(...opening.bottom); v += step) {
      if (depthIn(opening, u, v) < 0.03) continue;
      const colour = colourAt(
        photo,
        plane.x + u * plane.rightX + v * plane.downX,
        plane.y + u * plane.rightY + v * plane.downY,
        [0, 0, 0],
      );
      cells++;
      if (lumaOf(colour) > 0.35 * lumaOf(bright) && saturationOf(colour) < 0.75 * saturationOf(bright) + 0.12) pale++;
    }
  }
  return cells > 0 && pale / cells > 0.15 ? { photo, plane, opening, gap, gain } : undefined;
}

/** Standard deviation of luma against its neighbours, on both cheeks. */
function grainAt(photo: Picture, rig: Rig): number {
  const colour: Rgb = [0, 0, 0];
  const luma = (x: number, y: number): number => lumaOf(colourAt(photo, x, y, colour));
  let [sum, count] = [0, 0];
  for (const point of [50, 280]) {
    for (let j = -6; j <= 6; j++) {
      for (let i = -6; i <= 6; i++) {
        const [x, y] = [rig.rest[3 * point]! + i, rig.rest[3 * point + 1]! + j];
        const around = (luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1)) / 4;
        sum += (luma(x, y) - around) ** 2;
        count++;
      }
    }
  }
  return Math.sqrt(sum / count);
}
