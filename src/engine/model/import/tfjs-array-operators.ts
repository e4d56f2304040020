/**
 * TensorFlow operators that cut, join, turn, reduce and index arrays (https://www.tensorflow.org/api_docs/python/tf/raw_ops),
 * in ONNX operators. Integers are int64 throughout: ONNX wants its indices so.
 */
import { addIntegers, addNode } from './onnx-graph.ts';
import { integers, plain, unsupported, type OperatorContext, type OperatorWriter } from './tfjs-operator-context.ts';

function reductionAxes(context: OperatorContext): readonly number[] {
  const axes = integers(context, 1);
  // TensorFlow reduces nothing over no axes, ONNX everything.
  if (axes.length === 0) throw unsupported(context, 'no axes');
  return axes;
}

/** A reduction whose axes are an attribute in our operator set. */
const reduction =
  (op: string): OperatorWriter =>
  (context) => {
    const axes = reductionAxes(context);
    const keepdims = Number(context.attributes.flag('keep_dims'));
    return addNode(context.graph, op, [context.tensor(0)], { axes, keepdims });
  };

/** The one reduction whose axes are an input in our operator set. */
function sum(context: OperatorContext): string {
  const axes = addIntegers(context.graph, 'axes', reductionAxes(context));
  const keepdims = Number(context.attributes.flag('keep_dims'));
  return addNode(context.graph, 'ReduceSum', [context.tensor(0), axes], { keepdims });
}

function concat(context: OperatorContext): string {
  const count = context.inputCount - 1;
  const [axis] = integers(context, count);
  if (axis === undefined) throw unsupported(context, 'axis');
  const parts = Array.from({ length: count }, (_, index) => context.tensor(index));
  return addNode(context.graph, 'Concat', parts, { axis });
}

function reshape(context: OperatorContext): string {
  const shape = addIntegers(context.graph, 'shape', integers(context, 1));
  return addNode(context.graph, 'Reshape', [context.tensor(0), shape], { allowzero: 1 });
}

/** Beyond any size: Slice clamps it to the end of the axis. */
const farAway = 2 ** 31 - 1;

/** `x[begin:end:stride]` on the first axes. A bit of a mask stands for an axis: begin or end left out, axis taken away. */
function stridedSlice(context: OperatorContext): string {
  const { graph, attributes, tensor } = context;
  const [begin, end, strides] = [integers(context, 1), integers(context, 2), integers(context, 3)];
  const mask = (key: string): number => attributes.number(key, 0);
  const [openBegin, openEnd, shrunk] = [mask('begin_mask'), mask('end_mask'), mask('shrink_axis_mask')];
  for (const key of ['ellipsis_mask', 'new_axis_mask']) if (mask(key) !== 0) throw unsupported(context, key);
  const isSet = (bits: number, axis: number): boolean => ((bits >> axis) & 1) === 1;
  const axes = begin.map((_, axis) => axis);
  const isBackward = (axis: number): boolean => strides[axis]! < 0;
  const starts = axes.map((axis) => {
    if (isSet(openBegin, axis) && !isSet(shrunk, axis)) return isBackward(axis) ? farAway : 0;
    return begin[axis]!;
  });
  const ends = axes.map((axis) => {
    // One element, whatever `end` and the stride say; the element after the last would be number 0.
    if (isSet(shrunk, axis)) return begin[axis] === -1 ? farAway : begin[axis]! + 1;
    if (isSet(openEnd, axis)) return isBackward(axis) ? -farAway : farAway;
    return end[axis]!;
  });
  const steps = axes.map((axis) => (isSet(shrunk, axis) ? 1 : strides[axis]!));
  const numbers = [starts, ends, axes, steps].map((values) => addIntegers(graph, 'slice', values));
  const sliced = addNode(graph, 'Slice', [tensor(0), ...numbers]);
  const dropped = axes.filter((axis) => isSet(shrunk, axis));
  if (dropped.length === 0) return sliced;
  return addNode(graph, 'Squeeze', [sliced, addIntegers(graph, 'axes', dropped)]);
}

function transpose(context: OperatorContext): string {
  return addNode(context.graph, 'Transpose', [context.tensor(0)], { perm: integers(context, 1) });
}

function gather(context: OperatorContext): string {
  const { graph, attributes, tensor } = context;
  if (attributes.number('batch_dims', 0) !== 0) throw unsupported(context, 'batch_dims');
  const [axis] = integers(context, 2);
  if (axis === undefined) throw unsupported(context, 'axis');
  return addNode(graph, 'Gather', [tensor(0), tensor(1)], { axis });
}

/**
 * Indices past the end are clamped to it. TensorFlow leaves them open (an error on a CPU, zeros on a GPU), and the mesh
 * with attention asks for them when a mouth or an eye touches the edge of its crop.
 */
function gatherNd({ graph, tensor }: OperatorContext): string {
  const [data, indices] = [tensor(0), tensor(1)];
  const depth = addNode(graph, 'Shape', [indices], { start: -1 });
  const zero = addIntegers(graph, 'zero', [0]);
  const sizes = addNode(graph, 'Slice', [addNode(graph, 'Shape', [data]), zero, depth]);
  const last = addNode(graph, 'Sub', [sizes, addIntegers(graph, 'one', [1])]);
  return addNode(graph, 'GatherND', [data, addNode(graph, 'Min', [indices, last])]);
}

/** The product of the last two axes, the others broadcast. */
function batchProduct({ graph, attributes, tensor }: OperatorContext): string {
  const side = (index: number, key: string): string =>
    attributes.flag(key) ? addNode(graph, 'Einsum', [tensor(index)], { equation: '...ij->...ji' }) : tensor(index);
  return addNode(graph, 'MatMul', [side(0, 'adj_x'), side(1, 'adj_y')]);
}

/** ONNX's numbers for the types that tensors here have. */
const castTargets: Readonly<Record<string, number>> = { DT_FLOAT: 1, DT_INT32: 7 };

/** Fractions are cut off towards zero, as in TensorFlow. */
function cast(context: OperatorContext): string {
  const { graph, attributes, tensor } = context;
  const [from, to] = [attributes.type('SrcT'), attributes.type('DstT')];
  const target = castTargets[to];
  if (castTargets[from] === undefined || target === undefined) throw unsupported(context, `${from} to ${to}`);
  if (attributes.flag('Truncate')) throw unsupported(context, 'Truncate');
  return addNode(graph, 'Cast', [tensor(0)], { to: target });
}

/** Their writers, by TensorFlow's names. */
export const arrayOperators: Readonly<Record<string, OperatorWriter>> = {
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Sum: sum,
  ConcatV2: concat,
  Reshape: reshape,
  StridedSlice: stridedSlice,
  Transpose: transpose,
  GatherV2: gather,
  GatherNd: gatherNd,
  BatchMatMulV2: batchProduct,
  Cast: cast,
  Floor: plain('Floor'),
  Square: ({ graph, tensor }) => addNode(graph, 'Mul', [tensor(0), tensor(0)]),
  Rsqrt: ({ graph, tensor }) => addNode(graph, 'Reciprocal', [addNode(graph, 'Sqrt', [tensor(0)])]),
};
