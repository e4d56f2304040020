/**
 * ONNX graphs as plain data, and the few functions that build and join them. Importers write their networks with it;
 * whoever puts a network to use wraps pre- and post-processing around it (`appendGraph`), so that one session runs both.
 * Bytes come from `encodeModel` in `onnx-codec.ts`.
 */

/** Element types that our graphs use, by ONNX's names in lower case. */
export type ElementType = 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';

/** A known size, or the name of a size that is free until the graph runs. */
export type Dimension = number | string;

export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

/** A constant tensor. `data` holds its elements row-major, little-endian, as ONNX's `raw_data` does. */
export interface GraphInitializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

/** An integer, integers or text as they are; floats are marked, since `1` alone cannot tell which it is. */
export type GraphAttribute =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };

export type GraphAttributes = Readonly<Record<string, GraphAttribute>>;

export interface GraphNode {
  readonly op: string;
  /** Empty text stands for an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: GraphAttributes;
}

/** Nodes stand in the order they run. Every tensor name is written once: by an input, an initializer or a node. */
export interface OnnxGraph {
  readonly name: string;
  /** Version of ONNX's own operator set that the nodes are written for. */
  readonly opset: number;
  readonly nodes: GraphNode[];
  readonly initializers: Map<string, GraphInitializer>;
  readonly inputs: GraphValue[];
  readonly outputs: GraphValue[];
  /** Names taken so far, by tensors of any kind. */
  readonly names: Set<string>;
}

/** The operator set all our graphs use: the last in which ReduceMean takes its axes as an attribute, known to every provider. */
const opsetVersion = 17;

export function createGraph(name: string, opset = opsetVersion): OnnxGraph {
  return {
    name,
    opset,
    nodes: [],
    initializers: new Map(),
    inputs: [],
    outputs: [],
    names: new Set(),
  };
}

/** `hint` itself where it is free, else `hint_1`, `hint_2`, …; the name is not taken until something is written to it. */
export function freeName(graph: OnnxGraph, hint: string): string {
  let name = hint;
  for (let count = 1; graph.names.has(name); count += 1) name = `${hint}_${count}`;
  return name;
}

/** A name that is ours to make up: the mark keeps it apart from names that a file brings later. */
function madeUpName(graph: OnnxGraph, hint: string): string {
  return freeName(graph, `#${hint}`);
}

function take(graph: OnnxGraph, name: string): string {
  if (name === '' || graph.names.has(name)) throw new RangeError(`tensor name '${name}' is empty or already written`);
  graph.names.add(name);
  return name;
}

function need(graph: OnnxGraph, name: string): void {
  if (name !== '' && !graph.names.has(name)) throw new RangeError(`tensor '${name}' is read before it is written`);
}

/** Declares an input and returns its name. */
export function addInput(graph: OnnxGraph, name: string, type: ElementType, dims: readonly Dimension[]): string {
  take(graph, name);
  graph.inputs.push({ name, type, dims });
  return name;
}

/** Declares an existing tensor as an output, under its own name. Use `renameAs` first for another name. */
export function addOutput(graph: OnnxGraph, name: string, type: ElementType, dims: readonly Dimension[]): void {
  need(graph, name);
  graph.outputs.push({ name, type, dims });
}

/** Makes `name` a copy of the tensor `source`, for outputs that need a name of their own (ONNX Runtime drops the copy). */
export function renameAs(graph: OnnxGraph, source: string, name: string): string {
  return addNode(graph, 'Identity', [source], {}, name);
}

/**
 * Adds a node with one output and returns the output's name: `output` exactly, when given, else a free name made
 * from the operator. Throws a RangeError for an input that nothing has written yet or an output name already taken.
 */
export function addNode(
  graph: OnnxGraph,
  op: string,
  inputs: readonly string[],
  attributes: GraphAttributes = {},
  output = madeUpName(graph, op.toLowerCase()),
): string {
  addNodeWithOutputs(graph, op, inputs, [output], attributes);
  return output;
}

/** Adds a node with the outputs named. Throws as `addNode` does. */
export function addNodeWithOutputs(
  graph: OnnxGraph,
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: GraphAttributes = {},
): void {
  for (const input of inputs) need(graph, input);
  for (const output of outputs) take(graph, output);
  graph.nodes.push({ op, inputs: [...inputs], outputs: [...outputs], attributes });
}

function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, size) => count * size, 1);
}

