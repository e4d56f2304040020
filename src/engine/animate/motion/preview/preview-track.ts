/** A track to look at: the canonical face moved by it, as a clip or as one picture with frames in rows. */
import sharp from 'sharp';

import { encodeFrames, type Encoded } from '../../../media/encode.ts';
import type { Frame } from '../../../frame.ts';
import { writeWhole } from '../../../media/partial-file.ts';
import { divide, multiply, rational } from '../../../rational.ts';
import type { CanonicalFace } from '../../face/canonical.ts';
import { rotationOf } from '../../face/pose.ts';
import type { Picture } from '../../../picture.ts';
import { makeExpressions } from '../../rig/expression.ts';
import { makeJaw } from '../../rig/jaw.ts';
import { measureMouth } from '../../rig/mouth-measure.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../track.ts';
import { drawHead, type PosedHead } from './draw-head.ts';

/** Pixels a side: of a clip, of one frame of a sheet. */
const clipSide = 480;
const sheetSide = 240;
const sheetColumns = 6;
const sheetFrames = 24;

/** How a frame of the track stands as a head of triangles. */
function poseOf(canonical: CanonicalFace, track: MotionTrack): (frame: MotionFrame) => PosedHead {
  const { points } = canonical;
  if (track.relativeTo === 'canonical-face') {
    // Where it stood in the clip's picture does not matter here.
    return ({ mesh, head = headAtRest, gaze = { x: 0, y: 0 } }) => ({
      mesh: points.map((value, i) => value + (mesh?.[i] ?? 0)),
      rotation: rotationOf(head),
      shift: [0, 0],
      gaze,
    });
  }
  const rest = withClosedLips(canonical);
  const expressions = makeExpressions(canonical, rest);
  return (frame) => {
    const { displacements, gaze } = expressions.of(frame);
    const { head = headAtRest, breath = 0 } = frame;
    return {
      mesh: rest.map((value, i) => value + displacements[i]!),
      rotation: rotationOf(head),
      shift: [head.x, head.y - breath],
      gaze,
    };
  };
}

/** The canonical face holds its lips half a centimetre apart; few portraits do. */
function withClosedLips(canonical: CanonicalFace): Float64Array {
  const closed = Float64Array.from(canonical.points);
  const mouth = measureMouth(closed);
  makeJaw(canonical, closed, mouth).open(closed, -mouth.gap, 0);
  return closed;
}

/** Writes an MP4 at the track's own rate. Rejects as `encodeFrames` does. */
export async function previewClip(
  canonical: CanonicalFace,
  track: MotionTrack,
  path: string,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<Encoded> {
  const pose = poseOf(canonical, track);
  const beat = divide(rational(1), track.rate);
  async function* frames(): AsyncGenerator<Frame> {
    for (const [k, frame] of track.frames.entries()) {
      yield { format: 'rgb24', ...drawHead(canonical, pose(frame), clipSide), time: multiply(rational(k), beat) };
      onProgress?.(k + 1, track.frames.length);
      await new Promise(setImmediate);
    }
  }
  return await encodeFrames(frames(), { path, rate: track.rate, width: clipSide, height: clipSide, signal });
}

/** Writes a PNG of up to 24 frames, evenly spread, in rows of six. Rejects with `output.unwritable` or `output.disk-full`. */
export async function previewSheet(
  canonical: CanonicalFace,
  track: MotionTrack,
  path: string,
): Promise<Pick<Picture, 'width' | 'height'> & { readonly bytes: number }> {
  const pose = poseOf(canonical, track);
  const count = Math.min(sheetFrames, track.frames.length);
  const columns = Math.min(sheetColumns, count);
  const size = { width: columns * sheetSide, height: Math.ceil(count / columns) * sheetSide };
  const tiles = [];
  for (let i = 0; i < count; i++) {
    const frame = track.frames[Math.floor((i * track.frames.length) / count)]!;
    const { data } = drawHead(canonical, pose(frame), sheetSide);
    tiles.push({
      input: Buffer.from(data.buffer),
      raw: { width: sheetSide, height: sheetSide, channels: 3 as const },
      left: (i % columns) * sheetSide,
      top: Math.floor(i / columns) * sheetSide,
    });
    await new Promise(setImmediate);
  }
  const sheet = sharp({ create: { ...size, channels: 3, background: '#26282e' } });
  const png = await sheet.composite(tiles).png().toBuffer();
  await writeWhole(path, png);
  return { ...size, bytes: png.length };
}
