/**
 * Marks the first frame of each shot. A cut is a change that no motion explains and that stands out from the changes around
 * it; a flash, a damaged frame or flicker is not one, since a frame before it matches a frame after it.
 */
import { LumiereError } from '../../errors.ts';
import type { Frame, Stage } from '../../frame.ts';
import { unexplainedChange } from '../inspection/unexplained-change.ts';
import { shareThumbnail, thumbnailOf, type GreyPicture } from '../inspection/thumbnail.ts';

/** Frames waited for after a possible cut: a flash of up to three frames is seen through. */
const lookAhead = 3;
/** Changes before it that a cut is compared with. */
const memory = 8;
/** Unexplained shares: juggling and running stay under 0.15, weaving and jumping old films under 0.6, cuts begin at 0.5. */
const leastCut = 0.4;
const leastAlone = 0.55;
const standOut = 1.45;
/** Besides, levels must change about as much as anywhere near: the end of a fade leaves nothing to explain, but changes little. */
const levelsStandOut = 0.8;
/** Changes below this are held frames, which say nothing about how restless the film is. */
const heldChange = 0.05;
const fewNeighbours = 3;

interface Seen {
  readonly picture: GreyPicture;
  /** Unexplained share of the change from the picture before; 0 for the first. */
  readonly change: number;
  /** Mean change in levels. */
  readonly levels: number;
  cut: boolean;
}

/** Decides for `seen[at]`; needs `lookAhead` pictures after it unless the clip ends. */
function isCut(seen: readonly Seen[], at: number): boolean {
  const { change, levels } = seen[at]!;
  if (change < leastCut) return false;
  const around = seen
    .slice(Math.max(1, at - memory), at + lookAhead + 1)
    .filter((other) => other !== seen[at] && !other.cut && other.change > heldChange);
  if (around.length < fewNeighbours) {
    if (change < leastAlone) return false;
  } else {
    if (change < standOut * secondLargest(around.map((other) => other.change))) return false;
    if (levels < levelsStandOut * secondLargest(around.map((other) => other.levels))) return false;
  }
  for (let before = Math.max(0, at - lookAhead); before < at; before++) {
    for (let after = at; after < Math.min(seen.length, at + lookAhead + 1); after++) {
      if (before === at - 1 && after === at) continue;
      if (unexplainedChange(seen[before]!.picture, seen[after]!.picture) < change / 2) return false;
    }
  }
  return true;
}

/** One more cut close by does not hide this one. */
function secondLargest(values: readonly number[]): number {
  return [...values].sort((a, b) => b - a)[1]!;
}

function levelChange(a: GreyPicture, b: GreyPicture): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

/** Sets `startsShot` on the first frame of each shot but not on the clip's first. Holds four frames. */
export const markShots: Stage = async function* (frames, { signal }) {
  const seen: Seen[] = [];
  const waiting: Frame[] = [];
  const release = (): Frame => {
    const at = seen.length - waiting.length;
    seen[at]!.cut = isCut(seen, at);
    const frame = waiting.shift()!;
    if (at === memory + lookAhead) seen.shift();
    return seen[at === memory + lookAhead ? at - 1 : at]!.cut
      ? shareThumbnail(frame, { ...frame, startsShot: true })
      : frame;
  };
  for await (const frame of frames) {
    if (signal.aborted) throw new LumiereError('job.cancelled');
    const picture = thumbnailOf(frame);
    const last = seen.at(-1);
    seen.push({
      picture,
      change: last ? unexplainedChange(last.picture, picture) : 0,
      levels: last ? levelChange(last.picture, picture) : 0,
      cut: false,
    });
    waiting.push(frame);
    if (waiting.length > lookAhead) yield release();
  }
  while (waiting.length > 0) yield release();
};
