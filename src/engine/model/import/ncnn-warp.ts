/**
 * RIFE's own layer: samples an image where an optical flow points, bilinear, clamped at the border
 * (`warp` of rife-ncnn-vulkan). Written as four Gathers and two lerps rather than GridSample, for which ONNX Runtime's
 * WebGPU provider has no kernel; on the CPU it takes 96 to 126 ms against 96 to 123 ms at 448x256.
 */
import { addFloats, addIntegers, addNode, type OnnxGraph } from './onnx-graph.ts';

const int32Code = 6;
const floatCode = 1;

/** What every warp of an image of one size shares: pixel positions and the last column and row. */
export interface WarpGrid {
  readonly columns: string;
  readonly rows: string;
  readonly lastColumn: string;
  readonly lastRow: string;
  readonly width: string;
  readonly zero: string;
  readonly one: string;
}

/** Adds the positions of the pixels of `image` (N x C x H x W): columns as 1 x W, rows as H x 1, both float32. */
export function addWarpGrid(graph: OnnxGraph, image: string): WarpGrid {
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
    columns: positions(width.size, 0),
    rows: positions(height.size, 1),
    lastColumn: addNode(graph, 'Sub', [width.size, one]),
    lastRow: addNode(graph, 'Sub', [height.size, one]),
    width: width.integer,
    zero,
    one,
  };
}

/**
 * Adds output(x, y) = image(x + flow_x, y + flow_y) under the name `output`.
 * @param image 1 x C x H x W, the picture that `grid` was made for
 * @param flow 1 x 2 x H x W, x then y, in pixels
 */
export function addWarp(graph: OnnxGraph, grid: WarpGrid, image: string, flow: string, output: string): void {
  const axes = addIntegers(graph, 'axes', [0, 1]);
  const component = (index: number): string => {
    const [start, end] = [addIntegers(graph, 'start', [index]), addIntegers(graph, 'end', [index + 1])];
    const slice = addNode(graph, 'Slice', [flow, start, end, addIntegers(graph, 'axis', [1])]);
    return addNode(graph, 'Squeeze', [slice, axes]);
  };
  // Positions and weights are H x W, so that gathering from 1 x C x (H*W) gives 1 x C x H x W at once.
  const along = (index: number, pixels: string, last: string) => {
    const target = addNode(graph, 'Add', [component(index), pixels]);
    const position = addNode(graph, 'Min', [addNode(graph, 'Max', [target, grid.zero]), last]);
    const before = addNode(graph, 'Floor', [position]);
    const after = addNode(graph, 'Min', [addNode(graph, 'Add', [before, grid.one]), last]);
    const weight = addNode(graph, 'Sub', [position, before]);
    // Integers from here on: a float32 index is exact only up to 2^24 pixels.
    return {
      before: addNode(graph, 'Cast', [before], { to: int32Code }),
      after: addNode(graph, 'Cast', [after], { to: int32Code }),
      weight,
    };
  };
  const x = along(0, grid.columns, grid.lastColumn);
  const y = along(1, grid.rows, grid.lastRow);
  const flat = addNode(graph, 'Reshape', [image, addIntegers(graph, 'flat', [0, 0, -1])]);
  const lerp = (from: string, to: string, weight: string, name?: string): string => {
    const change = addNode(graph, 'Mul', [addNode(graph, 'Sub', [to, from]), weight]);
    return addNode(graph, 'Add', [from, change], {}, name);
  };
  const row = (line: string): string => {
    const start = addNode(graph, 'Mul', [line, grid.width]);
    const at = (column: string): string =>
      addNode(graph, 'Gather', [flat, addNode(graph, 'Add', [start, column])], { axis: 2 });
    return lerp(at(x.before), at(x.after), x.weight);
  };
  lerp(row(y.before), row(y.after), y.weight, output);
}
