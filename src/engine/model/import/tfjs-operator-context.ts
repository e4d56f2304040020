/** What every operator's writer is given, and how it reads constants and refuses what it does not know. */
import { LumiereError } from '../../errors.ts';
import { addNode, type GraphAttributes, type OnnxGraph } from './onnx-graph.ts';
import type { AttributeReader, TfjsNode } from './tfjs-node.ts';
import type { TfjsConstant } from './tfjs-weights.ts';

export interface OperatorContext {
  readonly model: string;
  readonly graph: OnnxGraph;
  readonly node: TfjsNode;
  readonly attributes: AttributeReader;
  /** The name of data input `index` as a tensor of the graph. */
  readonly tensor: (index: number) => string;
  /** Data input `index` where it must be a constant. */
  readonly constant: (index: number) => TfjsConstant;
  readonly inputCount: number;
}

/** Writes the operator and returns the name of its result. */
export type OperatorWriter = (context: OperatorContext) => string;

/** The error for something about this node that its writer does not know. */
export function unsupported({ model, node }: OperatorContext, detail: string): LumiereError {
  return new LumiereError('model.unsupported-layer', { model, layer: node.name, type: node.op, detail });
}

/** The constant data input `index`, which must hold floats. */
export function floats(context: OperatorContext, index: number): { shape: readonly number[]; data: Float32Array } {
  const { shape, data } = context.constant(index);
  if (!(data instanceof Float32Array)) throw unsupported(context, `weights that are not floats`);
  return { shape, data };
}

/** The constant data input `index`, which must hold integers: a shape, axes, indices. */
export function integers(context: OperatorContext, index: number): readonly number[] {
  const { data } = context.constant(index);
  if (data instanceof Float32Array) throw unsupported(context, `a shape or axis that is not integers`);
  return data;
}

/** The same operator on all inputs, under ONNX's name. */
export const plain =
  (op: string, attributes: GraphAttributes = {}): OperatorWriter =>
  ({ graph, tensor, inputCount }) =>
    addNode(
      graph,
      op,
      Array.from({ length: inputCount }, (_, index) => tensor(index)),
      attributes,
    );
