/**
 * How likely an unmarked file reads like this: the tail of what searches of unmarked files were measured to show. Of the pattern's
 * and the payload's agreement together, as one sum: nothing is assumed of how the two hang together.
 */
import type { Finding } from './search.ts';

type Agreement = Pick<Finding, 'sync' | 'correlation'>;

/**
 * Of the largest sums that whole searches without a mark show, `share` lie beyond `from`, and beyond it they thin out exponentially,
 * with this mean or less: it is above the upper end (97.5 %) of a bootstrap over such searches. docs/watermark.md
 */
const tail = { from: 11.85, share: 1 / 3, mean: 0.6 } as const;
/** Decodings before a file is given up, sixteen in each of three shots: each may pass the check by chance. */
export const mostDecoded = 48;
export const chanceOfCheck = 2 ** -16;
/** From here on a reading is believed: half of the one in a million that is wanted. */
const mostBelieved = 5e-7;
const least = 1e-12;

/** Standard deviations of pattern and payload together. */
export const agreementOf = ({ sync, correlation }: Agreement): number => sync + correlation;

/** The sum of agreements from which on a reading whose check bits fit is believed. */
export const leastAgreement =
  tail.from + tail.mean * Math.log((tail.share * mostDecoded * chanceOfCheck) / mostBelieved);

/** Upper estimate of the probability that an unmarked file gives a valid payload with this much agreement, or more; 1e-12 to 1. */
export function falsePositiveOf(finding: Agreement): number {
  const excess = agreementOf(finding) - tail.from;
  const beyond = excess > 0 ? tail.share * Math.exp(-excess / tail.mean) : 1;
  return Math.max(least, beyond * mostDecoded * chanceOfCheck);
}

/** Whether a reading is more than chance. */
export const isBelieved = (finding: Agreement & Pick<Finding, 'valid'>): boolean =>
  finding.valid && agreementOf(finding) > leastAgreement;
