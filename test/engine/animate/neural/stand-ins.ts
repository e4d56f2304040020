/**
 * Small networks with the inputs and outputs of LivePortrait's, whose results can be told by hand, and an installation of
 * them in a folder of its own.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liveFiles, motionOutputs, type LiveNetwork } from '../../../../src/engine/animate/neural/signature.ts';
import { encodeModel } from '../../../../src/engine/model/import/onnx-codec.ts';
import {
  addFloats,
  addInput,
  addIntegers,
  addNode,
  addOutput,
  createGraph,
  renameAs,
  type OnnxGraph,
} from '../../../../src/engine/model/import/onnx-graph.ts';
import { installModel } from '../../../../src/engine/model/install.ts';
import { installForTest } from '../../../models.ts';

/** What the motion extractor says of every face; the translation is the picture's mean red, green and blue. */
export const standInMotion = {
  pitch: 3,
  yaw: -5,
  roll: 2,
  scale: 1.5,
  expression: Float32Array.from({ length: 63 }, (_, index) => index / 1000),
  canonical: Float32Array.from({ length: 63 }, (_, index) => Math.sin(index)),
} as const;

const points = [1, 21, 3];
const picture = [1, 3, 256, 256];

function output(graph: OnnxGraph, tensor: string, name: string, dims: readonly (number | string)[]): void {
  addOutput(graph, renameAs(graph, tensor, name), 'float32', dims);
}

/** The picture at a quarter of its size, as a volume one layer deep. */
export function featureExtractor({ input = 'input', dims = picture } = {}): OnnxGraph {
  const graph = createGraph('feature-extractor');
  const seen = addInput(graph, input, 'float32', dims);
  const small = addNode(graph, 'AveragePool', [seen], { kernel_shape: [4, 4], strides: [4, 4] });
  const shape = addIntegers(graph, 'shape', [1, 3, 1, 64, 64]);
  output(graph, addNode(graph, 'Reshape', [small, shape]), 'volume', [1, 3, 1, 64, 64]);
  return graph;
}

export function motionExtractor(order: readonly string[] = motionOutputs, names = order): OnnxGraph {
  const graph = createGraph('motion-extractor');
  const seen = addInput(graph, 'input', 'float32', picture);
  const constant = (values: readonly number[] | Float32Array, dims: readonly number[]): string =>
    addNode(graph, 'Identity', [addFloats(graph, 'constant', values, dims)]);
  const { pitch, yaw, roll, scale, expression, canonical } = standInMotion;
  const tensors: Readonly<Record<string, readonly [string, readonly number[]]>> = {
    pitch: [constant([pitch], [1, 1]), [1, 1]],
    yaw: [constant([yaw], [1, 1]), [1, 1]],
    roll: [constant([roll], [1, 1]), [1, 1]],
    scale: [constant([scale], [1, 1]), [1, 1]],
    translation: [addNode(graph, 'ReduceMean', [seen], { axes: [2, 3], keepdims: 0 }), [1, 3]],
    expression: [constant(expression, points), points],
    motion_points: [constant(canonical, points), points],
  };
  order.forEach((key, index) => {
    const [tensor, dims] = tensors[key]!;
    output(graph, tensor, names[index]!, dims);
  });
  return graph;
}

/** Goes twice as far from `target` as `source` does. */
export function stitcher({ source = 'source' } = {}): OnnxGraph {
  const graph = createGraph('stitcher');
  const [moved, still] = [addInput(graph, source, 'float32', points), addInput(graph, 'target', 'float32', points)];
  const further = addNode(graph, 'Add', [moved, addNode(graph, 'Sub', [moved, still])]);
  output(graph, further, 'stitched', ['batch', 21, 3]);
  return graph;
}

