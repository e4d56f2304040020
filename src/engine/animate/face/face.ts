/**
 * A face as it was found in a picture. Picture space: x right, y down in pixels, z away from the viewer in pixels (the mesh
 * model's own axes). Head space: centimetres of the canonical face, same directions, after removing the pose.
 * `right` and `left` are the subject's own: the right eye is on the viewer's left.
 */

/** Points of the face mesh, 468, as x y z triples. */
export const meshPoints = 468;

/** picture = scale * rotation * head + translation. */
export interface FacePose {
  /** Pixels a centimetre. */
  readonly scale: number;
  /** 3 x 3, row-major. */
  readonly rotation: readonly number[];
  /** Pixels. */
  readonly translation: readonly [number, number, number];
}

/** The eye model's view of one eye, in picture pixels. */
export interface EyeShape {
  readonly iris: readonly [number, number];
  /** Radius of the iris. */
  readonly irisRadius: number;
  /** Refined positions of lid vertices, by their number in the mesh. */
  readonly lids: ReadonlyMap<number, readonly [number, number]>;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Things a person should know of a face that was animated all the same; sentences stand under `warnings.<code>`. */
export interface FaceWarning {
  readonly code: 'face.small' | 'face.turned' | 'face.covered' | 'face.doubtful' | 'face.eyes-closed';
  readonly params: Readonly<Record<string, string | number>>;
}

export interface Face {
  /** 1 for the leftmost face in the picture, as numbered in previews. */
  readonly number: number;
  /** Around the mesh, in picture pixels. */
  readonly box: Box;
  /** `meshPoints` triples in picture space. */
  readonly points: Float64Array;
  readonly pose: FacePose;
  /** The subject's right eye first. */
  readonly eyes: readonly [EyeShape, EyeShape];
  /** The mesh model's own word on whether this is a face, 0 to 1. */
  readonly confidence: number;
  readonly warnings: readonly FaceWarning[];
}

/** Which of several faces: the largest, the outermost, one by its number from the left (1 first), or all. */
export type FaceChoice = 'largest' | 'left' | 'right' | 'all' | number;
