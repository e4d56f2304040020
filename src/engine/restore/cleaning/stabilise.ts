/**
 * Takes gate weave and hand shake out: the picture's own path is smoothed over the drawings around each, and the frame moved
 * onto it, on a worker thread. Pans keep their course; each shot is steadied by itself; what comes in at the edges repeats
 * the edge, so that no black shows.
 */
import { LumiereError } from '../../errors.ts';
import type { Frame, Stage } from '../../frame.ts';
import { callThread, type CalledThread } from '../../thread-calls.ts';
import type { Shift } from '../inspection/global-motion.ts';
import type { SteadyCalls } from './steady-thread.ts';

/** Drawings on either side: weave is random from frame to frame, and a pan changes its pace more slowly than over nine. */
const reach = 8;
/** Shifts on which less of the picture agrees are not followed. */
const leastAgreement = 0.3;
/** Most that a frame is moved, as a share of its width. */
const mostMoved = 0.03;
/** In pixels: less is not seen, and would only soften. */
const leastMoved = 0.05;

interface Place {
  readonly frame: Frame;
  /** Where the content lies on the path of its shot, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly shot: number;
}

/** Holds seventeen frames. Marks of shots must be set, held frames dropped. */
export const stabilise: Stage = async function* (frames, { signal }) {
  const module = new URL('./steady-thread.ts', import.meta.url);
  const thread = callThread<SteadyCalls>(module, { name: 'steadying' });
  try {
    const places: Place[] = [];
    let at = 0;
    for await (const frame of frames) {
      if (signal.aborted) throw new LumiereError('job.cancelled');
      places.push(await locate(thread, frame, places.at(-1)));
      if (places.length - at > reach) yield await steadied(thread, places, at++);
      if (at > reach) {
        places.shift();
        at--;
      }
    }
    while (at < places.length) yield await steadied(thread, places, at++);
  } finally {
    await thread.close();
  }
};

async function locate(thread: CalledThread<SteadyCalls>, frame: Frame, before: Place | undefined): Promise<Place> {
  const first = before === undefined || frame.startsShot === true;
  const { data, width, height } = frame;
  const shift = trusted(await thread.call('measure', { picture: { data, width, height }, first }));
  if (first) return { frame, x: 0, y: 0, shot: (before?.shot ?? 0) + 1 };
  return { frame, x: before.x + (shift?.dx ?? 0), y: before.y + (shift?.dy ?? 0), shot: before.shot };
}

function trusted(shift: Shift | undefined): Shift | undefined {
  return shift && shift.agreement >= leastAgreement ? shift : undefined;
}

async function steadied(thread: CalledThread<SteadyCalls>, places: readonly Place[], at: number): Promise<Frame> {
  const { frame, x, y, shot } = places[at]!;
  const around = places
    .map((place, i) => ({ place, offset: i - at }))
    .filter(({ place, offset }) => place.shot === shot && Math.abs(offset) <= reach);
  const smooth = (value: (place: Place) => number) =>
    lineAtZero(around.map(({ place, offset }) => ({ offset, value: value(place) })));
  const most = mostMoved * frame.width;
  const dx = clamp(smooth((place) => place.x) - x, most);
  const dy = clamp(smooth((place) => place.y) - y, most);
  if (Math.hypot(dx, dy) < leastMoved) return frame;
  const { data, width, height } = frame;
  return { ...frame, data: await thread.call('move', { picture: { data, width, height }, dx, dy }) };
}

/** Value at offset 0 of the line fitted through the points, nearer ones weighing more. */
function lineAtZero(points: readonly { offset: number; value: number }[]): number {
  let [total, first, second, values, moments] = [0, 0, 0, 0, 0];
  for (const { offset, value } of points) {
    const weight = Math.exp(-0.5 * (offset / (reach / 2)) ** 2);
    total += weight;
    first += weight * offset;
    second += weight * offset * offset;
    values += weight * value;
    moments += weight * offset * value;
  }
  const determinant = total * second - first * first;
  return determinant < 1e-9 ? values / total : (second * values - first * moments) / determinant;
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
