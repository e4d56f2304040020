/** Builds the motion graph in the device's thread: encoding its 21 MB takes longer than an event loop may be blocked. */
import { readFile } from 'node:fs/promises';

import { decodeModel, encodeModel } from '../../model/import/onnx-codec.ts';
import type { BuildModel } from '../../model/session.ts';
import { buildMotionGraph, type MotionGraphSize } from './motion-graph.ts';

export interface MotionRecipe {
  /** Path of RIFE v4.6's `.onnx` file. */
  readonly rife: string;
  readonly size: MotionGraphSize;
}

export const buildModel: BuildModel = async (options) => {
  const { rife, size } = options as MotionRecipe;
  return encodeModel(buildMotionGraph(decodeModel(await readFile(rife), 'rife-v4.6'), size));
};
