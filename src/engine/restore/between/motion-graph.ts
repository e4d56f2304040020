/**
 * The interpolation network as the pipeline uses it: two frames in as bytes, out come the planes that any enlargement of
 * them is warped with, and how far to trust them (`motion-gate.ts`).
 */
import {
  addInput,
  addIntegers,
  addNode,
  addOutput,
  appendGraph,
  createGraph,
  pruneGraph,
  type OnnxGraph,
} from '../../model/import/onnx-graph.ts';
import { addWarp, addWarpSource } from '../../model/import/ncnn-warp.ts';
import { addMotionGate } from './motion-gate.ts';
import { addChannels, addCrop, addEdges, addPictureInput, addScalar } from '../picture-graph.ts';

/** Tensors of RIFE v4.6, by their names in its file. */
const rifeTensors = {
  left: 'in0',
  right: 'in1',
  time: 'in2',
  flow: '327',
  mask: '332',
} as const;

/** RIFE halves its input five times. */
const sideMultiple = 32;

/** A still overlay takes its neighbourhood of this many pixels with it, so that nothing is dragged along its edge. */
const stillMargin = 2;

export interface MotionGraphSize {
  /** Of the frames. */
  readonly width: number;
  readonly height: number;
  /** The network sees the frames reduced by this whole factor; 1 is full size. */
  readonly reduce: number;
}

/** Size of the planes that come out: the frames' own over `reduce`, rounded up. */
export function motionSize({ width, height, reduce }: MotionGraphSize): { width: number; height: number } {
  return { width: Math.ceil(width / reduce), height: Math.ceil(height / reduce) };
}

/** What the planes hold, in order, each H x W float32. */
export const motionPlanes = ['leftX', 'leftY', 'rightX', 'rightY', 'leftShare', 'trust'] as const;

/**
 * Inputs: `left`, `right` (bytes, 1 x H x W x 3), `still` (bytes, 1 x h x w x 1: 255 where a burnt-in overlay stands),
 * `time` (float32 [1], 0..1). Output `planes`, 1 x 6 x h x w as in {@link motionPlanes}: the flows from the frame between
 * to each neighbour in pixels of the planes, the weight of the left neighbour, and the trust in both, 0..1.
 * @param rife RIFE v4.6 as imported, with {@link rifeTensors} among its tensors
 */
export function buildMotionGraph(rife: OnnxGraph, size: MotionGraphSize): OnnxGraph {
  const { width, height } = motionSize(size);
  const graph = createGraph(`motion-${size.width}x${size.height}`);
  const reduced = (name: string): string => {
    const picture = addPictureInput(graph, name, size.height, size.width);
    if (size.reduce === 1) return picture;
    const side = [size.reduce, size.reduce];
    return addNode(graph, 'AveragePool', [picture], { kernel_shape: side, strides: side, ceil_mode: 1 });
  };
  const [left, right] = [reduced('left'), reduced('right')];
  const still = addPictureInput(graph, 'still', height, width, 1);
  const time = addInput(graph, 'time', 'float32', [1]);

  const missing = (side: number): number => (sideMultiple - (side % sideMultiple)) % sideMultiple;
  const border = { top: 0, left: 0, bottom: missing(height), right: missing(width) };
  const whole = addIntegers(graph, 'shape', [1, 1, height + border.bottom, width + border.right]);
  const pruned = pruneGraph(rife, [
    { name: rifeTensors.flow, type: 'float32', dims: [1, 4, 'h', 'w'] },
    { name: rifeTensors.mask, type: 'float32', dims: [1, 1, 'h', 'w'] },
  ]);
  const estimated = appendGraph(graph, pruned, {
    [rifeTensors.left]: addEdges(graph, left, border),
    [rifeTensors.right]: addEdges(graph, right, border),
    [rifeTensors.time]: addNode(graph, 'Expand', [time, whole]),
  });
  const inside = { top: 0, left: 0, height, width };
  const flow = addCrop(graph, estimated[rifeTensors.flow]!, inside);
  const mask = addCrop(graph, estimated[rifeTensors.mask]!, inside);

  const leftFlow = addChannels(graph, flow, 0, 2);
  const rightFlow = addChannels(graph, flow, 2, 4);
  addWarp(graph, addWarpSource(graph, left), leftFlow, 'left-warped');
  addWarp(graph, addWarpSource(graph, right), rightFlow, 'right-warped');
  const gate = addMotionGate(graph, {
    ...{ left, right, leftFlow, rightFlow, mask, time },
    leftWarped: 'left-warped',
    rightWarped: 'right-warped',
    longerSide: Math.max(width, height),
  });
  const side = 2 * stillMargin + 1;
  const standing = addNode(graph, 'MaxPool', [still], {
    kernel_shape: [side, side],
    pads: [stillMargin, stillMargin, stillMargin, stillMargin],
  });
  const moving = addNode(graph, 'Sub', [addScalar(graph, 'one', 1), standing]);
  const trust = addNode(graph, 'Mul', [gate.trust, moving]);

  addNode(graph, 'Concat', [flow, gate.leftShare, trust], { axis: 1 }, 'planes');
  addOutput(graph, 'planes', 'float32', [1, motionPlanes.length, height, width]);
  return graph;
}
