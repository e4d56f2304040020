/**
 * Draws what is seen between the lips: the cavity, the tongue, the lower teeth on the jaw, the upper teeth on the skull, and
 * the shadow that the lips cast on them. Where a photograph shows the real thing, that is drawn.
 */
import type { SkullPlane } from '../rig/deform.ts';
import type { Rig } from '../rig/rig.ts';
import { colourAt, type Rgb } from './cutting.ts';
import { spanOf } from './eye.ts';
import { gapOf, lipCurves, type MouthTexture } from './mouth-texture.ts';
import { bottomAt, depthIn, type Opening, topAt } from './opening.ts';
import { smoothStep } from '../smooth-step.ts';
import type { Canvas } from './raster.ts';

/** Centimetres from the middle to the edges of the upper teeth, one side. */
const toothEdges = [0, 0.42, 0.76, 1.12, 1.45, 1.75] as const;
/** Half the width of the row of upper teeth, centimetres. */
const archWidth = 2.3;

export interface MouthState {
  /** How far the jaw, and the lower teeth with it, have gone down, centimetres. */
  readonly drop: number;
  readonly tongue: number;
  /** Random numbers in -1..1, 64 x 64, for the grain. */
  readonly noise: Float32Array;
}

export function drawMouth(
  canvas: Canvas,
  mouth: MouthTexture,
  rig: Rig,
  points: Float64Array,
  plane: SkullPlane,
  state: MouthState,
): void {
  const opening = lipCurves(points, plane.now);
  const middle = (opening.left + opening.right) / 2;
  const gap = gapOf(opening);
  const { seen } = mouth;
  const changed = Math.abs(gap - mouth.gap);
  const show = seen?.gap === mouth.gap ? smoothStep(0.01, 0.08, changed) : smoothStep(0.04, 0.14, gap - mouth.gap);
  if (show <= 0) return;
  const { rgb, width } = canvas;
  const { scale } = rig.pose;
  const colour: Rgb = [0, 0, 0];
  const at: [number, number] = [0, 0];
  const scene = { mouth, opening, gap, middle, state, scale };
  const frame = plane.now;
  const determinant = frame.rightX * frame.downY - frame.rightY * frame.downX;
  const reach: [number, number] = [Math.min(...opening.top), Math.max(...opening.bottom)];
  const { x0, y0, x1, y1 } = spanOf(frame, [opening.left, opening.right], reach, canvas);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const [px, py] = [x - frame.x, y - frame.y];
      const u = (px * frame.downY - py * frame.downX) / determinant;
      const v = (py * frame.rightX - px * frame.rightY) / determinant;
      const depth = rounded(opening, middle, gap, u, depthIn(opening, u, v));
      if (depth * scale < -0.7) continue;
      paint(scene, u, v, Math.max(0, depth), colour);
      const grain = mouth.grain * state.noise[((y & 63) << 6) | (x & 63)]!;
      for (let c = 0; c < 3; c++) colour[c]! += grain;
      if (seen !== undefined) {
        const { plane: from, opening: theirs } = seen;
        // Above the teeth that are seen there are more of them: a lip that rises shows no gap.
        const sv = Math.max(v, Math.min(topAt(theirs, u) + 0.06, bottomAt(theirs, u)));
        const share = smoothStep(-0.02, 0.06, depthIn(theirs, u, sv));
        if (share > 0) {
          at[0] = from.x + u * from.rightX + sv * from.downX;
          at[1] = from.y + u * from.rightY + sv * from.downY;
          const real = colourAt(seen.photo, at[0], at[1], [0, 0, 0]);
          for (let c = 0; c < 3; c++) colour[c]! += share * (Math.min(255, real[c]! * seen.gain[c]!) - colour[c]!);
        }
      }
      const share = smoothStep(-0.7, 0.9, depth * scale) * show;
      const o = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) rgb[o + c] = rgb[o + c]! + share * (colour[c]! - rgb[o + c]!);
    }
  }
}

/** An open mouth has round corners, whatever its points say: what they leave shows the lips themselves. */
function rounded({ left, right }: Opening, middle: number, gap: number, u: number, depth: number): number {
  const half = Math.max(0.2, u < middle ? middle - left : right - middle);
  const side = Math.min(1, Math.abs(u - middle) / half);
  return depth - 0.3 * gap * (1 - Math.sqrt(1 - side * side)) * smoothStep(0.3, 0.9, gap);
}

