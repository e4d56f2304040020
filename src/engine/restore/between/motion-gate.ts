/**
 * How far to trust estimated motion, as a piece of graph: RIFE's own mask and flow are judged by what they do to the
 * pictures, so that a frame between never shows motion nobody has seen.
 *
 * - The share of each neighbour leans towards the plain `1 - t` where the two warped neighbours agree, and only in part
 *   towards RIFE's mask where they do not: averaging removes noise that choosing one side keeps.
 * - Trust weighs the warped pictures against a plain blend: `1 / (1 + s + r⁴ + d⁴ + 3 v + 64 r² / (m + 1/4)) * b / (b + 2)`.
 *   b is the local mean square difference of the neighbours as they are, and r that of the two warped pictures over b; s
 *   is the same without the places that the mask gives to one side alone (hidden in the other). The linear term is what
 *   inverse variance asks for, the fourth power ends the attempt where warping made things worse. d is the displacement
 *   in fifths of the picture's longer side: wrong flow fetches what agrees from far away. v is how much of the motion in
 *   a small neighbourhood its mean does not explain. m is the local mean square displacement in pixels: where next to
 *   nothing moves and yet the pictures do not agree, they change for another reason. The last factor leaves pixels alone
 *   that do not change at all.
 *
 * The constants were chosen on every other triplet of six clips and five of ffmpeg's sources, with every second frame
 * removed and rebuilt; `npm run bench` measures them. They gain 0.27 dB on average over RIFE's own output on the clips.
 */
import { addIntegers, addNode, type OnnxGraph } from '../../model/import/onnx-graph.ts';
import { addLocalMean, addScalar } from '../picture-graph.ts';

/** Share of RIFE's mask that is followed where the warped neighbours disagree. */
const maskShare = 0.6;
/** Disagreement, in squared levels, at which half of that share is reached. */
const maskDisagreement = 16 ** 2;
const maskRadius = 2;
const trustRadius = 8;
/** Squared levels of change at which half of a frame between is still a plain blend. */
const stillLevel = 2;
/** Displacement between the neighbours that is doubted, as a share of the longer side. */
const farShare = 0.2;
const roughRadius = 2;
const roughWeight = 3;
const motionlessWeight = 64;
/** Squared pixels. */
const motionlessSpeed = 1 / 4;

/** Names of tensors, float32; pictures 1 x 3 x H x W in 0..1, flows 1 x 2 x H x W in pixels, mask 1 x 1 x H x W in 0..1. */
export interface EstimatedMotion {
  readonly left: string;
  readonly right: string;
  readonly leftWarped: string;
  readonly rightWarped: string;
  readonly leftFlow: string;
  readonly rightFlow: string;
  readonly mask: string;
  /** One value, 0..1. */
  readonly time: string;
  /** Of the pictures' sides. */
  readonly longerSide: number;
}

/** Adds the weight of the left neighbour and the trust in both, each 1 x 1 x H x W in 0..1. */
export function addMotionGate(graph: OnnxGraph, motion: EstimatedMotion): { leftShare: string; trust: string } {
  const times = (value: string, factor: number): string =>
    addNode(graph, 'Mul', [value, addScalar(graph, 'factor', factor)]);
  const plus = (value: string, term: number): string => addNode(graph, 'Add', [value, addScalar(graph, 'term', term)]);
  const minus = (from: string, value: string): string => addNode(graph, 'Sub', [from, value]);
  const over = (value: string, divisor: string): string => addNode(graph, 'Div', [value, divisor]);
  const product = (a: string, b: string): string => addNode(graph, 'Mul', [a, b]);
  const square = (value: string): string => product(value, value);
  const oneMinus = (value: string): string => minus(addScalar(graph, 'one', 1), value);
  const around = (value: string, radius: number): string => addLocalMean(graph, value, radius);
  const sumOfSquares = (value: string): string =>
    addNode(graph, 'ReduceSum', [square(value), addIntegers(graph, 'axis', [1])]);
  /** Mean square difference over the channels, in squared levels. */
  const difference = (a: string, b: string): string => times(sumOfSquares(minus(a, b)), 255 ** 2 / 3);

  const { mask, time, longerSide } = motion;
  const ofWarped = difference(motion.leftWarped, motion.rightWarped);

  const plainShare = oneMinus(time);
  const near = around(ofWarped, maskRadius);
  const disagreement = over(near, plus(near, maskDisagreement));
  const lean = product(times(disagreement, maskShare), minus(mask, plainShare));
  const leftShare = addNode(graph, 'Add', [plainShare, lean]);

  const plain = around(difference(motion.left, motion.right), trustRadius);
  // One squared level more: where nothing differs, there is nothing to distrust.
  const floored = plus(plain, 1);
  const ratio = over(around(ofWarped, trustRadius), floored);
  // Four times m * (1 - m) is 1 where both sides are shown and 0 where one is.
  const bothShown = times(product(mask, oneMinus(mask)), 4);
  const shared = over(around(product(bothShown, ofWarped), trustRadius), floored);

  const velocity = minus(motion.rightFlow, motion.leftFlow);
  const speed = sumOfSquares(velocity);
  const far = times(speed, 1 / (farShare * longerSide) ** 2);
  const nearSpeed = around(speed, roughRadius);
  const unexplained = addNode(graph, 'Relu', [minus(nearSpeed, sumOfSquares(around(velocity, roughRadius)))]);
  const rough = over(unexplained, plus(nearSpeed, 1));
  const motionless = over(square(ratio), plus(around(speed, trustRadius), motionlessSpeed));

  // Pair by pair: the WebGPU provider has no Sum.
  const doubt = [
    square(square(ratio)),
    square(far),
    times(rough, roughWeight),
    times(motionless, motionlessWeight),
  ].reduce((sum, term) => addNode(graph, 'Add', [sum, term]), shared);
  const changing = over(plain, plus(plain, stillLevel));
  return { leftShare, trust: over(changing, plus(doubt, 1)) };
}
