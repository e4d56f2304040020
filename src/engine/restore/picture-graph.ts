/**
 * The pieces of ONNX graph that stand around a network: pictures in and out as the bytes a frame holds, borders added and
 * cut off, local means. Inside the graph they run off the main thread and cost a fiftieth of the network.
 */
import {
  addFloats,
  addInput,
  addIntegers,
  addNode,
  addOutput,
  type Dimension,
  type OnnxGraph,
} from '../model/import/onnx-graph.ts';

const floatCode = 1;
const uint8Code = 2;

/** Pixels to add to, or cut off, each side. */
export interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Declares an input of bytes, 1 x H x W x C, and returns it as float32 0..1, 1 x C x H x W. */
export function addPictureInput(
  graph: OnnxGraph,
  name: string,
  height: Dimension,
  width: Dimension,
  channels = 3,
): string {
  const bytes = addInput(graph, name, 'uint8', [1, height, width, channels]);
  const planes = addNode(graph, 'Transpose', [addNode(graph, 'Cast', [bytes], { to: floatCode })], {
    perm: [0, 3, 1, 2],
  });
  return addNode(graph, 'Mul', [planes, addFloats(graph, 'level', [1 / 255], [])]);
}

/** Declares `name` as an output of bytes, 1 x H x W x C: `picture` (float32 0..1, 1 x C x H x W) rounded and clamped. */
export function addPictureOutput(
  graph: OnnxGraph,
  picture: string,
  name: string,
  height: Dimension,
  width: Dimension,
  channels = 3,
): void {
  const levels = addNode(graph, 'Mul', [picture, addFloats(graph, 'levels', [255], [])]);
  const rows = addNode(graph, 'Transpose', [levels], { perm: [0, 2, 3, 1] });
  const clamped = addNode(graph, 'Clip', [
    rows,
    addFloats(graph, 'black', [0], []),
    addFloats(graph, 'white', [255], []),
  ]);
  // Half a level more and the cast's truncation round: WebGPU has no kernel for Round.
  const rounded = addNode(graph, 'Add', [clamped, addFloats(graph, 'half', [0.5], [])]);
  addNode(graph, 'Cast', [rounded], { to: uint8Code }, name);
  addOutput(graph, name, 'uint8', [1, height, width, channels]);
}

/** Repeats the outermost pixels of 1 x C x H x W outwards. */
export function addEdges(graph: OnnxGraph, picture: string, { top, bottom, left, right }: Border): string {
  if (top + bottom + left + right === 0) return picture;
  const pads = addIntegers(graph, 'pads', [0, 0, top, left, 0, 0, bottom, right]);
  return addNode(graph, 'Pad', [picture, pads], { mode: 'edge' });
}

/** The `height` x `width` pixels of 1 x C x H x W that begin at row `top` and column `left`. */
export function addCrop(
  graph: OnnxGraph,
  picture: string,
  { top, left, height, width }: { top: number; left: number; height: number; width: number },
): string {
  const starts = addIntegers(graph, 'starts', [top, left]);
  const ends = addIntegers(graph, 'ends', [top + height, left + width]);
  return addNode(graph, 'Slice', [picture, starts, ends, addIntegers(graph, 'axes', [2, 3])]);
}

/** Channels `from` up to, not including, `to` of 1 x C x H x W. */
export function addChannels(graph: OnnxGraph, picture: string, from: number, to: number): string {
  const [start, end] = [addIntegers(graph, 'start', [from]), addIntegers(graph, 'end', [to])];
  return addNode(graph, 'Slice', [picture, start, end, addIntegers(graph, 'axis', [1])]);
}

/** Mean over the (2 radius + 1)² pixels around each of 1 x C x H x W; at the border, over those inside the picture. */
export function addLocalMean(graph: OnnxGraph, picture: string, radius: number): string {
  const side = 2 * radius + 1;
  const rows = addNode(graph, 'AveragePool', [picture], { kernel_shape: [1, side], pads: [0, radius, 0, radius] });
  return addNode(graph, 'AveragePool', [rows], { kernel_shape: [side, 1], pads: [radius, 0, radius, 0] });
}

/** A scalar float32 constant. */
export function addScalar(graph: OnnxGraph, hint: string, value: number): string {
  return addFloats(graph, hint, [value], []);
}
