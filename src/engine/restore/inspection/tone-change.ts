/**
 * How the brightness of one thumbnail turned into that of the next: a curve over the 256 levels, read from pixels at the
 * same place, so that things which move or enter hardly bend it (a histogram would follow them).
 */
import { halved } from './picture-faults.ts';
import type { GreyPicture } from './thumbnail.ts';

/** `curve[level]` is what a pixel of that level became; rising, 0..255, not rounded. */
export type ToneCurve = Float32Array;

export const identityTone: ToneCurve = Float32Array.from({ length: 256 }, (_, level) => level);

/** Knots of equal population; with more, each rests on too few pixels of an 80x60 picture. */
const knots = 6;
/** In levels: up to the first, the change read forwards and backwards is one and the same; from the second on it is not. */
const disagreement = { begins: 16, full: 32 } as const;

/**
 * Motion pulls the medians of dark and bright pixels to the middle, forwards as backwards, and the mean of the two cancels
 * it. Where they disagree, something came or went, and the smaller change is the light's.
 */
export function toneChange(first: GreyPicture, second: GreyPicture): ToneCurve {
  const [a, b] = [halved(first).data, halved(second).data];
  const forward = curveThrough(levelShifts(a, b));
  const backward = inverted(curveThrough(levelShifts(b, a)));
  const curve = forward.map((there, level) => {
    const back = backward[level]!;
    const smaller = Math.abs(there - level) < Math.abs(back - level) ? there : back;
    const doubt = (Math.abs(there - back) - disagreement.begins) / (disagreement.full - disagreement.begins);
    const share = Math.max(0, Math.min(1, doubt));
    return ((there + back) / 2) * (1 - share) + smaller * share;
  });
  return rising(curve);
}

/** The lowest curve over this one that never falls. */
export function rising(curve: ToneCurve): ToneCurve {
  let highest = 0;
  return curve.map((level) => (highest = Math.max(highest, Math.min(255, level))));
}

/** `after(before(x))`. */
export function composed(before: ToneCurve, after: ToneCurve): ToneCurve {
  return before.map((level) => valueAt(after, level));
}

export function inverted(curve: ToneCurve): ToneCurve {
  const inverse = new Float32Array(256);
  let level = 0;
  for (let wanted = 0; wanted < 256; wanted++) {
    while (level < 255 && curve[level]! < wanted) level++;
    const below = level === 0 ? 0 : curve[level - 1]!;
    const rise = curve[level]! - below;
    const place = level === 0 ? 0 : level - 1 + (rise > 1e-6 ? (wanted - below) / rise : 1);
    inverse[wanted] = Math.max(0, Math.min(255, place));
  }
  return inverse;
}

function valueAt(curve: ToneCurve, level: number): number {
  const low = Math.max(0, Math.min(254, Math.floor(level)));
  return curve[low]! + (curve[low + 1]! - curve[low]!) * (Math.max(0, Math.min(255, level)) - low);
}

/** For pixels of `from` in equal groups by level: the mean level of the group, and its middle change. */
function levelShifts(from: Uint8Array, to: Uint8Array): { level: number; shift: number }[] {
  const order = new Uint32Array(from.length);
  const starts = new Uint32Array(257);
  for (const level of from) starts[level + 1]!++;
  for (let level = 0; level < 256; level++) starts[level + 1]! += starts[level]!;
  for (let i = 0; i < from.length; i++) order[starts[from[i]!]!++] = i;
  const shifts: { level: number; shift: number }[] = [];
  for (let group = 0; group < knots; group++) {
    const members = order.subarray(
      Math.floor((group * order.length) / knots),
      Math.floor(((group + 1) * order.length) / knots),
    );
    let sum = 0;
    for (const i of members) sum += from[i]!;
    const changes = Int16Array.from(members, (i) => to[i]! - from[i]!).sort();
    // The mean of the middle half: as deaf to what moves as the median, but finer than a level.
    const [low, high] = [changes.length >> 2, changes.length - (changes.length >> 2)];
    let middle = 0;
    for (let i = low; i < high; i++) middle += changes[i]!;
    shifts.push({ level: sum / members.length, shift: middle / (high - low) });
  }
  return shifts;
}

/** A rising curve through the groups; black stays black, the top group's shift holds up to white. */
function curveThrough(shifts: readonly { level: number; shift: number }[]): ToneCurve {
  const points = [{ level: 0, value: 0 }];
  for (const { level, shift } of shifts) {
    const last = points.at(-1)!;
    // Groups of nearly one level say the same thing twice.
    if (level - last.level < 4) continue;
    points.push({ level, value: Math.max(last.value + 0.05 * (level - last.level), level + shift) });
  }
  const top = points.at(-1)!;
  points.push({ level: 256, value: Math.max(top.value + 0.05 * (256 - top.level), top.value + (256 - top.level)) });
  const curve = new Float32Array(256);
  for (let level = 0, next = 1; level < 256; level++) {
    while (level >= points[next]!.level) next++;
    const [from, to] = [points[next - 1]!, points[next]!];
    curve[level] = from.value + ((to.value - from.value) * (level - from.level)) / (to.level - from.level);
  }
  return curve.map((value) => Math.max(0, Math.min(255, value)));
}
