/** One face made ready to be drawn, and one frame of it drawn. Pure: the same motion gives the same pixels. */
import type { Size } from '../../size.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import { type Box, type Face, meshPoints } from '../face/face.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import { type BodyPose, deform, skullPlane } from '../rig/deform.ts';
import { type ExpressionFrame, type Expressions, makeExpressions } from '../rig/expression.ts';
import { limitHead } from '../rig/limits.ts';
import { buildRig, placeOf, type Rig } from '../rig/rig.ts';
import { sharedBytes } from '../shared-bytes.ts';
import { cutOut } from './cutting.ts';
import { drawEye } from './eye.ts';
import { type EyeTexture, takeEyeApart } from './eye-texture.ts';
import { estimateLight, type Light, meshNormals, shadeRig } from './light.ts';
import { partLayers } from './matte.ts';
import { drawMouth } from './mouth.ts';
import { type MouthTexture, readMouth } from './mouth-texture.ts';
import { smoothStep } from '../smooth-step.ts';
import { distanceToZero } from './planes.ts';
import type { MotionLimit } from '../motion/motion-limit.ts';
import { type Canvas, drawTriangles, type Region, softenEdges } from './raster.ts';
import { measureStretch, type Pulled, visibleFolds } from './stretch.ts';
import { makeTexture, type Texture } from './texture.ts';

/** The slow part of making a face ready; its arrays are shared between threads. */
export interface LayerPictures {
  readonly texture: Texture;
  readonly plate: Picture;
  /** The ring triangles that have anything of the person in or near them; the others would draw the background on itself. */
  readonly ringTriangles: Uint16Array;
}

export interface FaceLayer {
  readonly rig: Rig;
  readonly pictures: LayerPictures;
  readonly region: Region;
  readonly expressions: Expressions;
  readonly eyes: readonly [EyeTexture, EyeTexture];
  readonly mouth: MouthTexture;
  readonly light: Light;
  readonly normals: Float64Array;
}

/** Another photograph of the same person, with the face in it. */
export interface Lender {
  readonly photo: Picture;
  readonly face: Face;
}

export interface FaceSetting {
  readonly face: Face;
  /** Centimetres from the face beyond which nothing moves. */
  readonly reach: number;
  /** Other photographs of the same person: an open mouth lends teeth, closed eyes lend lids. */
  readonly lenders: readonly Lender[];
}

/** The part of a photograph that a face may move. */
export const movingBox = (size: Size, canonical: CanonicalFace, { face, reach }: FaceSetting): Box =>
  buildRig(canonical, face, size, reach).box;

/** @param mask share of a person for each pixel of `movingBox`, 0 to 1. */
export function makePictures(
  photo: Picture,
  canonical: CanonicalFace,
  { face, reach }: FaceSetting,
  mask: Float32Array,
): LayerPictures {
  const rig = buildRig(canonical, face, photo, reach);
  const { box, pose } = rig;
  const cut = cutOut(photo, box);
  const near = new Uint8Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const [across, down] = placeOf(rig, x + box.x, y + box.y);
      if (Math.hypot(across / 8, down / 10) < 1) near[y * box.width + x] = 1;
    }
  }
  const grow = Math.max(2, 0.25 * pose.scale);
  const feather = Math.max(2, 0.35 * pose.scale);
  const { alpha, plate } = partLayers(cut, mask, near, { grow, feather });
  return {
    texture: makeTexture(cut, alpha, box),
    plate: { ...plate, data: sharedBytes(plate.data) },
    ringTriangles: nearPerson(rig, alpha),
  };
}

/** Centimetres that nothing moves by: further from the person than that there is only background. */
const furthestMove = 4;

/** Half the triangles of a portrait lie in the background, and a third of the time of a large frame with them. */
function nearPerson({ ringTriangles, rest, box, pose }: Rig, alpha: Float32Array): Uint16Array {
  const { width, height } = box;
  const background = Uint8Array.from(alpha, (value) => (value > 0 ? 0 : 1));
  const distance = distanceToZero(background, width, height);
  const most = furthestMove * pose.scale;
  const near: number[] = [];
  for (let t = 0; t < ringTriangles.length; t += 3) {
    const corners = [ringTriangles[t]!, ringTriangles[t + 1]!, ringTriangles[t + 2]!];
    const range = (at: 0 | 1, start: number, length: number): [number, number] => {
      const places = corners.map((corner) => rest[3 * corner + at]! - start);
      return [Math.max(0, Math.floor(Math.min(...places))), Math.min(length - 1, Math.ceil(Math.max(...places)))];
    };
    const [x0, x1] = range(0, box.x, width);
    const [y0, y1] = range(1, box.y, height);
    let nearest = Infinity;
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) nearest = Math.min(nearest, distance[y * width + x]!);
    }
    if (nearest <= most) near.push(...corners);
  }
  return Uint16Array.from(near);
}

export function makeFaceLayer(
  photo: Picture,
  canonical: CanonicalFace,
  { face, reach, lenders }: FaceSetting,
  pictures: LayerPictures,
): FaceLayer {
  const rig = buildRig(canonical, face, photo, reach);
  const expressions = makeExpressions(canonical, rig.head);
  const others = lenders.map((lender) => ({
    photo: lender.photo,
    rig: buildRig(canonical, lender.face, lender.photo),
  }));
  return {
    rig,
    pictures,
    region: { box: rig.box, plate: pictures.plate, layers: new Uint8Array(rig.box.width * rig.box.height) },
    expressions,
    eyes: [takeEyeApart(photo, rig, 0, others), takeEyeApart(photo, rig, 1, others)],
    mouth: readMouth(photo, rig, others),
    light: estimateLight(photo, rig),
    normals: meshNormals(canonical.triangles, rig.rest, new Float64Array(3 * meshPoints)),
  };
}

