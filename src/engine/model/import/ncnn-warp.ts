/**
 * RIFE's own layer: samples an image where an optical flow points, bilinear, clamped at the border
 * (`warp` of rife-ncnn-vulkan). Written with Gather, which every provider has, rather than GridSample, and with one Gather
 * rather than four: each pixel is kept beside its neighbours to the right and below, so that one index fetches all it takes.
 * RIFE v4.6 with our two more warps takes 49 ms at 320x240 on two cores that way, 55 ms with four Gathers each.
 */
import { addFloats, addIntegers, addNode, addNodeWithOutputs, freeName, type OnnxGraph } from './onnx-graph.ts';

const int32Code = 6;
const floatCode = 1;

/** An image made ready to be warped as often as wanted. */
export interface WarpSource {
  /** 1 x (H*W) x 4C: each pixel, the one to its right, the one below, the one below right; at the border, repeated. */
  readonly neighbourhoods: string;
  readonly columns: string;
  readonly rows: string;
  readonly lastColumn: string;
  readonly lastRow: string;
  /** As int32. */
  readonly width: string;
  readonly zero: string;
}

/** Makes `image` (1 x C x H x W, float32) ready: the positions of its pixels and their neighbourhoods. */
export function addWarpSource(graph: OnnxGraph, image: string): WarpSource {
  const shape = addNode(graph, 'Shape', [image]);
  const zero = addFloats(graph, 'zero', [0], []);
  const one = addFloats(graph, 'one', [1], []);
  const side = (axis: number): { size: string; integer: string } => {
    const size = addNode(graph, 'Gather', [shape, addIntegers(graph, 'axis', [axis], [])]);
    return {
      size: addNode(graph, 'Cast', [size], { to: floatCode }),
      integer: addNode(graph, 'Cast', [size], { to: int32Code }),
    };
  };
  const [height, width] = [side(2), side(3)];
  const positions = (size: string, axis: number): string =>
    addNode(graph, 'Unsqueeze', [addNode(graph, 'Range', [zero, size, one]), addIntegers(graph, 'axis', [axis])]);
  return {
    neighbourhoods: addNeighbourhoods(graph, image),
    columns: positions(width.size, 0),
    rows: positions(height.size, 1),
    lastColumn: addNode(graph, 'Sub', [width.size, one]),
    lastRow: addNode(graph, 'Sub', [height.size, one]),
    width: width.integer,
    zero,
  };
}

function addNeighbourhoods(graph: OnnxGraph, image: string): string {
  const pads = addIntegers(graph, 'pads', [0, 0, 0, 0, 0, 0, 1, 1]);
  const wider = addNode(graph, 'Pad', [image, pads], { mode: 'edge' });
  const axes = addIntegers(graph, 'axes', [2, 3]);
  /** The image seen from `down` rows below and `right` columns to the right. */
  const moved = (down: 0 | 1, right: 0 | 1): string => {
    const starts = addIntegers(graph, 'starts', [down, right]);
    // One before the end, or the end: a number beyond any size stands for it.
    const ends = addIntegers(
      graph,
      'ends',
      [down, right].map((step) => (step === 0 ? -1 : 2 ** 31)),
    );
    return addNode(graph, 'Slice', [wider, starts, ends, axes]);
  };
  const four = addNode(graph, 'Concat', [image, moved(0, 1), moved(1, 0), moved(1, 1)], { axis: 1 });
  const flat = addNode(graph, 'Reshape', [four, addIntegers(graph, 'flat', [0, 0, -1])]);
  return addNode(graph, 'Transpose', [flat], { perm: [0, 2, 1] });
}

/**
 * Adds output(x, y) = image(x + flow_x, y + flow_y) under the name `output`, 1 x C x H x W.
 * @param flow 1 x 2 x H x W, x then y, in pixels
 */
export function addWarp(graph: OnnxGraph, source: WarpSource, flow: string, output: string): void {
  const axes = addIntegers(graph, 'axes', [0, 1]);
  const component = (index: number): string => {
    const [start, end] = [addIntegers(graph, 'start', [index]), addIntegers(graph, 'end', [index + 1])];
    const slice = addNode(graph, 'Slice', [flow, start, end, addIntegers(graph, 'axis', [1])]);
    return addNode(graph, 'Squeeze', [slice, axes]);
  };
  // Positions and weights are H x W, so that gathering from 1 x (H*W) x 4C gives 1 x H x W x 4C at once.
  const along = (index: number, pixels: string, last: string) => {
    const target = addNode(graph, 'Add', [component(index), pixels]);
    const position = addNode(graph, 'Min', [addNode(graph, 'Max', [target, source.zero]), last]);
    const before = addNode(graph, 'Floor', [position]);
    const weight = addNode(graph, 'Sub', [position, before]);
    // An integer from here on: a float32 index is exact only up to 2^24 pixels.
    return { before: addNode(graph, 'Cast', [before], { to: int32Code }), weight };
  };
  const x = along(0, source.columns, source.lastColumn);
  const y = along(1, source.rows, source.lastRow);
  const index = addNode(graph, 'Add', [addNode(graph, 'Mul', [y.before, source.width]), x.before]);
  const gathered = addNode(graph, 'Gather', [source.neighbourhoods, index], { axis: 1 });
  const planes = addNode(graph, 'Transpose', [gathered], { perm: [0, 3, 1, 2] });
  const halves = (tensor: string): [string, string] => {
    const names: [string, string] = [freeName(graph, '#first'), freeName(graph, '#second')];
    addNodeWithOutputs(graph, 'Split', [tensor], names, { axis: 1 });
    return names;
  };
  const lerp = ([from, to]: [string, string], weight: string, name?: string): string => {
    const change = addNode(graph, 'Mul', [addNode(graph, 'Sub', [to, from]), weight]);
    return addNode(graph, 'Add', [from, change], {}, name);
  };
  lerp(halves(lerp(halves(planes), y.weight)), x.weight, output);
}
