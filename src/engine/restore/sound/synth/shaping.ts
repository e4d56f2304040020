/**
 * What the picture does to any ambience: it swells as things approach, ducks at cuts and leans to where things move. How
 * far differs by voice: rain does not follow a passer-by as footsteps do.
 */
import { quantum, quantumSeconds, type Stereo } from './block.ts';
import { follower, fromDb, panGains } from './envelope.ts';
import { highpass } from './filter.ts';
import type { MotionSample } from '../motion-envelope.ts';

export interface Shape {
  /** Decibels between the picture at rest and the picture full of what comes near, halved. */
  readonly swellDb: number;
  /** Decibels down at a cut. */
  readonly duckDb: number;
  /** Share of full left to full right that the picture may move the sound, 0..1. */
  readonly panWidth: number;
}

/** Seconds before a cut in which the sound goes down, it stays down, and it comes back. */
const fallsIn = 0.05;
const staysDown = 0.06;
const risesIn = 0.4;

/** Decibels of ducking (0 or less) at a time, for cuts in ascending order; the deepest near one counts. */
export function duckingAt(cuts: readonly number[], seconds: number, depthDb: number): number {
  let depth = 0;
  for (const cut of cuts) {
    const since = seconds - cut;
    if (since < -fallsIn) break;
    if (since > staysDown + risesIn) continue;
    const share =
      since < 0
        ? 1 + since / fallsIn
        : since < staysDown
          ? 1
          : 0.5 + 0.5 * Math.cos((Math.PI * (since - staysDown)) / risesIn);
    depth = Math.max(depth, share);
  }
  return -depthDb * depth;
}

/** Decibels of swell for a moment of the picture: 0 for ordinary motion, up to `swellDb` either way. */
function swellAt({ amount, approach, nearness }: MotionSample, swellDb: number): number {
  const lean = 1.1 * nearness + 0.35 * approach + 0.7 * (amount - 0.35);
  return swellDb * Math.tanh(lean);
}

/** Where the voice leans, -1..1: to what moves, and a little ahead of it. */
function panAt({ pan, flow }: MotionSample, panWidth: number): number {
  return panWidth * Math.max(-1, Math.min(1, pan + 0.2 * Math.tanh(2 * flow)));
}

/** Shapes one quantum in place and takes out what is below hearing, DC with it. Call with successive quanta. */
export function shaper(
  shape: Shape,
  cuts: readonly number[],
): (out: Stereo, seconds: number, motion: MotionSample) => void {
  const [left, right] = [highpass(24), highpass(24)];
  const swell = follower(0, 0.15, 0.35);
  const lean = follower(0, 0.08);
  let [gainLeft, gainRight] = [0, 0];
  let firstCut = 0;
  let started = false;
  return (out, seconds, motion) => {
    const end = seconds + quantumSeconds;
    while (firstCut < cuts.length && cuts[firstCut]! < seconds - staysDown - risesIn) firstCut++;
    const near = cuts.slice(firstCut, firstCut + 8);
    const gain = fromDb(swell(swellAt(motion, shape.swellDb)) + duckingAt(near, end, shape.duckDb)) * Math.SQRT2;
    const [l, r] = panGains(lean(panAt(motion, shape.panWidth)));
    const [toLeft, toRight] = [gain * l, gain * r];
    if (!started) [gainLeft, gainRight, started] = [toLeft, toRight, true];
    left(out.left);
    right(out.right);
    for (let i = 0; i < quantum; i++) {
      out.left[i]! *= gainLeft + ((toLeft - gainLeft) * i) / quantum;
      out.right[i]! *= gainRight + ((toRight - gainRight) * i) / quantum;
    }
    [gainLeft, gainRight] = [toLeft, toRight];
  };
}
