/** Imports a TensorFlow.js graph model (`model.json` and its weight files) as an ONNX graph. */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import {
  addFloats,
  addInput,
  addIntegers,
  createGraph,
  pruneGraph,
  renameAs,
  type GraphValue,
  type OnnxGraph,
} from './onnx-graph.ts';
import { nodeSchema, readAttributes, type TfjsNode } from './tfjs-node.ts';
import { writeTfjsOperator } from './tfjs-operators.ts';
import { manifestSchema, readTfjsWeights } from './tfjs-weights.ts';

const modelSchema = z.looseObject({
  format: z.literal('graph-model'),
  modelTopology: z.looseObject({ node: z.array(nodeSchema) }),
  weightsManifest: manifestSchema,
});

export interface TfjsSource {
  /** Names the network in errors and the graph. */
  readonly model: string;
  /** The text of `model.json`. */
  readonly json: string;
  /** The weight files' bytes, by the path that `model.json` gives them. */
  readonly shards: ReadonlyMap<string, Uint8Array>;
  /** The network's inputs with the shapes to give them, N x H x W x C. */
  readonly inputs: readonly GraphValue[];
  /** The tensors to compute, by the names of the nodes that make them. */
  readonly outputs: readonly GraphValue[];
}

/** Checks `json` against `schema`. Throws LumiereError `model.malformed` that says where it differs. */
export function parseTfjsModel<T>(model: string, schema: z.ZodType<T>, json: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new LumiereError('model.malformed', { model, detail: 'not JSON' }, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new LumiereError('model.malformed', { model, detail: z.prettifyError(result.error) });
}

const isControl = (input: string): boolean => input.startsWith('^');

/** `name:0` is the first output of `name`; the operators known here have no other. */
function sourceName(model: string, input: string): string {
  const [name = '', output = '0'] = input.split(':');
  if (output === '0') return name;
  throw new LumiereError('model.malformed', { model, detail: `'${input}' is not the first output of a node` });
}

/** The nodes that `outputs` need, each after those it reads. */
function orderNodes(model: string, nodes: readonly TfjsNode[], outputs: readonly string[]): readonly TfjsNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered: TfjsNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string): void => {
    if (state.get(name) === 'done') return;
    const node = byName.get(name);
    if (!node) throw new LumiereError('model.malformed', { model, detail: `the network has no node '${name}'` });
    if (state.get(name) === 'open')
      throw new LumiereError('model.malformed', { model, detail: `'${name}' reads itself` });
    state.set(name, 'open');
    for (const input of node.input) if (!isControl(input)) visit(sourceName(model, input));
    state.set(name, 'done');
    ordered.push(node);
  };
  outputs.forEach(visit);
  return ordered;
}

/**
 * The part of the network that computes `outputs`, as an ONNX graph.
 * Throws LumiereError `model.unsupported-layer` for an operator or attribute it does not know, by name;
 * `model.malformed` for a file that breaks its format, weights left over or missing, or an input or output that the
 * network does not have.
 */
export function importTfjsGraph({ model, json, shards, inputs, outputs }: TfjsSource): OnnxGraph {
  const { modelTopology, weightsManifest } = parseTfjsModel(model, modelSchema, json);
  const constants = readTfjsWeights(model, weightsManifest, shards);
  const graph = createGraph(model);
  const declared = new Map(inputs.map((value) => [value.name, value]));
  const tensors = new Map<string, string>();
  const names = outputs.map(({ name }) => name);
  const tensorOf = (name: string): string => {
    const known = tensors.get(name);
    if (known !== undefined) return known;
    const constant = constants.get(name);
    if (!constant) throw new LumiereError('model.malformed', { model, detail: `'${name}' has no value` });
    const { data, shape } = constant;
    const added =
      data instanceof Float32Array ? addFloats(graph, name, data, shape) : addIntegers(graph, name, data, shape);
    tensors.set(name, added);
    return added;
  };
  for (const node of orderNodes(model, modelTopology.node, [...declared.keys(), ...names])) {
    if (node.op === 'Const') continue;
    if (node.op === 'Placeholder') {
      const value = declared.get(node.name);
      if (!value) throw new LumiereError('model.malformed', { model, detail: `input '${node.name}' is not described` });
      tensors.set(node.name, addInput(graph, value.name, value.type, value.dims));
      continue;
    }
    const data = node.input.filter((input) => !isControl(input)).map((input) => sourceName(model, input));
    const at = (index: number): string => {
      const name = data[index];
      if (name !== undefined) return name;
      throw new LumiereError('model.malformed', { model, detail: `'${node.name}' lacks input ${index}` });
    };
    const result = writeTfjsOperator({
      model,
      graph,
      node,
      attributes: readAttributes(model, node),
      tensor: (index) => tensorOf(at(index)),
      constant: (index) => {
        const constant = constants.get(at(index));
        if (constant) return constant;
        const detail = `input ${index} that is not constant`;
        throw new LumiereError('model.unsupported-layer', { model, layer: node.name, type: node.op, detail });
      },
      inputCount: data.length,
    });
    tensors.set(node.name, result);
  }
  for (const { name } of outputs) if (!graph.names.has(name)) renameAs(graph, tensorOf(name), name);
  return pruneGraph(graph, outputs);
}
