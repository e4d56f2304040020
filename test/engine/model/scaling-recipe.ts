/** A network that is built where it runs, for tests: it multiplies by `options.factor` on the CPU, by one elsewhere. */
import type { BuildModel } from '../../../src/engine/model/session.ts';
import { scaling } from './tiny-networks.ts';

export const buildModel: BuildModel = (options, provider) => {
  const { factor } = options as { factor: number };
  if (Number.isNaN(factor)) throw new RangeError('no such factor');
  return scaling(provider === 'cpu' ? factor : 1).model as Uint8Array;
};
