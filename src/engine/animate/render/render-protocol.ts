/** What goes between a portrait and the threads that draw it. */
import type { Size } from '../../size.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import type { Box } from '../face/face.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Picture } from '../picture.ts';
import type { DrawnFace, FaceSetting, LayerPictures } from './face-layer.ts';
import type { SceneParts } from './scene.ts';

export type RenderTask =
  /** Which part of the photograph a face may move. */
  | {
      readonly kind: 'box';
      readonly size: Size;
      readonly canonical: CanonicalFace;
      readonly setting: FaceSetting;
    }
  | {
      readonly kind: 'pictures';
      readonly photo: Picture;
      readonly canonical: CanonicalFace;
      readonly setting: FaceSetting;
      readonly mask: Float32Array;
    }
  | { readonly kind: 'open'; readonly parts: SceneParts }
  | { readonly kind: 'draw'; readonly motions: readonly (MotionFrame | undefined)[] };

/** `id` is the task's; a thread answers in the order of the tasks. */
export interface RenderRequest {
  readonly id: number;
  readonly task: RenderTask;
}

export type RenderResult =
  | { readonly kind: 'box'; readonly box: Box }
  | { readonly kind: 'pictures'; readonly pictures: LayerPictures }
  | { readonly kind: 'open' }
  | { readonly kind: 'draw'; readonly rgb: Uint8ClampedArray<ArrayBuffer>; readonly faces: readonly DrawnFace[] };

export type RenderAnswer =
  { readonly id: number; readonly result: RenderResult } | { readonly id: number; readonly fault: string };
