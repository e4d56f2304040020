/** What the golden files of TensorFlow.js networks hold, for the script that makes them and the test that reads them. */
import { drawPicture } from './pictures.ts';

export const tfjsNetworks = ['blazeface', 'facemesh', 'facemesh-attention', 'iris', 'faceres'] as const;

/** A Keras model that an npm package ships as JavaScript modules: five probabilities. */
export const classifier = 'nsfw-mobilenet-v2';

/** By network and output: values taken evenly out of the whole tensor. */
export type TfjsGoldens = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

const samples = 150;

/** At most `samples` of the values, evenly spaced, the first among them. */
export function sampleValues(values: ArrayLike<number>): readonly number[] {
  const step = Math.max(1, Math.floor(values.length / samples));
  return Array.from({ length: Math.min(samples, values.length) }, (_, index) => values[index * step]!);
}

/** A square picture as the networks take it, rows x columns x RGB: 0..1, for BlazeFace -1..1. */
export function networkInput(network: string, size: number): Float32Array {
  const { data } = drawPicture(size, size, 0);
  return Float32Array.from(data, (value) => (network === 'blazeface' ? value / 127.5 - 1 : value / 255));
}