/** The volume as a picture of `side` pixels, its red, green and blue raised by how far point 0 is from where it was. */
export function generator({
  side = 512,
  type = 'float32',
}: { side?: number; type?: 'float32' | 'int32' } = {}): OnnxGraph {
  const graph = createGraph('generator');
  const volume = addInput(graph, 'feature_volume', 'float32', [1, 3, 1, 64, 64]);
  const [source, target] = [addInput(graph, 'source', 'float32', points), addInput(graph, 'target', 'float32', points)];
  const flat = addNode(graph, 'Reshape', [volume, addIntegers(graph, 'shape', [1, 3, 64, 64])]);
  const size = addIntegers(graph, 'size', [1, 3, side, side]);
  const large = addNode(graph, 'Resize', [flat, '', '', size], { mode: 'linear' });
  const apart = addNode(graph, 'Sub', [source, target]);
  const first = addNode(graph, 'Slice', [
    apart,
    ...[[0], [1], [1]].map((values) => addIntegers(graph, 'slice', values)),
  ]);
  const colour = addNode(graph, 'Reshape', [first, addIntegers(graph, 'shape', [1, 3, 1, 1])]);
  const painted = addNode(graph, 'Add', [large, colour]);
  const last = type === 'float32' ? painted : addNode(graph, 'Cast', [painted], { to: 6 });
  addOutput(graph, renameAs(graph, last, 'painted'), type, [1, 3, side, side]);
  return graph;
}

/** Moves the x of point 0 by the opening wanted, its y by the first opening, its z by the x of point 20. */
export function retargeter(openings: number): OnnxGraph {
  const graph = createGraph('retargeter');
  const seen = addInput(graph, 'input', 'float32', [1, 63 + openings + 1]);
  const pick = (index: number): string =>
    addNode(graph, 'Gather', [seen, addIntegers(graph, 'at', [index])], { axis: 1 });
  const rest = addFloats(graph, 'rest', new Float32Array(60), [1, 60]);
  output(
    graph,
    addNode(graph, 'Concat', [pick(63 + openings), pick(63), pick(60), rest], { axis: 1 }),
    'delta',
    [1, 63],
  );
  return graph;
}

export const standIns: Readonly<Record<LiveNetwork, () => OnnxGraph>> = {
  featureExtractor,
  motionExtractor,
  stitcher,
  generator,
  eyeRetargeter: () => retargeter(2),
  lipRetargeter: () => retargeter(1),
};

const core = ['featureExtractor', 'motionExtractor', 'stitcher', 'generator'] as const;
const more = ['eyeRetargeter', 'lipRetargeter'] as const;

export interface StandInWeights {
  readonly modelsDir: string;
  remove(): void;
}

/** Installs stand-ins as an operator would the published files: from a folder, each vouched for by its hash. */
export async function installStandIns({
  changed = {},
  retargeting = false,
  absent = false,
}: {
  readonly changed?: Partial<Record<LiveNetwork, OnnxGraph>>;
  readonly retargeting?: boolean;
  readonly absent?: boolean;
} = {}): Promise<StandInWeights> {
  const { files } = await installForTest('canonical-face');
  const folder = mkdtempSync(join(tmpdir(), 'lumiere-live-portrait-'));
  const [weights, modelsDir] = [join(folder, 'weights'), join(folder, 'models')];
  for (const path of [weights, modelsDir]) mkdirSync(path);
  const face = Object.values(files)[0]!;
  symlinkSync(join(face, '..'), join(modelsDir, 'canonical-face'));
  const install = async (model: string, networks: readonly LiveNetwork[]): Promise<void> => {
    const trusted: Record<string, string> = {};
    for (const network of networks) {
      const bytes = encodeModel(changed[network] ?? standIns[network]());
      const name = liveFiles[network];
      writeFileSync(join(weights, name), bytes);
      trusted[name] = createHash('sha256').update(bytes).digest('hex');
    }
    await installModel(model, { cacheDir: modelsDir, from: { folder: weights }, trusted, offline: true });
  };
  if (!absent) await install('live-portrait', core);
  if (retargeting) await install('live-portrait-retargeting', more);
  return {
    modelsDir,
    remove() {
      rmSync(folder, { recursive: true });
    },
  };
}
