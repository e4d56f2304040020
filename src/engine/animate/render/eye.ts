/**
 * Draws one eye between the lids where they are now. Where the photograph shows the eyeball the result is the photograph plus
 * the difference that the gaze makes: an eye at rest is not touched and the catch-light stays.
 */
import type { Gaze } from '../motion/track.ts';
import { fromPlane, type PlaneFrame, type SkullPlane, toPlane } from '../rig/deform.ts';
import type { Rig } from '../rig/rig.ts';
import { colourAt, type Rgb } from './cutting.ts';
import { type EyeTexture, lidCurves } from './eye-texture.ts';
import { depthIn, type Opening, topAt } from './opening.ts';
import { smoothStep } from '../smooth-step.ts';
import type { Canvas } from './raster.ts';

/** Radius of an eyeball against its iris's. */
const ballToIris = 2.05;
/** The iris never goes further than this many of its radii. */
const mostShift = 0.95;

interface Span {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The part of the canvas over u, v ranges of a plane. */
export function spanOf(
  frame: PlaneFrame,
  [u0, u1]: readonly [number, number],
  [v0, v1]: readonly [number, number],
  { width, height }: Canvas,
): Span {
  const corners = [
    [u0, v0],
    [u1, v0],
    [u0, v1],
    [u1, v1],
  ].map(([u, v]) => fromPlane(frame, u!, v!, [0, 0]));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    x0: Math.max(0, Math.floor(Math.min(...xs)) - 1),
    y0: Math.max(0, Math.floor(Math.min(...ys)) - 1),
    x1: Math.min(width - 1, Math.ceil(Math.max(...xs)) + 1),
    y1: Math.min(height - 1, Math.ceil(Math.max(...ys)) + 1),
  };
}

export interface EyeState {
  /** 1 shut, 0 as in the photograph, below 0 wide. */
  readonly closure: number;
  readonly gaze: Gaze;
}

/** @param points the rig's points now. @param plane how the plane of the eye moved. */
export function drawEye(
  canvas: Canvas,
  eye: EyeTexture,
  rig: Rig,
  points: Float64Array,
  plane: SkullPlane,
  { closure, gaze }: EyeState,
): void {
  const looks = Math.hypot(gaze.x, gaze.y) > 0.05;
  if (closure === 0 && !looks) return;
  const opening = lidCurves(points, eye.side, plane.now);
  if (closure > 0) drawLid(canvas, eye, plane, closure);
  drawBall(canvas, eye, rig, opening, plane, { closure, gaze });
  if (closure > 0) drawLash(canvas, eye, rig, opening, plane.now, closure);
}

function mix(rgb: Uint8ClampedArray, o: number, colour: Rgb, share: number): void {
  for (let c = 0; c < 3; c++) rgb[o + c] = rgb[o + c]! + share * (colour[c]! - rgb[o + c]!);
}

function drawLid({ rgb, width, height }: Canvas, eye: EyeTexture, plane: SkullPlane, closure: number): void {
  const on = 0.94 * smoothStep(0.05, 0.3, closure);
  const { box, skin, alpha } = eye.lid;
  const at: [number, number] = [0, 0];
  const corners = [
    [box.x, box.y],
    [box.x + box.width, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
  ].map(([x, y]) => {
    toPlane(plane.rest, x!, y!, at);
    return fromPlane(plane.now, at[0], at[1], [0, 0]);
  });
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const colour: Rgb = [0, 0, 0];
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y <= Math.min(height - 1, Math.max(...ys)); y++) {
    for (let x = Math.max(0, Math.floor(Math.min(...xs))); x <= Math.min(width - 1, Math.max(...xs)); x++) {
      toPlane(plane.now, x, y, at);
      fromPlane(plane.rest, at[0], at[1], at);
      const lx = at[0] - box.x;
      const ly = at[1] - box.y;
      if (lx < 0 || ly < 0 || lx > box.width - 1 || ly > box.height - 1) continue;
      const share = alpha[Math.round(ly) * box.width + Math.round(lx)]! * on;
      if (share > 0.003) mix(rgb, (y * width + x) * 3, colourAt(skin, lx, ly, colour), share);
    }
  }
}

