/**
 * An eye taken apart: the eyeball with its iris taken out, the iris completed under the lids, and clean lid skin to close it
 * with. Everything comes from the photograph's own pixels.
 */
import type { Box } from '../face/face.ts';
import { eyeRegions } from '../face/regions.ts';
import type { Picture } from '../picture.ts';
import { type PlaneFrame, skullPlane, toPlane } from '../rig/deform.ts';
import { headAtRest } from '../motion/track.ts';
import type { Rig } from '../rig/rig.ts';
import { toHead } from '../face/pose.ts';
import { colourAt, cutOut, lumaOf, type Rgb } from './cutting.ts';
import { fillSmoothly } from './fill.ts';
import { depthIn, type Opening, openingBetween, type Point } from './opening.ts';
import { boxBlur, smoothStep } from './planes.ts';

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

export interface LidTexture {
  readonly box: Box;
  readonly skin: Picture;
  /** Where the skin may be laid, 0 to 1. */
  readonly alpha: Float32Array;
  readonly lash: Rgb;
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

const rest = { head: headAtRest, loose: headAtRest, breath: 0 };

export function takeEyeApart(photo: Picture, rig: Rig, side: 0 | 1): EyeTexture {
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
  const radius = eye.irisRadius;
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
    lid: lidSkin(photo, rig, { side, box, widthPx, inside }),
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

/** Shares of an eye's width around the opening that hold lashes, liner and the model's error: above, below. */
const lashMargin = [0.15, 0.1] as const;

/** Share of the way from the colour around the eye to the cheek's. */
const cheekShare = 0.3;

/** Share of the cheek's grain: cracks and pores are finer on a lid. */
const grainShare = 0.6;

/** Skin drawn over the opening from the lid, the brow and the cheek, with the cheek's own grain. */
function lidSkin(
  photo: Picture,
  rig: Rig,
  eye: {
    readonly side: 0 | 1;
    readonly box: Box;
    readonly widthPx: number;
    readonly inside: (x: number, y: number) => number;
  },
): LidTexture {
  const { widthPx, inside } = eye;
  const margin = Math.ceil(0.25 * widthPx);
  const box = {
    x: eye.box.x - margin,
    y: eye.box.y - margin,
    width: eye.box.width + 2 * margin,
    height: eye.box.height + 2 * margin,
  };
  const cut = cutOut(photo, box);
  const { outer, inner } = eyeRegions[eye.side];
  const [dx, dy] = rig.down;
  const cx = (rig.rest[3 * outer]! + rig.rest[3 * inner]!) / 2;
  const cy = (rig.rest[3 * outer + 1]! + rig.rest[3 * inner + 1]!) / 2;
  const alpha = new Float32Array(box.width * box.height);
  const known = new Uint8Array(alpha.length);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const [px, py] = [x + box.x, y + box.y];
      const isAbove = (px - cx) * dx + (py - cy) * dy < 0;
      const depth = inside(px, py);
      known[y * box.width + x] = depth < -(isAbove ? lashMargin[0] : lashMargin[1]) * widthPx ? 1 : 0;
      const [from, to] = isAbove ? [-0.16, -0.03] : [-0.09, -0.02];
      alpha[y * box.width + x] = smoothStep(from * widthPx, to * widthPx, depth);
    }
  }
  if (!known.includes(1)) known.fill(1);
  const filled = fillSmoothly(cut, known).data;
  const beside = { ...box, x: Math.round(box.x + 0.75 * widthPx * dx), y: Math.round(box.y + 0.75 * widthPx * dy) };
  const cheek = cutOut(photo, beside).data;
  const data = new Uint8Array(cut.data.length);
  for (let c = 0; c < 3; c++) {
    const plane = (from: Uint8Array): Float32Array => Float32Array.from(alpha, (_, i) => from[3 * i + c]!);
    const colour = boxBlur(plane(filled), box.width, box.height, Math.max(1, 0.03 * widthPx));
    const skin = plane(cheek);
    const even = boxBlur(skin, box.width, box.height, 2);
    // Paint round an eye is shadow: a lid that is all of it would be a hole. The cheek lends it some light.
    const light = (0.93 * skin.reduce((sum, value) => sum + value, 0)) / skin.length;
    for (let i = 0; i < alpha.length; i++) {
      const grain = grainShare * Math.max(-10, Math.min(10, skin[i]! - even[i]!));
      data[3 * i + c] = Math.max(
        0,
        Math.min(255, Math.round(colour[i]! + cheekShare * Math.max(0, light - colour[i]!) + grain)),
      );
    }
  }
  return {
    box,
    skin: { width: box.width, height: box.height, data },
    alpha,
    lash: lashColour(photo, rig, eye.side, widthPx),
  };
}

/** The dark quarter of what lies along the edge of the upper lid. */
function lashColour(photo: Picture, rig: Rig, side: 0 | 1, widthPx: number): Rgb {
  const { upper } = eyeRegions[side];
  const colours: Rgb[] = [];
  for (let k = 0; k < 42; k++) {
    const v = upper[k % upper.length]!;
    const away = ((k % 6) - 2.5) * 0.02 * widthPx;
    const [x, y] = [rig.rest[3 * v]! + away * rig.down[0], rig.rest[3 * v + 1]! + away * rig.down[1]];
    colours.push([...colourAt(photo, x, y, [0, 0, 0])]);
  }
  const dark = colours.sort((a, b) => lumaOf(a) - lumaOf(b)).slice(0, 10);
  return [0, 1, 2].map((c) => dark.reduce((sum, colour) => sum + colour[c]!, 0) / dark.length) as Rgb;
}