interface Scene {
  readonly mouth: MouthTexture;
  readonly opening: Opening;
  readonly gap: number;
  readonly middle: number;
  readonly state: MouthState;
  readonly scale: number;
}

function paint(
  { mouth, opening, gap, middle, state, scale }: Scene,
  u: number,
  v: number,
  depth: number,
  out: Rgb,
): void {
  const pixel = 1 / scale;
  // In a turned head the far half is short.
  const half = Math.max(0.4, u < middle ? middle - opening.left : opening.right - middle);
  const side = Math.min(1.2, Math.abs(u - middle) / half);
  const arch = 0.18 * side * side;
  const into = (colour: Rgb, light: number, share: number): void => {
    for (let c = 0; c < 3; c++) out[c] = out[c]! + share * (colour[c]! * light - out[c]!);
  };
  const edgeLight = 1 + 0.6 * Math.exp(-depth / 0.15);
  for (let c = 0; c < 3; c++) out[c] = mouth.cavity[c]! * edgeLight;
  const floor = state.drop + mouth.gap;
  const tall = Math.max(0.25, 0.5 * gap);
  const raised = 0.6 * state.tongue;
  const tongue =
    (1 - smoothStep(0.55, 1.05, Math.hypot(side / 0.78, (v - floor - 0.12 + raised) / tall))) *
    smoothStep(0.25, 0.6, gap);
  if (tongue > 0) {
    const lit = 0.52 + 0.45 * smoothStep(floor - tall, floor, v) - 0.12 * Math.exp(-((side / 0.08) ** 2));
    into(mouth.tongue, lit, 0.9 * tongue);
  }
  const lowerEdge = floor - 0.18 + 2 * arch;
  const lower =
    smoothStep(lowerEdge - pixel, lowerEdge + pixel, v) * (1 - smoothStep(0.5, 0.8, side)) * smoothStep(0.8, 1.4, gap);
  if (lower > 0) into(mouth.teeth, 0.66, 0.5 * lower * (1 - tongue * 0.5));
  // The row of teeth is as wide as a row of teeth, whatever the lips do.
  const row = Math.abs(u - middle) / archWidth;
  const along = Math.abs(u - middle);
  let groove = 0;
  let tip = 0;
  for (let k = 0; k < toothEdges.length; k++) {
    const from = toothEdges[k]!;
    groove = Math.max(groove, Math.exp(-((along - from) ** 2) / (2 * (0.03 + 0.4 * pixel) ** 2)));
    const to = toothEdges[k + 1];
    if (to !== undefined && along >= from && along < to) tip = Math.abs((2 * along - from - to) / (to - from));
  }
  const edge = 0.36 - 0.12 * row * row - 0.06 * tip * tip;
  const upper =
    (1 - smoothStep(edge - 0.8 * pixel - 0.02, edge + 0.8 * pixel + 0.02, v)) * (1 - smoothStep(0.55, 0.98, side));
  if (upper > 0) {
    const light =
      (1 - 0.4 * Math.min(1, row) ** 1.5) *
      (0.82 + 0.18 * smoothStep(-0.1, 0.3, v)) *
      (1 - 0.13 * groove) *
      (0.84 + 0.16 * smoothStep(0.1, 0.8, gap));
    into(mouth.teeth, light, 0.9 * upper);
  }
  // The lower lip rolls outwards as the mouth opens: a rim of its inside is seen.
  const rim = Math.min(0.16, 0.3 * gap);
  const inner = (1 - smoothStep(0.3 * rim, rim, bottomAt(opening, u) - v)) * (1 - smoothStep(0.75, 1, side));
  if (inner > 0) into(mouth.lip, 1, 0.85 * inner);
  const shade = 1 - (upper > 0 ? 0.6 - 0.28 * upper : 0.6) * (1 - 0.8 * inner) * Math.exp(-depth / 0.1);
  for (let c = 0; c < 3; c++) out[c] = Math.max(0, Math.min(255, out[c]! * shade));
}
