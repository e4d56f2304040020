/** Worker thread that looks for a mark in the pictures it is given, one shot after another. */
import { parentPort, workerData } from 'node:worker_threads';

import { lumaOf } from './grey-map.ts';
import { layoutOf } from './layout.ts';
import type { SampledShot } from './sampled-shots.ts';
import { type Finding, leastSync, searchMark } from './search.ts';

export interface ReadWork {
  readonly key: Uint8Array;
  readonly shots: readonly SampledShot[];
}

const port = parentPort;
if (port === null) throw new Error('read-thread runs as a worker thread only');

const { key, shots } = workerData as ReadWork;
const layout = layoutOf(key);
let best: Finding | undefined;
for (const shot of shots) {
  const found = searchMark(
    shot.pictures.map((pixels) => lumaOf(pixels, shot)),
    layout,
  );
  if (best === undefined || (found.valid && (!best.valid || found.sync > best.sync))) best = found;
  if (best.valid && best.sync > leastSync) break;
}
port.postMessage(best);
