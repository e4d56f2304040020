/**
 * How the picture moved from one thumbnail to the next: coarse block matching, refined below a pixel by one step of
 * Lucas and Kanade, and summed up as the few figures that sound needs. 1 to 4 ms for 80x60 on one core.
 */

/** A luma thumbnail, rows top to bottom, levels 0..255. */
export interface Luma {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Lengths are shares of the picture's width, from one thumbnail to the next. */
export interface BlockMotion {
  /** Root mean square displacement over the whole picture, what stands still included. */
  readonly speed: number;
  /** Share of the picture that moves, 0..1. */
  readonly moving: number;
  /** Horizontal centre of what moves, -1 left .. 1 right; 0 when nothing moves. */
  readonly centre: number;
  /** Mean horizontal displacement of what moves; positive to the right. */
  readonly flow: number;
  /** Relative growth of what moves about its own centre: 0.1 when everything lies a tenth farther out. */
  readonly expansion: number;
  /** Mean absolute difference in levels, changes of overall brightness taken out. */
  readonly change: number;
  /** The same after the best displacement of every block: near `change` when motion does not explain it. */
  readonly unexplained: number;
}

const block = 8;
const step = 4;
const reach = 6;
/** Mean difference in levels below which a block is taken to stand still: grain and coding noise on a thumbnail stay under it. */
const still = 2.5;

interface Moved {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly weight: number;
}

function mean(data: Float32Array): number {
  let sum = 0;
  for (const value of data) sum += value;
  return sum / Math.max(1, data.length);
}

/** Mean absolute difference of the block of `after` at (x, y) from that of `before` displaced by (-dx, -dy). */
function difference(before: Luma, after: Luma, gain: number, x: number, y: number, dx: number, dy: number): number {
  const { width } = after;
  let sum = 0;
  for (let row = 0; row < block; row++) {
    let a = (y + row) * width + x;
    let b = (y + row - dy) * width + x - dx;
    for (let column = 0; column < block; column++) sum += Math.abs(after.data[a++]! - gain * before.data[b++]!);
  }
  return sum / (block * block);
}

/** What is left of the displacement below a pixel: one step of Lucas and Kanade (1981), held to half a pixel and a bit. */
function refine(
  before: Luma,
  after: Luma,
  gain: number,
  x: number,
  y: number,
  dx: number,
  dy: number,
): [number, number] {
  const { width, height } = after;
  // Regularised by what noise alone would give, so that flat blocks do not fly off.
  let [xx, xy, yy, xt, yt] = [64, 0, 64, 0, 0];
  for (let row = Math.max(1, y); row < Math.min(height - 1, y + block); row++) {
    for (let column = Math.max(1, x); column < Math.min(width - 1, x + block); column++) {
      const at = row * width + column;
      const gx = (after.data[at + 1]! - after.data[at - 1]!) / 2;
      const gy = (after.data[at + width]! - after.data[at - width]!) / 2;
      const t = after.data[at]! - gain * before.data[at - dy * width - dx]!;
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
      xt += gx * t;
      yt += gy * t;
    }
  }
  const determinant = xx * yy - xy * xy;
  const hold = (value: number): number => Math.max(-0.6, Math.min(0.6, value));
  return [hold(-(yy * xt - xy * yt) / determinant), hold(-(xx * yt - xy * xt) / determinant)];
}

/** Motion from `before` to `after`, thumbnails of one size (at least 16x16; 160x120 or smaller to stay quick). */
export function blockMotion(before: Luma, after: Luma): BlockMotion {
  const { width, height } = after;
  const gain = Math.min(1.5, Math.max(0.67, (mean(after.data) + 8) / (mean(before.data) + 8)));
  const moved: Moved[] = [];
  let [blocks, change, unexplained] = [0, 0, 0];
  for (let y = 0; y + block <= height; y += step) {
    for (let x = 0; x + block <= width; x += step) {
      const atRest = difference(before, after, gain, x, y, 0, 0);
      blocks++;
      change += atRest;
      if (atRest < still) {
        unexplained += atRest;
        continue;
      }
      let [best, bestX, bestY] = [atRest, 0, 0];
      for (let dy = Math.max(-reach, y + block - height); dy <= Math.min(reach, y); dy++) {
        for (let dx = Math.max(-reach, x + block - width); dx <= Math.min(reach, x); dx++) {
          // A little in favour of less motion, or flat blocks and noise would wander.
          const cost = difference(before, after, gain, x, y, dx, dy) + 0.05 * Math.hypot(dx, dy);
          if (cost < best) [best, bestX, bestY] = [cost, dx, dy];
        }
      }
      unexplained += best;
      const [fineX, fineY] = refine(before, after, gain, x, y, bestX, bestY);
      moved.push({
        x: x + block / 2 - width / 2,
        y: y + block / 2 - height / 2,
        dx: bestX + fineX,
        dy: bestY + fineY,
        weight: atRest,
      });
    }
  }
  return { ...summary(moved, blocks, width), change: change / blocks, unexplained: unexplained / blocks };
}

function summary(moved: readonly Moved[], blocks: number, width: number): Omit<BlockMotion, 'change' | 'unexplained'> {
  if (moved.length === 0) return { speed: 0, moving: 0, centre: 0, flow: 0, expansion: 0 };
  let [weight, x, y, dx, dy, squares] = [0, 0, 0, 0, 0, 0];
  for (const one of moved) {
    weight += one.weight;
    x += one.weight * one.x;
    y += one.weight * one.y;
    dx += one.weight * one.dx;
    dy += one.weight * one.dy;
    squares += one.dx * one.dx + one.dy * one.dy;
  }
  x /= weight;
  y /= weight;
  dx /= weight;
  dy /= weight;
  // Least squares of "displacement = expansion * distance from the centre"; one block of extent keeps a single block at 0.
  let [along, spread] = [0, weight * block * block];
  for (const one of moved) {
    along += one.weight * ((one.dx - dx) * (one.x - x) + (one.dy - dy) * (one.y - y));
    spread += one.weight * ((one.x - x) ** 2 + (one.y - y) ** 2);
  }
  return {
    speed: Math.sqrt(squares / blocks) / width,
    moving: moved.length / blocks,
    centre: (2 * x) / width,
    flow: dx / width,
    expansion: along / spread,
  };
}
