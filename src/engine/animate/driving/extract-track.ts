/**
 * Reads the motion of a face out of a clip, once: the track does not depend on the photograph that it will move. The clip is
 * decoded so small that the face is just large enough for the networks: crops are cheaper to cut out of small pictures.
 */
import { LumiereError } from '../../errors.ts';
import { decodeFrames } from '../../media/decode.ts';
import { probe, type Probe } from '../../media/probe.ts';
import { divide, multiply, rational, type Rational, toNumber } from '../../rational.ts';
import { readAhead } from '../../restore/read-ahead.ts';
import type { Size } from '../../size.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import { detectFaces } from '../face/detector.ts';
import { followFace } from '../face/follow-face.ts';
import { boxAround, findMesh } from '../face/mesh.ts';
import type { FaceNetworks } from '../face/networks.ts';
import type { MotionFrame, MotionTrack } from '../motion/track.ts';
import { findJumps } from './jumps.ts';
import { observeFace } from './observe.ts';
import type { MotionWarning } from './warnings.ts';

export interface ExtractOptions {
  readonly signal: AbortSignal;
  /** Frames of the track that are done, and all there will be. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What comes later is not used. */
  readonly maxSeconds: number;
}

export interface ExtractedTrack {
  /** `canonical-face`, at the clip's own rate. Frames without a face repeat the nearest one with `tracked: false`. */
  readonly track: MotionTrack;
  readonly warnings: readonly MotionWarning[];
}

/** Longest side of the pictures in which a face is first looked for. */
const lookSide = 960;
/** Pixels that a face needs between its outline for the mesh to be as good as it gets. */
const faceSide = 200;
/** At most one picture in so many is looked at for a face at first, and so many pictures in all. */
const lookEvery = 8;
const mostLooks = 40;
/** What the mesh network must say of a face. */
const leastConfidence = 0.6;
/** Frames a second beyond which frames are left out, and below which they are repeated: a track has no fewer. */
const mostRate = 60;
const leastRate = 1;
/** Fewer frames are no motion. */
const leastFrames = 4;
const framesAhead = 4;

/**
 * Rejects with `driver.no-face`, `driver.too-short` (`frames`), the `input.…` codes of `probe` and `decodeFrames`, or
 * `job.cancelled`.
 */
export async function extractTrack(
  clipPath: string,
  networks: FaceNetworks,
  canonical: CanonicalFace,
  { signal, onProgress, maxSeconds }: ExtractOptions,
): Promise<ExtractedTrack> {
  const clip = await probe(clipPath, { signal });
  const seconds = toNumber(clip.video.duration);
  const used = Math.min(seconds, maxSeconds);
  const rate = drivenRate(clip.video.rate);
  const total = Math.max(1, Math.round(used * toNumber(rate)));
  if (total < leastFrames) throw new LumiereError('driver.too-short', { frames: total });
  const scale = await findScale(clip, used, networks, signal);

  const follower = followFace(networks, { signal });
  const frames: (MotionFrame | undefined)[] = [];
  let seen: MotionFrame | undefined;
  let faces = 0;
  const decoded = decodeFrames(clip, { scale, signal, to: rational(Math.ceil(used * 1000) + 1, 1000) });
  for await (const picture of readAhead(decoded, framesAhead)) {
    // The track's frames before this picture still show the one before it.
    const place = Math.round(toNumber(multiply(picture.time, rate)));
    if (place >= total) break;
    while (frames.length < place) frames.push(seen);
    if (frames.length > place) continue;
    const face = await follower.next(picture);
    seen = face && observeFace(face, canonical, picture);
    faces = Math.max(faces, face?.facesSeen ?? 0);
    frames.push(seen);
    onProgress?.(frames.length, total);
  }
  while (frames.length < total) frames.push(seen);
  const track: MotionTrack = {
    relativeTo: 'canonical-face',
    rate,
    loops: false,
    frames: filled(frames),
    source: 'clip',
  };
  return { track, warnings: warningsFor(track, { faces, seconds, limit: maxSeconds }) };
}

/** The rate of a clip's track: its own, a whole part of it that is no more than 60, or a multiple that is no less than 1. */
export function drivenRate(rate: Rational): Rational {
  const parts = Math.max(1, Math.ceil(toNumber(rate) / mostRate - 1e-3));
  const times = Math.max(1, Math.ceil(leastRate / toNumber(rate) - 1e-9));
  return divide(multiply(rate, rational(times)), rational(parts));
}

/** The size to decode at, by the first face that is met. Rejects with `driver.no-face`. */
async function findScale(clip: Probe, seconds: number, networks: FaceNetworks, signal: AbortSignal): Promise<Size> {
  const { width, height } = clip.video;
  const within = (side: number): Size => {
    const share = Math.min(1, side / Math.max(width, height));
    return { width: Math.max(2, Math.round(width * share)), height: Math.max(2, Math.round(height * share)) };
  };
  const looking = within(lookSide);
  const every = Math.max(lookEvery, Math.ceil((seconds * toNumber(clip.video.rate)) / mostLooks));
  let index = 0;
  for await (const picture of decodeFrames(clip, { scale: looking, signal, to: rational(Math.ceil(seconds)) })) {
    if (index++ % every !== 0) continue;
    for (const detection of (await detectFaces(picture, networks, { signal })).toSorted((a, b) => b.width - a.width)) {
      const mesh = await findMesh(picture, detection, networks, { signal });
      if (mesh.confidence < leastConfidence) continue;
      const box = boxAround(mesh.points);
      return within((Math.max(looking.width, looking.height) * faceSide) / Math.max(box.width, box.height));
    }
  }
  throw new LumiereError('driver.no-face');
}

/** Every frame with a motion: where there was no face, the last one seen, at the beginning the first. */
function filled(frames: readonly (MotionFrame | undefined)[]): MotionFrame[] {
  const first = frames.find((frame) => frame !== undefined);
  if (first === undefined) throw new LumiereError('driver.no-face');
  let last = first;
  return frames.map((frame) => {
    if (frame !== undefined) return (last = frame);
    return { ...last, tracked: false };
  });
}

function warningsFor(
  track: MotionTrack,
  { faces, seconds, limit }: { readonly faces: number; readonly seconds: number; readonly limit: number },
): MotionWarning[] {
  const warnings: MotionWarning[] = [];
  if (faces > 1) warnings.push({ code: 'driver.several-faces', params: { count: faces } });
  const lost = track.frames.filter(({ tracked }) => tracked === false).length;
  if (lost > 0) {
    const lostSeconds = Math.round((lost / toNumber(track.rate)) * 10) / 10;
    warnings.push({ code: 'driver.face-lost', params: { frames: lost, seconds: lostSeconds } });
  }
  const cuts = findJumps(track).length;
  if (cuts > 0) warnings.push({ code: 'driver.cuts', params: { count: cuts } });
  if (seconds > limit + 0.5) warnings.push({ code: 'driver.shortened', params: { seconds, limit } });
  return warnings;
}
