/** What turns motion into pictures: the one interface of the mesh renderer and of a neural back end. */
import type { Face } from '../face/face.ts';
import type { MotionLimit } from '../motion/motion-limit.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';

export interface RenderedFrame {
  /** As large as the photograph, RGB. The caller's own. */
  readonly picture: Picture;
  /** Where the mesh was meant to be, one for each face that moves: 468 x y z in picture space. */
  readonly meshes: readonly Float64Array[];
  readonly limits: readonly MotionLimit[];
  /** Visible triangles that were turned over. */
  readonly folds: number;
  /** Largest singular value of the skin's deformation that 99 percent of its visible area stays below; 1 is none. */
  readonly stretch: number;
}

/** One photograph with its faces, made ready. Frames may be asked for side by side; they are made in the order asked for. */
export interface Portrait {
  readonly photo: Picture;
  readonly faces: readonly Face[];
  /** How many frames are worth asking for at once. */
  readonly parallel: number;
  /** @param motions one for each face, in the order of `faces`; undefined leaves that face at rest. */
  render(motions: readonly (MotionFrame | undefined)[], signal?: AbortSignal): Promise<RenderedFrame>;
  close(): Promise<void>;
}

export interface PortraitOptions {
  /** Noise and anything else that is drawn by chance comes from it. */
  readonly seed: number;
  /** Threads that render; one for each core when left out. */
  readonly threads?: number;
}
