/** What a neural portrait and the thread that handles its faces' pixels and meshes say to each other. */
import type { CanonicalFace } from '../face/canonical.ts';
import type { Crop } from '../face/crop.ts';
import type { Face } from '../face/face.ts';
import type { HeadMotion, MotionFrame } from '../motion/track.ts';
import type { Picture } from '../picture.ts';
import type { FaceAction } from './face-action.ts';

/** What the thread is started with. The picture's memory is shared. */
export interface FaceSetting {
  readonly photo: Picture;
  readonly canonical: CanonicalFace;
  readonly faces: readonly Face[];
  /** One for each face. */
  readonly crops: readonly Crop[];
}

/** What a face is to do in a frame, and where its mesh is meant to be. */
export interface PosedFace {
  readonly action: FaceAction;
  readonly rest: Pick<FaceAction, 'eyes' | 'lips'>;
  /** 468 x y z in picture space. */
  readonly mesh: Float64Array<ArrayBuffer>;
}

export interface PaintedFace {
  /** Which of the faces. */
  readonly index: number;
  /** 3 x 512 x 512, RGB in 0..1; given away. */
  readonly painted: Float32Array;
}

export type FaceTask =
  /** The crop as the extractors see it: 3 x 256 x 256, RGB in 0..1. */
  | { readonly kind: 'cut'; readonly index: number }
  /** `head` is what was left of the motion's own. */
  | { readonly kind: 'pose'; readonly index: number; readonly motion: MotionFrame; readonly head: HeadMotion }
  /** A copy of the photograph with these faces over it, RGB. */
  | { readonly kind: 'paste'; readonly faces: readonly PaintedFace[] };

export interface FaceResults {
  readonly cut: Float32Array<ArrayBuffer>;
  readonly pose: PosedFace;
  readonly paste: Uint8Array<ArrayBuffer>;
}

export interface FaceRequest {
  readonly id: number;
  readonly task: FaceTask;
}

export type FaceAnswer =
  | { readonly id: number; readonly result: FaceResults[keyof FaceResults] }
  | { readonly id: number; readonly fault: string };
