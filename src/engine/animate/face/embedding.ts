/** Who a face is, as 1024 numbers: the same person's are alike whatever the expression. Only compared, never kept. */
import type { Picture } from '../../picture.ts';
import { cutCropInTurns } from './crop.ts';
import { cropAround } from './mesh.ts';
import type { FaceNetworks } from './networks.ts';

/** Pixels a side that the network sees. */
const side = 224;
/** The network wants a slightly tighter crop than the mesh. */
const tightness = 0.95;

/** The embedding of the face whose mesh is known. */
export async function embedFace(
  picture: Picture,
  points: Float64Array,
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Float32Array> {
  const crop = cropAround(points);
  const data = await cutCropInTurns(picture, { ...crop, size: crop.size * tightness }, side);
  // It was trained on 0..255.
  for (let i = 0; i < data.length; i += 1) data[i]! *= 255;
  const feeds = { input_1: { type: 'float32', dims: [1, side, side, 3], data } } as const;
  const session = await networks.embedding();
  const name = 'global_pooling/Mean';
  const outputs = await session.run(feeds, { outputs: [name], ...(signal && { signal }) });
  return outputs[name]!.data as Float32Array;
}

/** Cosine of the angle between two embeddings: 1 for the same direction. Different people have 0.27 to 0.52. */
export function likeness(a: Float32Array, b: Float32Array): number {
  let [together, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    together += a[i]! * b[i]!;
    ofA += a[i]! * a[i]!;
    ofB += b[i]! * b[i]!;
  }
  return together / Math.sqrt(ofA * ofB);
}