/** Bytes of one element. */
const elementBytes: Readonly<Record<ElementType, number>> = {
  float32: 4,
  float16: 2,
  uint8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Adds a constant from its raw bytes. Throws a RangeError when their number does not fit `type` and `dims`. */
export function addInitializer(graph: OnnxGraph, initializer: GraphInitializer): string {
  const { name, type, dims, data } = initializer;
  const expected = elementCount(dims) * elementBytes[type];
  if (data.byteLength !== expected) {
    throw new RangeError(
      `expected ${expected} bytes for ${type}[${dims.join()}] '${name}' but received ${data.byteLength}`,
    );
  }
  take(graph, name);
  graph.initializers.set(name, initializer);
  return name;
}

/** Adds a float32 constant under a free name made from `hint` and returns the name; `dims` is one dimension when left out, `[]` a scalar. */
export function addFloats(
  graph: OnnxGraph,
  hint: string,
  values: Float32Array | readonly number[],
  dims: readonly number[] = [values.length],
): string {
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  const data = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  return addInitializer(graph, { name: madeUpName(graph, hint), type: 'float32', dims, data });
}

/** Adds an int64 constant (shapes, axes, indices) under a free name made from `hint` and returns it; `dims` as for `addFloats`. */
export function addIntegers(
  graph: OnnxGraph,
  hint: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): string {
  const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return addInitializer(graph, { name: madeUpName(graph, hint), type: 'int64', dims, data });
}

/**
 * Copies `network` into `target`, its inputs bound to tensors of `target` (input name -> tensor name), every other
 * name prefixed so that the same network can be spliced in twice. Returns output name -> name in `target`; the outputs
 * are not declared as outputs of `target`. Constants keep sharing their bytes with `network`.
 * Throws a RangeError for an input left unbound, a binding that is no input, or different operator sets.
 */
export function appendGraph(
  target: OnnxGraph,
  network: OnnxGraph,
  bindings: Readonly<Record<string, string>>,
  prefix = network.name,
): Readonly<Record<string, string>> {
  if (network.opset !== target.opset) {
    throw new RangeError(`expected opset ${target.opset} for '${network.name}' but received ${network.opset}`);
  }
  const names = new Map<string, string>([['', '']]);
  for (const { name } of network.inputs) {
    const bound = bindings[name];
    if (bound === undefined) throw new RangeError(`input '${name}' of '${network.name}' is not bound`);
    need(target, bound);
    names.set(name, bound);
  }
  for (const name of Object.keys(bindings)) {
    if (!names.has(name)) throw new RangeError(`'${name}' is not an input of '${network.name}'`);
  }
  const renamed = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const fresh = freeName(target, `${prefix}/${name}`);
    names.set(name, fresh);
    return fresh;
  };
  for (const initializer of network.initializers.values()) {
    addInitializer(target, { ...initializer, name: renamed(initializer.name) });
  }
  for (const node of network.nodes) {
    addNodeWithOutputs(target, node.op, node.inputs.map(renamed), node.outputs.map(renamed), node.attributes);
  }
  return Object.fromEntries(network.outputs.map(({ name }) => [name, renamed(name)]));
}

/**
 * The part of `graph` that computes `outputs` (any of its tensors, declared as outputs before or not), without the
 * nodes and constants that do not reach them. Inputs all stay declared, so that what is fed does not depend on what is
 * asked for. Throws a RangeError for a tensor that does not exist.
 */
export function pruneGraph(graph: OnnxGraph, outputs: readonly GraphValue[]): OnnxGraph {
  const wanted = new Set(outputs.map(({ name }) => name));
  for (const name of wanted) need(graph, name);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const input of node.inputs) wanted.add(input);
    nodes.push(node);
  }
  const pruned = createGraph(graph.name, graph.opset);
  for (const { name, type, dims } of graph.inputs) addInput(pruned, name, type, dims);
  for (const initializer of graph.initializers.values()) {
    if (wanted.has(initializer.name)) addInitializer(pruned, initializer);
  }
  for (const node of nodes.toReversed()) {
    addNodeWithOutputs(pruned, node.op, node.inputs, node.outputs, node.attributes);
  }
  for (const { name, type, dims } of outputs) addOutput(pruned, name, type, dims);
  return pruned;
}
