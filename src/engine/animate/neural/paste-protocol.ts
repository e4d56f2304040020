/** What a neural portrait and the thread that handles its pixels say to each other. */
import type { Crop } from '../face/crop.ts';
import type { Picture } from '../picture.ts';

/** What the thread is started with. The picture's memory is shared. */
export interface PasteSetting {
  readonly photo: Picture;
  readonly crops: readonly Crop[];
}

export interface PaintedFace {
  /** Which of the crops. */
  readonly index: number;
  /** 3 x 512 x 512, RGB in 0..1; given away. */
  readonly painted: Float32Array;
}

export type PasteTask =
  /** The crop as the extractors see it: 3 x 256 x 256, RGB in 0..1. */
  | { readonly kind: 'cut'; readonly index: number }
  /** A copy of the photograph with these faces over it, RGB. */
  | { readonly kind: 'paste'; readonly faces: readonly PaintedFace[] };

export interface PasteResults {
  readonly cut: Float32Array<ArrayBuffer>;
  readonly paste: Uint8Array<ArrayBuffer>;
}

export interface PasteRequest {
  readonly id: number;
  readonly task: PasteTask;
}

export type PasteAnswer =
  | { readonly id: number; readonly result: PasteResults[keyof PasteResults] }
  | { readonly id: number; readonly fault: string };
