/**
 * Which points of the face mesh lie where, in the numbering that MediaPipe published. Right and left are the subject's own;
 * every list runs from the outer corner of an eye, or the subject's right corner of the mouth, to the other end.
 */

export interface EyeRegion {
  readonly outer: number;
  readonly inner: number;
  /** Edge of the lower lid with both corners, 9 points. */
  readonly lower: readonly number[];
  /** Edge of the upper lid without the corners, 7 points. */
  readonly upper: readonly number[];
}

/** The subject's right eye first. */
export const eyeRegions: readonly [EyeRegion, EyeRegion] = [
  {
    outer: 33,
    inner: 133,
    lower: [33, 7, 163, 144, 145, 153, 154, 155, 133],
    upper: [246, 161, 160, 159, 158, 157, 173],
  },
  {
    outer: 263,
    inner: 362,
    lower: [263, 249, 390, 373, 374, 380, 381, 382, 362],
    upper: [466, 388, 387, 386, 385, 384, 398],
  },
];

/** The opening of an eye: three points of the upper lid, each with the one that it meets on the lower. The right eye first. */
export const lidPairs: readonly [readonly (readonly [number, number])[], readonly (readonly [number, number])[]] = [
  [
    [160, 144],
    [159, 145],
    [158, 153],
  ],
  [
    [387, 373],
    [386, 374],
    [385, 380],
  ],
];

export const lips = {
  corners: [61, 291],
  innerCorners: [78, 308],
  outerUpper: [185, 40, 39, 37, 0, 267, 269, 270, 409],
  outerLower: [146, 91, 181, 84, 17, 314, 405, 321, 375],
  /** The two rings between the outline of the upper lip and its inner edge. */
  middleUpper: [
    ...[76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306],
    ...[62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292],
  ],
  middleLower: [...[77, 90, 180, 85, 16, 315, 404, 320, 307], ...[96, 89, 179, 86, 15, 316, 403, 319, 325]],
  innerUpper: [191, 80, 81, 82, 13, 312, 311, 310, 415],
  innerLower: [95, 88, 178, 87, 14, 317, 402, 318, 324],
  /** Middle of the inner edges: they touch in a closed mouth. */
  innerMiddle: [13, 14],
} as const;

/** Points that say whether the lips are where they were meant to be. */
export const lipLandmarks = [61, 291, 13, 14, 0, 17, 78, 308, 81, 311, 178, 402] as const;

/** Upper edge, then lower edge, each from the temple to the nose; the subject's right brow first. */
export const browRegions: readonly [readonly number[], readonly number[]] = [
  [70, 63, 105, 66, 107, 46, 53, 52, 65, 55],
  [300, 293, 334, 296, 336, 276, 283, 282, 295, 285],
];

/** Bridge and tip of the nose, downwards. */
export const noseLine = [168, 6, 197, 195, 5, 4, 1, 2] as const;
export const noseTip = 1;
export const chin = 152;
/** Where the cheeks meet the ears; the subject's right first. */
export const cheekEdges = [234, 454] as const;
