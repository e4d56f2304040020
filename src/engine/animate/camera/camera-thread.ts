/** Worker thread that looks at frames through the camera: resampling a frame takes 14 to 200 ms. */
import type { Size } from '../../size.ts';
import { answerCalls } from '../../thread-answers.ts';
import type { Picture } from '../../picture.ts';
import { lookAtLayers, partSubject, type SubjectLayers } from './layered-look.ts';
import { look } from './resample.ts';
import type { Shot } from './camera-path.ts';

export interface CameraCalls {
  readonly part: {
    readonly task: { readonly photo: Picture; readonly mask: Float32Array };
    readonly result: SubjectLayers;
  };
  readonly layers: { readonly task: { readonly layers: SubjectLayers }; readonly result: undefined };
  readonly look: {
    readonly task: { readonly picture: Picture; readonly shot: Shot; readonly size: Size };
    readonly result: Uint8Array;
  };
}

let layers: SubjectLayers | undefined;

answerCalls<CameraCalls>({
  part: ({ photo, mask }) => ({ result: partSubject(photo, mask) }),
  layers: (task) => {
    layers = task.layers;
    return { result: undefined };
  },
  look: ({ picture, shot: { view, background }, size }) => {
    const pixels =
      layers === undefined || background === undefined
        ? look(picture, view, size)
        : lookAtLayers(picture, layers, view, background, size);
    return { result: pixels, moved: [pixels.buffer as ArrayBuffer] };
  },
});
