/** Where a driving clip cuts: from one frame to the next the head is where no neck could have brought it. */
import { toNumber } from '../../rational.ts';
import { headAtRest, type MotionTrack } from '../motion/track.ts';
import { sizeAt } from './observe.ts';

/** What a head does in a second at the very most: degrees, centimetres; and by how much its size may change. */
const fastest = { turn: 700, shift: 250, growth: 8 } as const;
/** No less than this is a jump, however few frames a second there are; no more is let pass, however many. */
const leastJump = { turn: 14, shift: 5, growth: 1.25 } as const;

/** Numbers of the frames that begin a shot, without the first. */
export function findJumps({ frames, rate }: MotionTrack): number[] {
  const perFrame = 1 / toNumber(rate);
  const turn = Math.max(leastJump.turn, fastest.turn * perFrame);
  const shift = Math.max(leastJump.shift, fastest.shift * perFrame);
  const growth = Math.max(leastJump.growth, fastest.growth ** perFrame);
  const jumps: number[] = [];
  for (let k = 1; k < frames.length; k++) {
    const [a, b] = [frames[k - 1]!.head ?? headAtRest, frames[k]!.head ?? headAtRest];
    const turned = Math.max(Math.abs(a.yaw - b.yaw), Math.abs(a.pitch - b.pitch), Math.abs(a.roll - b.roll));
    const size = sizeAt(a.z) / sizeAt(b.z);
    // Positions are measured in centimetres of the face, so they change with its size; that is no motion.
    const shifted = Math.hypot(a.x * size - b.x, a.y * size - b.y);
    if (turned > turn || shifted > shift || size > growth || 1 / size > growth) jumps.push(k);
  }
  return jumps;
}
