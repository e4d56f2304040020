/**
 * An eye taken apart: the eyeball with its iris taken out, the iris completed under the lids, and clean lid skin to close it
 * with. Everything comes from the photograph's own pixels.
 */
import type { Box } from '../face/face.ts';
import { eyeRegions } from '../face/regions.ts';
import type { Picture } from '../../picture.ts';
import { type PlaneFrame, skullPlane, toPlane } from '../rig/deform.ts';
import { headAtRest } from '../motion/track.ts';
import type { Rig } from '../rig/rig.ts';
import { toHead } from '../face/pose.ts';
import { colourAt, cutOut, type Rgb } from './cutting.ts';
import { fillSmoothly } from './fill.ts';
import { depthIn, type Opening, openingBetween, type Point } from './opening.ts';
import { type LidTexture, lidSkin } from './lid-texture.ts';
import type { RiggedPhoto } from './mouth-texture.ts';
import { smoothStep } from '../smooth-step.ts';

export interface EyeTexture {
  readonly side: 0 | 1;
  /** In head space: the iris, as deep as the upper lid. */
  readonly at: readonly [number, number, number];
  /** Centimetres between its corners. */
  readonly width: number;
  /** In the photograph. */
  readonly box: Box;
  readonly photo: Picture;
  readonly white: Picture;
  readonly iris: Picture;
  readonly irisCentre: readonly [number, number];
  /** Pixels. */
  readonly irisRadius: number;
  /** 1 where the photograph shows the eyeball, 0 where lids cover it. */
  readonly aperture: Float32Array;
  readonly lid: LidTexture;
}

/** Lid points of an eye from the viewer's left to right, in a plane: the upper edge and the lower, both with the corners. */
export function lidCurves(points: Float64Array, side: 0 | 1, plane: PlaneFrame): Opening {
  const { outer, inner, lower, upper } = eyeRegions[side];
  const at = (point: number): Point => toPlane(plane, points[3 * point]!, points[3 * point + 1]!, [0, 0]);
  const top = [outer, ...upper, inner].map(at);
  const bottom = lower.map(at);
  // The subject's left eye runs from the viewer's right.
  return side === 0 ? openingBetween(top, bottom) : openingBetween(top.reverse(), bottom.reverse());
}

/** Of a human iris, centimetres. */
const irisRadius = 0.585;

const rest = { head: headAtRest, loose: headAtRest, breath: 0 };

/** @param lenders other photographs of the person: closed eyes in one of them lend their lids. */
export function takeEyeApart(photo: Picture, rig: Rig, side: 0 | 1, lenders: readonly RiggedPhoto[]): EyeTexture {
  const { outer, inner, lower, upper } = eyeRegions[side];
  const eye = rig.face.eyes[side];
  const { scale } = rig.pose;
  const points = [...lower, ...upper].map((v) => [rig.rest[3 * v]!, rig.rest[3 * v + 1]!] as const);
  const widthPx = Math.hypot(
    rig.rest[3 * outer]! - rig.rest[3 * inner]!,
    rig.rest[3 * outer + 1]! - rig.rest[3 * inner + 1]!,
  );
  const depth = rig.rest[3 * upper[3]! + 2]!;
  const at = toHead(rig.pose, Float64Array.of(eye.iris[0], eye.iris[1], depth));
  const plane = skullPlane(rig, rest, [at[0]!, at[1]!, at[2]!]).rest;
  const opening = lidCurves(rig.rest, side, plane);
  const margin = Math.ceil(0.3 * widthPx);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const x0 = Math.floor(Math.min(...xs)) - margin;
  const y0 = Math.floor(Math.min(...ys)) - margin;
  const box = {
    x: x0,
    y: y0,
    width: Math.ceil(Math.max(...xs)) + margin - x0 + 1,
    height: Math.ceil(Math.max(...ys)) + margin - y0 + 1,
  };
  const cut = cutOut(photo, box);
  const uv: [number, number] = [0, 0];
  const inside = (x: number, y: number): number => {
    toPlane(plane, x, y, uv);
    return depthIn(opening, uv[0], uv[1]) * scale;
  };
  const ink = Math.max(0.8, 0.02 * widthPx);
  const [ix, iy] = eye.iris;
  // On paintings the network may be off by a quarter; irises hardly differ from person to person.
  const typical = irisRadius * scale;
  const radius = Math.min(1.2 * typical, Math.max(0.8 * typical, eye.irisRadius));
  const aperture = new Float32Array(box.width * box.height);
  const known = new Uint8Array(aperture.length);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const i = y * box.width + x;
      const depthHere = inside(x + x0, y + y0);
      aperture[i] = smoothStep(-0.2, 1.5 * ink, depthHere);
      known[i] = depthHere > ink && Math.hypot(x + x0 - ix, y + y0 - iy) > 1.25 * radius ? 1 : 0;
    }
  }
  // An eye with no white to see: what there is between the lids will have to do.
  if (known.reduce((sum, value) => sum + value, 0) < 6)
    aperture.forEach((value, i) => (known[i] = value > 0.6 ? 1 : 0));
  if (!known.includes(1)) known.fill(1);
  return {
    side,
    at: [at[0]!, at[1]!, at[2]!],
    width: widthPx / scale,
    box,
    photo: cut,
    white: fillSmoothly(cut, known),
    iris: completeIris(cut, box, { ix, iy, radius }, (x, y) => inside(x, y) > 0.8 * ink),
    irisCentre: [ix, iy],
    irisRadius: radius,
    aperture,
    lid: lidSkin({ photo, rig }, { side, box, widthPx, inside }, lenders),
  };
}

/** The iris as far as the lids show it, the rest mirrored across its own middle. */
function completeIris(
  cut: Picture,
  box: Box,
  { ix, iy, radius }: { readonly ix: number; readonly iy: number; readonly radius: number },
  isSeen: (x: number, y: number) => boolean,
): Picture {
  const data = new Uint8Array(cut.data.length);
  const colour: Rgb = [0, 0, 0];
  const mirrors = [
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const;
  const source = (dx: number, dy: number): readonly [number, number] => {
    for (const [mx, my] of mirrors) if (isSeen(ix + mx * dx, iy + my * dy)) return [ix + mx * dx, iy + my * dy];
    for (let k = 0.9; k > 0.1; k -= 0.1) {
      for (const my of [1, -1]) if (isSeen(ix + k * dx, iy + my * k * dy)) return [ix + k * dx, iy + my * k * dy];
    }
    return [ix, iy];
  };
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const dx = x + box.x - ix;
      const dy = y + box.y - iy;
      if (Math.hypot(dx, dy) > 1.35 * radius) continue;
      const [sx, sy] = source(dx, dy);
      data.set(colourAt(cut, sx - box.x, sy - box.y, colour).map(Math.round), (y * box.width + x) * 3);
    }
  }
  return { width: box.width, height: box.height, data };
}
