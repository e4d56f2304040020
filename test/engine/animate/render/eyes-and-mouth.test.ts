/** What is drawn between lids and lips, on a painted portrait: each test looks at the pixels that a member would look at. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { findFaces } from '../../../../src/engine/animate/face/find-faces.ts';
import { eyeRegions, lips } from '../../../../src/engine/animate/face/regions.ts';
import type { MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import { loadPhoto } from '../../../../src/engine/media/photo.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import {
  drawFace,
  type FaceLayer,
  makeFaceLayer,
  makePictures,
  movingBox,
} from '../../../../src/engine/animate/render/face-layer.ts';
import { paintedPortrait } from '../../../photographs.ts';
import { type FaceBench, openFaceBench } from '../face/face-test.ts';

let bench: FaceBench;
let photo: Picture;
let face: Face;
let layer: FaceLayer;

const noise = new Float32Array(64 * 64);
const setting = (lenders: FaceLayerLenders = []) => ({ face, reach: 26, lenders });
type FaceLayerLenders = Parameters<typeof makeFaceLayer>[2]['lenders'];

beforeAll(async () => {
  bench = await openFaceBench();
  ({ photo } = await loadPhoto(await paintedPortrait(), { longestSide: 900 }));
  face = (await findFaces(photo, bench.networks))[0]!;
  layer = layerWith([]);
});

afterAll(() => bench.close());

function layerWith(lenders: FaceLayerLenders): FaceLayer {
  const { canonical } = bench.networks;
  const box = movingBox(photo, canonical, setting());
  const pictures = makePictures(photo, canonical, setting(), new Float32Array(box.width * box.height).fill(1));
  return makeFaceLayer(photo, canonical, setting(lenders), pictures);
}

function drawn(motion: MotionFrame, of = layer): { readonly rgb: Uint8ClampedArray; readonly mesh: Float64Array } {
  const rgb = new Uint8ClampedArray(photo.data);
  const { mesh } = drawFace({ width: photo.width, height: photo.height, rgb }, of, motion, noise);
  return { rgb, mesh };
}

type Place = readonly [x: number, y: number];
const luma = (rgb: ArrayLike<number>, [x, y]: Place): number => {
  const i = (Math.round(y) * photo.width + Math.round(x)) * 3;
  return 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
};
const redness = (rgb: ArrayLike<number>, [x, y]: Place): number => {
  const i = (Math.round(y) * photo.width + Math.round(x)) * 3;
  return rgb[i]! / Math.max(1, rgb[i + 2]!);
};
const at = (mesh: Float64Array, vertex: number): Place => [mesh[3 * vertex]!, mesh[3 * vertex + 1]!];
const between = (a: Place, b: Place, share: number): Place => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
];

/** Pixels between the lids of an eye at rest. */
function aperture(side: 0 | 1): Place[] {
  const { upper, lower } = eyeRegions[side];
  const { lids } = face.eyes[side];
  return upper.slice(1, -1).flatMap((vertex, k) => {
    const [top, bottom] = [lids.get(vertex)!, lids.get(lower[k + 2]!)!];
    return [0.25, 0.4, 0.55, 0.7].map((share) => between(top, bottom, share));
  });
}

/** Where it is dark within a circle around the iris at rest: the mean place, weighed by darkness. */
function darkMiddle(rgb: ArrayLike<number>, side: 0 | 1): Place {
  const { iris, irisRadius } = face.eyes[side];
  let [sx, sy, sum] = [0, 0, 0];
  for (const [x, y] of gridAround(iris, 2.2 * irisRadius)) {
    const weight = Math.max(0, 90 - luma(rgb, [x, y]));
    sx += weight * x;
    sy += weight * y;
    sum += weight;
  }
  return [sx / sum, sy / sum];
}

function gridAround([cx, cy]: Place, reach: number): Place[] {
  const places: Place[] = [];
  for (let dy = -0.35 * reach; dy <= 0.35 * reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) places.push([cx + dx, cy + dy]);
  }
  return places;
}

describe('eyes', () => {
  test.each([0, 1] as const)('the iris of eye %s goes where the gaze goes', (side) => {
    const [right] = darkMiddle(drawn({ gaze: { x: 18, y: 0 } }).rgb, side);
    const [rest] = darkMiddle(photo.data, side);
    const [left] = darkMiddle(drawn({ gaze: { x: -18, y: 0 } }).rgb, side);
    const { irisRadius } = face.eyes[side];
    expect(right - rest).toBeGreaterThan(0.12 * irisRadius);
    expect(rest - left).toBeGreaterThan(0.12 * irisRadius);
  });

  test.each([0, 1] as const)('a shut eye %s shows skin and the line of the lashes: no iris, no white', (side) => {
    const shut = drawn({ blendshapes: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } }).rgb;
    const places = aperture(side);
    const spread = (rgb: ArrayLike<number>): number => {
      const values = places.map((place) => luma(rgb, place)).sort((a, b) => a - b);
      return values[Math.floor(0.85 * values.length)]! - values[Math.floor(0.15 * values.length)]!;
    };
    expect(spread(shut)).toBeLessThan(0.6 * spread(photo.data));
    const { upper } = eyeRegions[side];
    const { mesh } = drawn({ blendshapes: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } });
    const line = upper.slice(2, 5).map((vertex) => luma(shut, at(mesh, vertex)));
    const above = upper.slice(2, 5).map((vertex) => {
      const [x, y] = at(mesh, vertex);
      return luma(shut, [x, y - 0.25 * face.pose.scale]);
    });
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(line)).toBeLessThan(0.9 * mean(above));
  });

  test('half shut lies between: less of the eyeball, and still some', () => {
    const changed = (closure: number): number => {
      const { rgb } = drawn({ blendshapes: { eyeBlinkLeft: closure, eyeBlinkRight: closure } });
      const places = [...aperture(0), ...aperture(1)];
      return (
        places.reduce((sum, place) => sum + Math.abs(luma(rgb, place) - luma(photo.data, place)), 0) / places.length
      );
    };
    expect(changed(0.5)).toBeGreaterThan(3);
    expect(changed(0.5)).toBeLessThan(changed(1));
  });
});

