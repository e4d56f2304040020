/** ONNX graphs to the bytes of a ModelProto and back (https://onnx.ai/onnx/repo-docs/IR.html). */
import protobuf from 'onnx-proto';
import type { onnx as messages } from 'onnx-proto';
import { LumiereError } from '../../errors.ts';
import {
  addInitializer,
  addInput,
  addNodeWithOutputs,
  addOutput,
  createGraph,
  type Dimension,
  type ElementType,
  type GraphAttribute,
  type GraphInitializer,
  type GraphValue,
  type OnnxGraph,
} from './onnx-graph.ts';

const { onnx } = protobuf;

/** Intermediate representation 8 is the one that came with operator sets 16 to 18. */
const irVersion = 8;

const elementCodes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

const elementTypes = new Map<number, ElementType>(
  (Object.keys(elementCodes) as ElementType[]).map((type) => [elementCodes[type], type]),
);

function encodeAttribute(name: string, value: GraphAttribute): messages.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (typeof value === 'object' && 'float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if (typeof value === 'object' && 'floats' in value) {
    return { name, type: AttributeType.FLOATS, floats: [...value.floats] };
  }
  const integers = typeof value === 'number' ? [value] : value;
  if (!integers.every(Number.isInteger)) throw new RangeError(`attribute '${name}' holds floats: mark them as such`);
  return typeof value === 'number'
    ? { name, type: AttributeType.INT, i: value }
    : { name, type: AttributeType.INTS, ints: [...value] };
}

function encodeValue({ name, type, dims }: GraphValue): messages.IValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementCodes[type], shape: { dim } } } };
}

function encodeInitializer({ name, type, dims, data }: GraphInitializer): messages.ITensorProto {
  return { name, dims: [...dims], dataType: elementCodes[type], rawData: data };
}

/** The model file of `graph`. The same graph always gives the same bytes. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const model: messages.IModelProto = {
    irVersion,
    producerName: 'lumiere',
    opsetImport: [{ domain: '', version: graph.opset }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, index) => ({
        opType: node.op,
        name: `${node.op}_${index}`,
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
      })),
      initializer: [...graph.initializers.values()].map(encodeInitializer),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
  };
  return onnx.ModelProto.encode(model).finish();
}

function malformed(model: string, detail: string, cause?: unknown): LumiereError {
  return new LumiereError('model.malformed', { model, detail }, { cause });
}

function elementType(model: string, code: unknown): ElementType {
  const type = elementTypes.get(Number(code));
  if (type === undefined) throw malformed(model, `element type ${Number(code)} is not one that is used here`);
  return type;
}

function decodeAttribute(model: string, attribute: messages.IAttributeProto): GraphAttribute {
  const { AttributeType } = onnx.AttributeProto;
  const { type } = attribute;
  if (type === AttributeType.FLOAT) return { float: attribute.f ?? 0 };
  if (type === AttributeType.INT) return Number(attribute.i ?? 0);
  if (type === AttributeType.STRING) return new TextDecoder().decode(attribute.s ?? new Uint8Array());
  if (type === AttributeType.FLOATS) return { floats: attribute.floats ?? [] };
  if (type === AttributeType.INTS) return (attribute.ints ?? []).map(Number);
  throw malformed(model, `attribute ${attribute.name ?? ''} has a type that is not used here`);
}

function decodeValue(model: string, value: messages.IValueInfoProto): GraphValue {
  const tensor = value.type?.tensorType;
  const dims = (tensor?.shape?.dim ?? []).map(({ dimParam, dimValue }): Dimension => {
    const isNamed = typeof dimParam === 'string' && dimParam !== '';
    return isNamed ? dimParam : Number(dimValue ?? 0);
  });
  return { name: value.name ?? '', type: elementType(model, tensor?.elemType), dims };
}

function decodeInitializer(model: string, tensor: messages.ITensorProto): GraphInitializer {
  const name = tensor.name ?? '';
  // A plain view: the reader hands out Buffers, whose `slice` does not copy.
  const { buffer, byteOffset, byteLength } = tensor.rawData ?? new Uint8Array();
  return {
    name,
    type: elementType(model, tensor.dataType),
    dims: (tensor.dims ?? []).map(Number),
    data: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

/**
 * Reads a model file that `encodeModel` wrote (or one that keeps to the same subset: ONNX's own operators, weights as
 * raw bytes inside the file, no nested graphs). `model` names it in errors.
 * Throws LumiereError `model.malformed` for anything else.
 */
export function decodeModel(bytes: Uint8Array, model = 'model'): OnnxGraph {
  try {
    const { graph: source, opsetImport } = onnx.ModelProto.decode(bytes);
    const [operators, ...others] = opsetImport;
    if (!source || !operators || operators.domain || others.length > 0) {
      throw malformed(model, "no graph of ONNX's own operators");
    }
    const graph = createGraph(source.name ?? model, Number(operators.version ?? 0));
    for (const { name, type, dims } of (source.input ?? []).map((value) => decodeValue(model, value))) {
      addInput(graph, name, type, dims);
    }
    for (const tensor of source.initializer ?? []) addInitializer(graph, decodeInitializer(model, tensor));
    for (const { opType, input, output, attribute } of source.node ?? []) {
      const attributes = (attribute ?? []).map((item) => [item.name ?? '', decodeAttribute(model, item)] as const);
      addNodeWithOutputs(graph, opType ?? '', input ?? [], output ?? [], Object.fromEntries(attributes));
    }
    for (const { name, type, dims } of (source.output ?? []).map((value) => decodeValue(model, value))) {
      addOutput(graph, name, type, dims);
    }
    return graph;
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    throw malformed(model, error instanceof Error ? error.message : String(error), error);
  }
}
