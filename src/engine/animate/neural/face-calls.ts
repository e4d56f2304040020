/** What a neural portrait asks of the thread that handles its faces' pixels and meshes. */
import type { CanonicalFace } from '../face/canonical.ts';
import type { Crop } from '../face/crop.ts';
import type { Face } from '../face/face.ts';
import type { HeadMotion, MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
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

export interface FaceCalls {
  /** The crop as the extractors see it: 3 x 256 x 256, RGB in 0..1. */
  readonly cut: { readonly task: { readonly index: number }; readonly result: Float32Array<ArrayBuffer> };
  /** `head` is what was left of the motion's own. */
  readonly pose: {
    readonly task: { readonly index: number; readonly motion: MotionFrame; readonly head: HeadMotion };
    readonly result: PosedFace;
  };
  /** A copy of the photograph with these faces over it, RGB. */
  readonly paste: {
    readonly task: { readonly faces: readonly PaintedFace[] };
    readonly result: Uint8Array<ArrayBuffer>;
  };
}
