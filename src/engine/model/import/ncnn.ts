/**
 * Imports an ncnn network (`.param` and `.bin`) as an ONNX graph. RIFE v4.6 imported this way equals the reference
 * program in CPU mode (see `test/golden/`).
 */
import { addInput, createGraph, pruneGraph, renameAs, type GraphValue, type OnnxGraph } from './onnx-graph.ts';
import { writeNcnnLayer } from './ncnn-layers.ts';
import { malformed, parseNcnnParam } from './ncnn-param.ts';
import { readNcnnWeights } from './ncnn-weights.ts';
import type { WarpSource } from './ncnn-warp.ts';

export interface NcnnSource {
  /** Names the network in errors and the graph. */
  readonly model: string;
  readonly param: string;
  readonly weights: Uint8Array;
  /** The network's inputs with their shapes, which the file does not hold: N x C x H x W, free sizes by name. */
  readonly inputs: readonly GraphValue[];
  /** The tensors to compute, final or not; nodes that none of them needs are left out. */
  readonly outputs: readonly GraphValue[];
}

/**
 * The network as an ONNX graph with the inputs and outputs asked for, under their names in the file.
 * Throws LumiereError `model.unsupported-layer` for a layer, activation or parameter it does not know, by name;
 * `model.malformed` for a file that breaks its format, weights left over or missing, or an input or output that the
 * network does not have.
 */
export function importNcnn({ model, param, weights: bytes, inputs, outputs }: NcnnSource): OnnxGraph {
  const graph = createGraph(model);
  const weights = readNcnnWeights(model, bytes);
  const vectors = new Set<string>();
  const warpSources = new Map<string, WarpSource>();
  const aliases = new Map<string, string>();
  const tensor = (blob: string): string => aliases.get(blob) ?? blob;
  const declared = new Map(inputs.map((value) => [value.name, value]));
  for (const layer of parseNcnnParam(model, param)) {
    const sources = layer.inputs.map(tensor);
    if (layer.type === 'Input') {
      // Its parameters are the size it was exported with, which is free here.
      for (const name of layer.outputs) {
        const value = declared.get(name);
        if (!value) throw malformed(model, `the network has an input '${name}' that is not described`);
        addInput(graph, name, value.type, value.dims);
        declared.delete(name);
      }
    } else if (layer.type === 'Split') {
      const [source] = sources;
      if (source === undefined) throw malformed(model, `layer '${layer.name}' lacks an input`);
      for (const name of layer.outputs) aliases.set(name, source);
    } else {
      writeNcnnLayer({ model, graph, layer, inputs: sources, weights, vectors, warpSources });
    }
  }
  weights.end();
  const [missing] = declared.keys();
  if (missing !== undefined) throw malformed(model, `the network has no input '${missing}'`);
  for (const { name } of outputs) {
    const source = aliases.get(name);
    if (source !== undefined) renameAs(graph, source, name);
    else if (!graph.names.has(name)) throw malformed(model, `the network has no tensor '${name}'`);
  }
  return pruneGraph(graph, outputs);
}
