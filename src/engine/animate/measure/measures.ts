/** What is measured on every result, what is wanted of it, and why something could not be measured. */

/** Each name has a sentence under `measure.<name>` in the locales. */
export const measureNames = [
  /** Mesh found again in the result against the mesh that was meant, as a ratio to what a still photograph would get. */
  'motion-followed',
  'lips-followed',
  /** Share of the frames in which the mesh network still sees a face. */
  'face-found',
  /** Likeness of the face to the photograph's: mean and least. */
  'identity-mean',
  'identity-least',
  /** Unrest of the found mesh beyond what was meant, in pixels of a crop of 512, blinks left out. */
  'jitter',
  /** Visible triangles turned over in the worst frame. */
  'folds',
  /** 99th percentile of how far the skin is stretched, in the worst frame. */
  'stretch',
  /** Fine detail of the face against the photograph's, where it moves the most: less is soft, more is noise. */
  'sharpness',
  /** Steps in brightness along the edge of what moves, against beside it and against the photograph. */
  'seam',
  /** Largest change of a pixel of the background, of 255. */
  'background',
  /** Largest change of a pixel without any motion, of 255. */
  'rest',
  /** How far the eyes stay open when they are shut: height over width. */
  'blink',
  /** Correlation of the mouth's opening with the loudness of the speech, and how late it comes. */
  'lips-together',
  'lips-late',
  /** Largest change of a pixel between the frame after the last and the first, of 255. */
  'loop',
  /** The step of the pixels from the last frame to the first over the largest between neighbours near the same place. */
  'loop-step',
] as const;

export type MeasureName = (typeof measureNames)[number];

/** Each has a sentence under `measure-missing.<reason>`. */
export const missingReasons = [
  /** There is next to no motion to follow. */
  'no-motion',
  'no-blink',
  'no-speech',
  'no-loop',
  /** The face or its surroundings fill the whole picture. */
  'no-background',
  /** Too few frames. */
  'too-short',
  /** What came out is no number. */
  'no-number',
] as const;

export type MissingReason = (typeof missingReasons)[number];

export interface Wanted {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const wanted: Readonly<Record<MeasureName, Wanted>> = {
  'motion-followed': { atMost: 0.3 },
  'lips-followed': { atMost: 0.4 },
  'face-found': { atLeast: 1 },
  'identity-mean': { atLeast: 0.9 },
  'identity-least': { atLeast: 0.8 },
  jitter: { atMost: 0.3 },
  folds: { atMost: 0 },
  stretch: { atMost: 2.2 },
  sharpness: { atLeast: 0.85, atMost: 1.25 },
  seam: { atLeast: 0.8, atMost: 1.25 },
  background: { atMost: 0 },
  rest: { atMost: 0 },
  blink: { atMost: 0.14 },
  'lips-together': { atLeast: 0.7 },
  'lips-late': { atMost: 60 },
  loop: { atMost: 0 },
  'loop-step': { atMost: 2 },
};

/** One row of the table. */
export type Measure = { readonly name: MeasureName; readonly wanted: Wanted } & (
  { readonly value: number; readonly passed: boolean } | { readonly missing: MissingReason }
);

/** The row of a value, or of why there is none. What is not finite is no value. */
export function measure(name: MeasureName, found: number | MissingReason): Measure {
  const bounds = wanted[name];
  if (typeof found === 'string') return { name, wanted: bounds, missing: found };
  if (!Number.isFinite(found)) return { name, wanted: bounds, missing: 'no-number' };
  const { atLeast = -Infinity, atMost = Infinity } = bounds;
  return { name, wanted: bounds, value: found, passed: found >= atLeast && found <= atMost };
}
