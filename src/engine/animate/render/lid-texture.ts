/**
 * Skin to close an eye with: from the lid, the brow and the cheek around it, or from another photograph of the same person with
 * closed eyes, lashes and all.
 */
import { eyeAspectRatio } from '../face/eye-aspect-ratio.ts';
import type { Box } from '../face/face.ts';
import { eyeRegions } from '../face/regions.ts';
import type { Picture } from '../../picture.ts';
import type { Rig } from '../rig/rig.ts';
import { colourAt, cutOut, lumaOf, type Rgb } from './cutting.ts';
import { fillSmoothly } from './fill.ts';
import type { RiggedPhoto } from './mouth-texture.ts';
import { boxBlur } from './planes.ts';
import { smoothStep } from '../smooth-step.ts';

export interface LidTexture {
  readonly box: Box;
  readonly skin: Picture;
  /** Where the skin may be laid, 0 to 1. */
  readonly alpha: Float32Array;
  readonly lash: Rgb;
  /** A closed eye, with its own lashes. */
  readonly isReal: boolean;
}

/**
 * Shares of an eye's width around the opening that hold lashes, liner and the model's error: above, below. The skin above is
 * nearer to a lid's than the shadow below.
 */
const lashMargin = [0.14, 0.2] as const;

/** Share of the way from the colour around the eye to the cheek's. */
const cheekShare = 0.45;

/** Share of the cheek's grain: cracks and pores are finer on a lid. */
const grainShare = 0.6;

/** Eyes less open than this are shut: their aspect ratio. */
const shutEye = 0.13;

/** Skin drawn over the opening from the lid, the brow and the cheek, with the cheek's own grain. */
export function lidSkin(
  { photo, rig }: RiggedPhoto,
  eye: {
    readonly side: 0 | 1;
    readonly box: Box;
    readonly widthPx: number;
    /** Depth of a place in the opening, pixels. */
    readonly inside: (x: number, y: number) => number;
  },
  lenders: readonly RiggedPhoto[],
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
      const [from, to] = isAbove ? [-0.2, -0.01] : [-0.11, -0.01];
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
  const shut = lenders.find((lender) => eyeAspectRatio(lender.rig.face.eyes[eye.side], eye.side) < shutEye);
  if (shut !== undefined) lendLid(data, { box, alpha, rig, side: eye.side }, shut);
  return {
    box,
    skin: { width: box.width, height: box.height, data },
    alpha,
    lash: lashColour(photo, rig, eye.side, widthPx),
    isReal: shut !== undefined,
  };
}

/** Middle of an eye in a rig's picture. */
function eyeMiddle({ rest }: Rig, side: 0 | 1): readonly [number, number] {
  const { outer, inner } = eyeRegions[side];
  return [(rest[3 * outer]! + rest[3 * inner]!) / 2, (rest[3 * outer + 1]! + rest[3 * inner + 1]!) / 2];
}

/** Writes the closed eye of another photograph over the skin, laid corner to corner and brought to this one's brightness. */
function lendLid(
  data: Uint8Array,
  {
    box,
    alpha,
    rig,
    side,
  }: { readonly box: Box; readonly alpha: Float32Array; readonly rig: Rig; readonly side: 0 | 1 },
  lender: RiggedPhoto,
): void {
  const [mx, my] = eyeMiddle(rig, side);
  const [ox, oy] = eyeMiddle(lender.rig, side);
  const [scale, theirs] = [rig.pose.scale, lender.rig.pose.scale];
  const colour: Rgb = [0, 0, 0];
  const lent = new Float32Array(data.length);
  const sums = [0, 0, 0, 0, 0, 0];
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const [px, py] = [(x + box.x - mx) / scale, (y + box.y - my) / scale];
      const u = px * rig.across[0] + py * rig.across[1];
      const v = px * rig.down[0] + py * rig.down[1];
      const { across, down } = lender.rig;
      colourAt(
        lender.photo,
        ox + theirs * (u * across[0] + v * down[0]),
        oy + theirs * (u * across[1] + v * down[1]),
        colour,
      );
      const i = y * box.width + x;
      for (let c = 0; c < 3; c++) {
        lent[3 * i + c] = colour[c]!;
        if (alpha[i]! >= 0.5) continue;
        sums[c]! += data[3 * i + c]!;
        sums[3 + c]! += colour[c]!;
      }
    }
  }
  for (let i = 0; i < lent.length; i++) {
    const gain = Math.max(0.5, Math.min(2, sums[i % 3]! / Math.max(1, sums[3 + (i % 3)]!)));
    data[i] = Math.max(0, Math.min(255, Math.round(lent[i]! * gain)));
  }
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
