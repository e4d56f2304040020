/** What a portrait asks of the threads that draw it. */
import type { Size } from '../../size.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import type { Box } from '../face/face.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import type { DrawnFace, FaceSetting, LayerPictures } from './face-layer.ts';
import type { SceneParts } from './scene.ts';

export interface RenderCalls {
  /** Which part of the photograph a face may move. */
  readonly box: {
    readonly task: { readonly size: Size; readonly canonical: CanonicalFace; readonly setting: FaceSetting };
    readonly result: Box;
  };
  readonly pictures: {
    readonly task: {
      readonly photo: Picture;
      readonly canonical: CanonicalFace;
      readonly setting: FaceSetting;
      readonly mask: Float32Array;
    };
    readonly result: LayerPictures;
  };
  readonly open: { readonly task: { readonly parts: SceneParts }; readonly result: undefined };
  readonly draw: {
    readonly task: { readonly motions: readonly (MotionFrame | undefined)[] };
    readonly result: { readonly rgb: Uint8ClampedArray<ArrayBuffer>; readonly faces: readonly DrawnFace[] };
  };
}