function drawBall(
  canvas: Canvas,
  eye: EyeTexture,
  rig: Rig,
  opening: Opening,
  plane: SkullPlane,
  { closure, gaze }: EyeState,
): void {
  // A shut eye shows no white, whatever the curves say.
  const seal = 1 - smoothStep(0.86, 0.98, closure);
  if (seal <= 0) return;
  const { rgb, width } = canvas;
  const { box, irisCentre, irisRadius: radius, photo, white, iris, aperture } = eye;
  const { scale } = rig.pose;
  const turn = (degrees: number): number => {
    const shift = ballToIris * Math.sin((degrees * Math.PI) / 180);
    return radius * Math.max(-mostShift, Math.min(mostShift, shift));
  };
  const [ax, ay] = rig.across;
  const [dx, dy] = rig.down;
  const [gu, gv] = [turn(gaze.x), turn(gaze.y)];
  const gx = gu * ax + gv * dx;
  const gy = gu * ay + gv * dy;
  const shadow = 0.16 * eye.width;
  const dark = 0.42 * smoothStep(0.05, 0.8, closure);
  const at: [number, number] = [0, 0];
  const [seen, plain, moved, still]: [Rgb, Rgb, Rgb, Rgb] = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  const irisShare = (x: number, y: number): number =>
    1 - smoothStep(1.02 * radius, 1.22 * radius, Math.hypot(x - irisCentre[0], y - irisCentre[1]));
  const reach: [number, number] = [Math.min(...opening.top) - 0.1, Math.max(...opening.bottom) + 0.1];
  const { x0, y0, x1, y1 } = spanOf(plane.now, [opening.left, opening.right], reach, canvas);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      toPlane(plane.now, x, y, at);
      const [u, v] = at;
      const depth = depthIn(opening, u, v) * scale;
      if (depth < -0.6) continue;
      fromPlane(plane.rest, u, v, at);
      const [rx, ry] = [at[0] - box.x, at[1] - box.y];
      if (rx < 0 || ry < 0 || rx > box.width - 1 || ry > box.height - 1) continue;
      const shown = aperture[Math.round(ry) * box.width + Math.round(rx)]!;
      colourAt(photo, rx, ry, seen);
      colourAt(white, rx, ry, plain);
      colourAt(iris, rx - gx, ry - gy, moved);
      colourAt(iris, rx, ry, still);
      const here = irisShare(at[0] - gx, at[1] - gy);
      const before = irisShare(at[0], at[1]);
      const light = dark > 0 ? 1 - dark * Math.exp(-Math.max(0, v - topAt(opening, u)) / shadow) : 1;
      const share = smoothStep(-0.6, 0.7, depth) * seal;
      const o = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) {
        const now = plain[c]! + here * (moved[c]! - plain[c]!);
        const base = plain[c]! + before * (still[c]! - plain[c]!);
        const value = (now + shown * (seen[c]! - base)) * light;
        rgb[o + c] = rgb[o + c]! + share * (value - rgb[o + c]!);
      }
    }
  }
}

/** A soft dark stroke along the edge of the upper lid, fading at both ends. */
function drawLash(
  canvas: Canvas,
  eye: EyeTexture,
  { pose: { scale } }: Rig,
  opening: Opening,
  plane: PlaneFrame,
  closure: number,
): void {
  // A lid from a photograph of closed eyes has its own, and needs one only on its way.
  const drawn = eye.lid.isReal ? 1 - smoothStep(0.7, 0.95, closure) : 1;
  const on = 0.95 * smoothStep(0.08, 0.4, closure) * drawn;
  const thick = Math.max(0.55 / scale, 0.042 * eye.width);
  const at: [number, number] = [0, 0];
  const reach: [number, number] = [Math.min(...opening.top) - 3 * thick, Math.max(...opening.top) + 3 * thick];
  const { x0, y0, x1, y1 } = spanOf(plane, [opening.left, opening.right], reach, canvas);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      toPlane(plane, x, y, at);
      const along = (at[0] - opening.left) / (opening.right - opening.left);
      if (along < 0 || along > 1) continue;
      const away = (at[1] - topAt(opening, at[0])) / thick;
      const share = on * Math.exp(-away * away) * smoothStep(0, 0.12, along) * smoothStep(0, 0.12, 1 - along);
      if (share > 0.01) mix(canvas.rgb, (y * canvas.width + x) * 3, eye.lid.lash, share);
    }
  }
}
