/**
 * Which execution provider ran each node of a network, read from ONNX Runtime's profile of a run. A network that falls
 * apart still gives the right answer, only slowly, with its tensors copied to the CPU and back: nothing but a look at the
 * placement finds it.
 */
import { z } from 'zod';
import type { ExecutionProvider } from './session.ts';

/** One node as it ran. */
export interface PlacedNode {
  readonly name: string;
  readonly op: string;
  /** ONNX Runtime's own name of the provider, such as `WebGpuExecutionProvider`. */
  readonly provider: string;
  /** Elements of its largest output. */
  readonly elements: number;
  /** Time in this node over all profiled runs, in milliseconds. On a GPU this is the time to submit it. */
  readonly ms: number;
}

export interface Placement {
  readonly nodes: readonly PlacedNode[];
  /** Number of nodes by ONNX Runtime's provider name. */
  readonly counts: Readonly<Record<string, number>>;
  /** Nodes of picture size that ran elsewhere than asked, and copies of picture size between providers. Empty is whole. */
  readonly strays: readonly PlacedNode[];
}

const runtimeNames: Readonly<Record<ExecutionProvider, string>> = {
  tensorrt: 'TensorrtExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cpu: 'CPUExecutionProvider',
};

/**
 * A tensor of up to this many elements may be anywhere: shapes, scalars and the coordinates of one picture side belong on
 * the CPU, and ONNX Runtime puts them there by itself. The pictures of a trial must have more: 32x32 has 1024 a plane.
 */
const tinyElements = 512;

const profileEvents = z.array(
  z.object({
    cat: z.string(),
    name: z.string(),
    dur: z.number().default(0),
    args: z.record(z.string(), z.unknown()).default({}),
  }),
);

/** `[{"float":[1,3,64,64]},{"int64":[4]}]`: the type and shape of each output; a scalar has the shape `[]`. */
const shapes = z.array(z.record(z.string(), z.array(z.number())));

function largest(shapesOfNode: unknown): number {
  const parsed = shapes.safeParse(shapesOfNode);
  if (!parsed.success) return 0;
  const sizes = parsed.data.flatMap((shape) => Object.values(shape)).map((dims) => dims.reduce((a, b) => a * b, 1));
  return Math.max(0, ...sizes);
}

/**
 * Reads the JSON that ONNX Runtime (1.30) writes with `enableProfiling`. Throws a TypeError when it holds no node, as an
 * unknown format would: an empty answer must never pass for a whole network.
 */
export function readPlacement(profile: string, provider: ExecutionProvider): Placement {
  const nodes = new Map<string, PlacedNode>();
  for (const { cat, name, dur, args } of profileEvents.parse(JSON.parse(profile))) {
    if (cat !== 'Node' || typeof args['provider'] !== 'string' || typeof args['op_name'] !== 'string') continue;
    const key = `${String(args['node_index'])} ${name}`;
    const before = nodes.get(key);
    nodes.set(key, {
      name: name.replace(/_kernel_time$/, ''),
      op: args['op_name'],
      provider: args['provider'],
      elements: Math.max(before?.elements ?? 0, largest(args['output_type_shape'])),
      ms: (before?.ms ?? 0) + dur / 1000,
    });
  }
  if (nodes.size === 0) throw new TypeError('the profile names no node: ONNX Runtime changed its format');
  const placed = [...nodes.values()];
  const counts: Record<string, number> = {};
  for (const node of placed) counts[node.provider] = (counts[node.provider] ?? 0) + 1;
  const strays = placed.filter(
    (node) =>
      node.elements > tinyElements && (node.provider !== runtimeNames[provider] || node.op.startsWith('Memcpy')),
  );
  return { nodes: placed, counts, strays };
}

/** True when every node that matters ran on the provider that was asked for. */
export function isWhole(placement: Placement): boolean {
  return placement.strays.length === 0;
}
