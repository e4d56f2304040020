/**
 * The viseme prototypes of HeadAudio (Mika Suominen, MIT): Gaussians over 12 cepstral coefficients, one for each phoneme and
 * voice it was made from, each with the viseme it is spoken with. A record is 92 words of 4 bytes: a header with the
 * phoneme's code points (big-endian), the group in byte 5 and the viseme in byte 7; 12 means; the lower triangle of the
 * inverse covariance, row by row; floats little-endian. Read as data; nothing of the package is run.
 */
import { readFile } from 'node:fs/promises';

import { LumiereError } from '../../errors.ts';
import { installModel } from '../../model/install.ts';
import { visemes } from './viseme-poses.ts';

/** Coefficients of a feature vector. */
export const featureCount = 12;
const triangle = (featureCount * (featureCount + 1)) / 2;
const recordBytes = 4 * (2 + featureCount + triangle);

export interface VisemePrototype {
  /** Index into `visemes`. */
  readonly viseme: number;
  readonly mean: Float32Array;
  readonly inverseCovariance: Float32Array;
  /** Logarithm of the determinant of the covariance: a broad Gaussian is near to everything and must pay for it. */
  readonly breadth: number;
}

/** Throws LumiereError `model.malformed` for anything that is not whole records of finite numbers. */
export function readVisemeModel(bytes: Uint8Array): VisemePrototype[] {
  const malformed = (detail: string): LumiereError =>
    new LumiereError('model.malformed', { model: 'visemes-en', detail });
  const count = bytes.length / recordBytes;
  if (!Number.isInteger(count) || count === 0) throw malformed(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = (at: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => view.getFloat32(at + 4 * i, true));
  return Array.from({ length: count }, (_, record) => {
    const at = record * recordBytes;
    const viseme = view.getUint8(at + 7);
    const mean = floats(at + 8, featureCount);
    const inverseCovariance = floats(at + 8 + 4 * featureCount, triangle);
    if (viseme >= visemes.length) throw malformed(`viseme ${viseme}`);
    const breadth = -logDeterminant(inverseCovariance);
    if (![...mean, ...inverseCovariance, breadth].every(Number.isFinite)) throw malformed(`record ${record}`);
    return { viseme, mean, inverseCovariance, breadth };
  });
}

/** The prototypes in the weights cache. Rejects with `model.not-installed`, `model.hash-mismatch`, `model.malformed`. */
export async function loadVisemeModel(modelsDir: string): Promise<VisemePrototype[]> {
  const { files } = await installModel('visemes-en', { cacheDir: modelsDir, offline: true });
  return readVisemeModel(await readFile(Object.values(files)[0]!));
}

/** Squared Mahalanobis distance of a feature vector from a prototype. */
export function distanceTo({ mean, inverseCovariance }: VisemePrototype, features: Float32Array): number {
  let distance = 0;
  let at = 0;
  for (let i = 0; i < featureCount; i++) {
    const a = features[i]! - mean[i]!;
    for (let j = 0; j < i; j++) distance += 2 * inverseCovariance[at++]! * a * (features[j]! - mean[j]!);
    distance += inverseCovariance[at++]! * a * a;
  }
  return distance;
}

/** Of a symmetric matrix given by its lower triangle, by Cholesky's decomposition; NaN where it is not positive definite. */
function logDeterminant(lower: Float32Array): number {
  const at = (i: number, j: number): number => (i * (i + 1)) / 2 + j;
  const root = new Float64Array(lower.length);
  let sum = 0;
  for (let i = 0; i < featureCount; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = lower[at(i, j)]!;
      for (let k = 0; k < j; k++) rest -= root[at(i, k)]! * root[at(j, k)]!;
      root[at(i, j)] = i === j ? Math.sqrt(rest) : rest / root[at(j, j)]!;
    }
    sum += 2 * Math.log(root[at(i, i)]!);
  }
  return sum;
}
