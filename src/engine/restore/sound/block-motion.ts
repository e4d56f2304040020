/**
 * How the picture moved from one thumbnail to the next: coarse block matching, refined below a pixel by one step of
 * Lucas and Kanade, and summed up as the few figures that sound needs. Seen from a 640x480 frame, thumbnail
 * included, it takes 2.5 ms of one core.
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
const still = 2;

interface Moved {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly weight: number;
  readonly trust: number;
}

/** How much brighter `after` is as a whole: the factor that leaves the least squared difference. */
function brightening(before: Luma, after: Luma): number {
  let [products, squares] = [64, 64];
  for (let i = 0; i < after.data.length; i++) {
    products += after.data[i]! * before.data[i]!;
    squares += before.data[i]! ** 2;
  }
  return Math.min(1.5, Math.max(0.67, products / squares));
}

/** Mean absolute difference of the block of `after` at (x, y), every `rows`-th row, from that of `before` displaced by (-dx, -dy). */
function difference(
  before: Luma,
  after: Luma,
  gain: number,
  x: number,
  y: number,
  dx: number,
  dy: number,
  rows = 1,
): number {
  const { width } = after;
  const [now, then] = [after.data, before.data];
  let sum = 0;
  for (let row = 0; row < block; row += rows) {
    let a = (y + row) * width + x;
    let b = (y + row - dy) * width + x - dx;
    for (const end = a + block; a < end; a++, b++) sum += Math.abs(now[a]! - gain * then[b]!);
  }
  return (sum * rows) / (block * block);
}

/** The displacement that explains the block at (x, y) best, and what difference it leaves. */
function search(
  before: Luma,
  after: Luma,
  gain: number,
  x: number,
  y: number,
  atRest: number,
): [number, number, number] {
  // As far to one side as to the other: near the edge of the picture a lopsided search would find things flying out of it.
  const wide = Math.min(reach, x, after.width - block - x);
  const high = Math.min(reach, y, after.height - block - y);
  // In favour of less motion, or flat blocks and noise would wander and a fence would run backwards.
  const stay = (dx: number, dy: number): number => (0.05 + 0.015 * atRest) * Math.hypot(dx, dy);
  let [best, nearX, nearY] = [difference(before, after, gain, x, y, 0, 0, 2), 0, 0];
  for (let dy = -(high & ~1); dy <= high; dy += 2) {
    for (let dx = -(wide & ~1); dx <= wide; dx += 2) {
      const cost = difference(before, after, gain, x, y, dx, dy, 2) + stay(dx, dy);
      if (cost < best) [best, nearX, nearY] = [cost, dx, dy];
    }
  }
  let [least, bestX, bestY] = [atRest, 0, 0];
  for (let dy = Math.max(-high, nearY - 1); dy <= Math.min(high, nearY + 1); dy++) {
    for (let dx = Math.max(-wide, nearX - 1); dx <= Math.min(wide, nearX + 1); dx++) {
      const cost = difference(before, after, gain, x, y, dx, dy) + stay(dx, dy);
      if (cost < least) [least, bestX, bestY] = [cost, dx, dy];
    }
  }
  return [bestX, bestY, least];
}

interface Fine {
  readonly dx: number;
  readonly dy: number;
  /** Share of the squared difference that the finer displacement explains, 0..1. */
  readonly explained: number;
}

/** What is left of the displacement below a pixel: one step of Lucas and Kanade (1981), held to half a pixel and a bit. */
function refine(before: Luma, after: Luma, gain: number, x: number, y: number, dx: number, dy: number): Fine {
  const { width, height } = after;
  // Regularised by what noise alone would give, so that flat blocks do not fly off.
  let [xx, xy, yy, xt, yt, tt] = [64, 0, 64, 0, 0, 64];
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
      tt += t * t;
    }
  }
  const determinant = xx * yy - xy * xy;
  const hold = (value: number): number => Math.max(-0.6, Math.min(0.6, value));
  const fineX = -(yy * xt - xy * yt) / determinant;
  const fineY = -(xx * yt - xy * xt) / determinant;
  return { dx: hold(fineX), dy: hold(fineY), explained: Math.max(0, -(xt * fineX + yt * fineY) / tt) };
}

/** Motion from `before` to `after`, thumbnails of one size (at least 16x16; 160x120 or smaller to stay quick). */
export function blockMotion(before: Luma, after: Luma): BlockMotion {
  const { width, height } = after;
  const gain = brightening(before, after);
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
      const [bestX, bestY, best] = search(before, after, gain, x, y, atRest);
      unexplained += best;
      const fine = refine(before, after, gain, x, y, bestX, bestY);
      moved.push({
        x: x + block / 2 - width / 2,
        y: y + block / 2 - height / 2,
        dx: bestX + fine.dx,
        dy: bestY + fine.dy,
        weight: atRest,
        // Flicker, grain and dust change a block without moving it: no displacement explains the change.
        trust: Math.min(1, Math.max((atRest - best) / (0.45 * atRest), 1.5 * fine.explained - 0.25)),
      });
    }
  }
  return { ...summary(moved, blocks, width), change: change / blocks, unexplained: unexplained / blocks };
}

function summary(moved: readonly Moved[], blocks: number, width: number): Omit<BlockMotion, 'change' | 'unexplained'> {
  if (moved.length === 0) return { speed: 0, moving: 0, centre: 0, flow: 0, expansion: 0 };
  let [weight, x, y, dx, dy, squares] = [0, 0, 0, 0, 0, 0];
  for (const one of moved) {
    const share = one.weight * (0.05 + one.trust);
    weight += share;
    x += share * one.x;
    y += share * one.y;
    dx += share * one.dx;
    dy += share * one.dy;
    squares += (one.dx * one.dx + one.dy * one.dy) * one.trust;
  }
  x /= weight;
  y /= weight;
  dx /= weight;
  dy /= weight;
  // Least squares of "displacement = expansion * distance from the centre"; one block of extent keeps a single block at 0.
  let [along, spread] = [0, weight * block * block];
  for (const one of moved) {
    const share = one.weight * (0.05 + one.trust);
    along += share * ((one.dx - dx) * (one.x - x) + (one.dy - dy) * (one.y - y));
    spread += share * ((one.x - x) ** 2 + (one.y - y) ** 2);
  }
  return {
    speed: Math.sqrt(squares / blocks) / width,
    moving: moved.reduce((sum, { trust }) => sum + 0.05 + 0.95 * trust, 0) / blocks,
    centre: (2 * x) / width,
    flow: dx / width,
    expansion: along / spread,
  };
}