describe('the mouth', () => {
  const middle = (mesh: Float64Array, share: number): Place =>
    between(at(mesh, lips.innerMiddle[0]), at(mesh, lips.innerMiddle[1]), share);

  test('open, it is dark between the lips, with paler teeth under the upper one', () => {
    const { rgb, mesh } = drawn({ blendshapes: { jawOpen: 0.6 } });
    const chin = luma(rgb, at(mesh, 199));
    expect(luma(rgb, middle(mesh, 0.6))).toBeLessThan(0.45 * chin);
    expect(luma(rgb, middle(mesh, 0.2))).toBeGreaterThan(1.5 * luma(rgb, middle(mesh, 0.6)));
  });

  test('closed, it is the painting', () => {
    const { rgb, mesh } = drawn({});
    expect(luma(rgb, middle(mesh, 0.5))).toBe(luma(photo.data, middle(mesh, 0.5)));
  });

  test('a raised tongue is seen, red, where the cavity was', () => {
    const open = drawn({ blendshapes: { jawOpen: 0.7 } });
    const tongue = drawn({ blendshapes: { jawOpen: 0.7, tongueOut: 1 } });
    const place = middle(open.mesh, 0.62);
    expect(luma(tongue.rgb, place)).toBeGreaterThan(1.3 * luma(open.rgb, place));
    expect(redness(tongue.rgb, place)).toBeGreaterThan(1.1);
  });
});

describe('another photograph of the same person', () => {
  /** The painting with its mouth open and a row of plain white in it, or with its eyes closed, as this renderer draws it. */
  function otherPhoto(motion: MotionFrame, whiten: boolean): { readonly photo: Picture; readonly face: Face } {
    const { rgb, mesh } = drawn(motion);
    const data = new Uint8Array(rgb);
    if (whiten) {
      for (let share = 0.05; share < 0.95; share += 0.02) {
        for (let along = -0.5; along <= 0.5; along += 0.02) {
          const [x, y] = between(at(mesh, 13), at(mesh, 14), share);
          const [rx] = at(mesh, lips.innerCorners[0]);
          const [lx] = at(mesh, lips.innerCorners[1]);
          data.fill(235, (Math.round(y) * photo.width + Math.round(x + along * (lx - rx))) * 3);
        }
      }
    }
    return { photo: { ...photo, data }, face: { ...face, points: mesh, eyes: eyesOf(mesh) } };
  }

  function eyesOf(mesh: Float64Array): Face['eyes'] {
    const eye = (side: 0 | 1): Face['eyes'][0] => ({
      ...face.eyes[side],
      lids: new Map([...face.eyes[side].lids.keys()].map((vertex) => [vertex, at(mesh, vertex)])),
    });
    return [eye(0), eye(1)];
  }

  test('with an open mouth lends its teeth: they are what is seen between the lips', () => {
    const lender = otherPhoto({ blendshapes: { jawOpen: 0.5 } }, true);
    const lent = layerWith([lender]);
    const motion = { blendshapes: { jawOpen: 0.4 } };
    const [own, theirs] = [drawn(motion), drawn(motion, lent)];
    const place = between(at(own.mesh, 13), at(own.mesh, 14), 0.55);
    expect(luma(theirs.rgb, place)).toBeGreaterThan(luma(own.rgb, place) + 50);
    // Nothing else is theirs.
    const cheek = at(own.mesh, 50);
    expect(luma(theirs.rgb, cheek)).toBe(luma(own.rgb, cheek));
  });

  test('with closed eyes lends its lids', () => {
    const lender = otherPhoto({ blendshapes: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } }, false);
    // A mark on their lid, to know it by.
    const { upper } = eyeRegions[0];
    const [x, y] = at(lender.face.points, upper[3]!);
    const marked = Uint8Array.from(lender.photo.data);
    for (let dy = -6; dy <= -3; dy++) {
      for (let dx = -3; dx <= 3; dx++) {
        const i = (Math.round(y + dy) * photo.width + Math.round(x + dx)) * 3;
        marked.set([20, 200, 40], i);
      }
    }
    const lent = layerWith([{ ...lender, photo: { ...lender.photo, data: marked } }]);
    const shut = { blendshapes: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } };
    const green = (rgb: Uint8ClampedArray): number => {
      let count = 0;
      for (const [px, py] of gridAround([x, y - 4], 14)) {
        const i = (Math.round(py) * photo.width + Math.round(px)) * 3;
        if (rgb[i + 1]! > rgb[i]! + 30) count++;
      }
      return count;
    };
    expect(green(drawn(shut).rgb)).toBe(0);
    expect(green(drawn(shut, lent).rgb)).toBeGreaterThan(5);
    expect(green(drawn({}, lent).rgb)).toBe(0);
  });
});