export interface DrawnFace {
  /** Where the mesh was meant to be. */
  readonly mesh: Float64Array;
  readonly limits: readonly MotionLimit[];
  readonly folds: number;
  readonly stretch: number;
}

const layerNumber = { ring: 1, skin: 2, turned: 3 } as const;

/** Skin is not pulled to more than this many times its length by an expression. */
const mostStretch = 2.2;
/** Halvings by which the share of an expression is found that stays below it. */
const halvings = 5;

interface Posed {
  readonly expression: ExpressionFrame;
  readonly to: Float64Array;
  readonly pulled: Pulled;
  readonly isHeldBack: boolean;
}

/** The points of a frame: with all of its expression, or as much as the skin allows. */
function pose({ rig, expressions }: FaceLayer, motion: MotionFrame, body: BodyPose): Posed {
  const at = (share: number): Omit<Posed, 'isHeldBack'> => {
    const expression = expressions.of(motion, share);
    const to = deform(rig, expression.displacements, body, new Float64Array(rig.rest.length));
    const { closure } = expression;
    return { expression, to, pulled: measureStretch(rig, to, [closure[0] > 0.05, closure[1] > 0.05]) };
  };
  const whole = at(1);
  // A turn of the head that pulls by itself is not the expression's fault.
  if (whole.pulled.stretch <= mostStretch || at(0).pulled.stretch > mostStretch) return { ...whole, isHeldBack: false };
  let [least, most] = [0, 1];
  for (let k = 0; k < halvings; k++) {
    const middle = (least + most) / 2;
    if (at(middle).pulled.stretch > mostStretch) most = middle;
    else least = middle;
  }
  return { ...at(least), isHeldBack: true };
}

export function drawFace(canvas: Canvas, layer: FaceLayer, motion: MotionFrame, noise: Float32Array): DrawnFace {
  const { rig, region, pictures } = layer;
  const { head, limits } = limitHead(rig, motion.head);
  const loose = motion.loose === undefined ? head : limitHead(rig, motion.loose).head;
  const body = { head, loose, breath: motion.breath ?? 0 };
  const { expression, to, pulled, isHeldBack } = pose(layer, motion, body);
  const normals = meshNormals(rig.canonical.triangles, to, new Float64Array(3 * meshPoints));
  const shade = shadeRig(rig, layer.light, layer.normals, normals, new Float32Array(rig.turns.length));
  const drawing = { texture: pictures.texture, from: rig.rest, to, shade };
  region.layers.fill(0);
  const ring = { layer: layerNumber.ring, skipStill: true };
  drawTriangles(canvas, region, drawing, pictures.ringTriangles, { ...ring, side: 'back' });
  drawTriangles(canvas, region, drawing, pictures.ringTriangles, { ...ring, side: 'front' });
  const skin = fromBackToFront(rig.skin, to);
  drawTriangles(canvas, region, drawing, skin, { layer: layerNumber.turned, skipStill: true, side: 'back' });
  for (const fill of rig.fills) {
    drawTriangles(canvas, region, drawing, fill, { layer: layerNumber.skin, skipStill: true, side: 'both' });
  }
  drawTriangles(canvas, region, drawing, skin, { layer: layerNumber.skin, skipStill: true, side: 'front' });
  const turned = Math.abs(head.yaw) + Math.abs(head.pitch);
  softenEdges(canvas, region, outlineBox(rig, to), smoothStep(1, 6, turned));
  for (const eye of layer.eyes) {
    const plane = skullPlane(rig, body, eye.at);
    drawEye(canvas, eye, rig, to, plane, { closure: expression.closure[eye.side], gaze: expression.gaze });
  }
  const drop = (expression.displacements[3 * 14 + 1]! + expression.displacements[3 * 17 + 1]!) / 2;
  drawMouth(canvas, layer.mouth, rig, to, skullPlane(rig, body, layer.mouth.at), {
    drop,
    tongue: expression.tongue,
    noise,
  });
  return {
    mesh: to.slice(0, 3 * meshPoints),
    limits: isHeldBack ? [...limits, { code: 'mouth.stretch', value: mostStretch }] : limits,
    folds: visibleFolds(pulled, region, layerNumber.turned),
    stretch: pulled.stretch,
  };
}

/** Triangles by the depth of their middle, the farthest first. */
function fromBackToFront(triangles: Uint16Array, points: Float64Array): Uint16Array {
  const depth = new Float64Array(triangles.length / 3);
  for (let t = 0; t < depth.length; t++) {
    for (let k = 0; k < 3; k++) depth[t]! += points[3 * triangles[3 * t + k]! + 2]!;
  }
  const order = Array.from(depth, (_, t) => t).sort((a, b) => depth[b]! - depth[a]!);
  const sorted = new Uint16Array(triangles.length);
  for (const [i, t] of order.entries()) sorted.set(triangles.subarray(3 * t, 3 * t + 3), 3 * i);
  return sorted;
}

function outlineBox({ canonical }: Rig, points: Float64Array): { x: number; y: number; width: number; height: number } {
  const xs = canonical.oval.map((v) => points[3 * v]!);
  const ys = canonical.oval.map((v) => points[3 * v + 1]!);
  const [x, y] = [Math.floor(Math.min(...xs)) - 3, Math.floor(Math.min(...ys)) - 3];
  return { x, y, width: Math.ceil(Math.max(...xs)) + 4 - x, height: Math.ceil(Math.max(...ys)) + 4 - y };
}
