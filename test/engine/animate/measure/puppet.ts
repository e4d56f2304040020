/** A portrait whose frames a test makes up: what is drawn and what is said to have been meant are given apart. */
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import type { MotionFrame, MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import type { Portrait, RenderedFrame } from '../../../../src/engine/animate/render/portrait.ts';

export interface Puppet {
  /** The picture of a frame; the count of frames drawn so far tells calls with the same motion apart. */
  readonly draw: (motion: MotionFrame, drawn: number) => Picture | Promise<Picture>;
  /** Where the mesh was meant to be; where it is at rest when left out. */
  readonly mesh?: (motion: MotionFrame) => Float64Array;
  readonly folds?: number;
  readonly stretch?: number;
}

export function puppetPortrait(photo: Picture, face: Face, { draw, mesh, folds = 0, stretch = 1 }: Puppet): Portrait {
  let drawn = -1;
  return {
    photo,
    faces: [face],
    parallel: 1,
    async render([motion]): Promise<RenderedFrame> {
      drawn += 1;
      const picture = await draw(motion ?? {}, drawn);
      return { picture, meshes: [mesh?.(motion ?? {}) ?? face.points], limits: [], folds, stretch };
    },
    close: () => Promise.resolve(),
  };
}

/** A track of 25 frames a second. */
export function trackOf(frames: readonly MotionFrame[], loops = false): MotionTrack {
  return { relativeTo: 'photo', rate: { num: 25, den: 1 }, loops, frames, source: 'preset:still' };
}

/** The part of a picture around a face slid by whole pixels over the rest of it. */
export function slid(picture: Picture, { box }: Face, dx: number, dy: number): Picture {
  const { width, height, data } = picture;
  const out = data.slice();
  const [left, top] = [Math.round(box.x - box.width * 0.3), Math.round(box.y - box.height * 0.3)];
  const [columns, rows] = [Math.round(box.width * 1.6), Math.round(box.height * 1.6)];
  for (let y = Math.max(0, top + dy); y < Math.min(height, top + rows + dy); y += 1) {
    for (let x = Math.max(0, left + dx); x < Math.min(width, left + columns + dx); x += 1) {
      const [fromX, fromY] = [x - dx, y - dy];
      if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= height) continue;
      const from = (fromY * width + fromX) * 3;
      out.set(data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: out };
}

export function movedPoints(points: Float64Array, dx: number, dy: number): Float64Array {
  return points.map((value, i) => value + (i % 3 === 0 ? dx : i % 3 === 1 ? dy : 0));
}
