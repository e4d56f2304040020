/** How likely an unmarked file reads like this: the tails of what unmarked files were measured to show. */

/** A Gumbel distribution: that of the largest of many values. */
interface Tail {
  readonly location: number;
  readonly scale: number;
}

/** Fitted to the largest agreement of whole searches without a mark, and to the correlation of what they decode; docs/watermark.md. */
const syncTail: Tail = { location: 4.9, scale: 0.39 };
const correlationTail: Tail = { location: 5.5, scale: 0.62 };
/** Places that are decoded before a file is given up, seven in each of three shots: each may pass the check by chance. */
const mostDecoded = 21;
const chanceOfCheck = 2 ** -16;
const least = 1e-12;

const beyond = ({ location, scale }: Tail, value: number): number =>
  -Math.expm1(-Math.exp(-(value - location) / scale));

/** Probability that an unmarked file gives a valid payload with this much agreement, or more, somewhere; 1e-12 to 1. */
export function falsePositiveOf({
  sync,
  correlation,
}: {
  readonly sync: number;
  readonly correlation: number;
}): number {
  const chance = beyond(syncTail, sync) * beyond(correlationTail, correlation) * mostDecoded * chanceOfCheck;
  return Math.max(least, Math.min(1, chance));
}
