/** Worker thread that looks at frames through the camera: resampling a frame takes 14 to 200 ms. */
import { parentPort } from 'node:worker_threads';

import type { Size } from '../../size.ts';
import type { Picture } from '../picture.ts';
import { lookAtLayers, partSubject, type SubjectLayers } from './layered-look.ts';
import { look } from './resample.ts';
import type { Shot } from './camera-path.ts';

export type CameraTask = { readonly id: number } & (
  | { readonly kind: 'part'; readonly photo: Picture; readonly mask: Float32Array }
  | { readonly kind: 'layers'; readonly layers: SubjectLayers }
  | { readonly kind: 'look'; readonly picture: Picture; readonly shot: Shot; readonly size: Size }
);

export interface CameraDone {
  readonly id: number;
  readonly pixels?: Uint8Array;
  readonly layers?: SubjectLayers;
}

const port = parentPort;
if (port === null) throw new Error('camera-thread runs as a worker thread only');

let layers: SubjectLayers | undefined;

port.on('message', (task: CameraTask) => {
  const { id } = task;
  switch (task.kind) {
    case 'part':
      port.postMessage({ id, layers: partSubject(task.photo, task.mask) } satisfies CameraDone);
      return;
    case 'layers':
      layers = task.layers;
      port.postMessage({ id } satisfies CameraDone);
      return;
    case 'look': {
      const { picture, shot, size } = task;
      const { view, background } = shot;
      const pixels =
        layers === undefined || background === undefined
          ? look(picture, view, size)
          : lookAtLayers(picture, layers, view, background, size);
      port.postMessage({ id, pixels } satisfies CameraDone, [pixels.buffer as ArrayBuffer]);
    }
  }
});
