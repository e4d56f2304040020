/** What a size limit cost, as sentences: the same on the command line and on Discord. */
import type { GivenUp } from './engine/media/fit.ts';
import { type Rational, toNumber } from './engine/rational.ts';
import type { Translate } from './locale.ts';

/** Frames a second as people write it: 60, 29.97; the sentence gives it the language's decimal sign. */
export const rateOf = (rate: Rational): number => Math.round(toNumber(rate) * 100) / 100;

/** What one step of fitting to a size limit cost, with the figures before and after. */
export function describeGivenUp(given: GivenUp, t: Translate): string {
  switch (given.what) {
    case 'quality':
      return t('given-up.quality', { from: given.from, to: given.to });
    case 'bit-rate':
    case 'sound':
      return t(`given-up.${given.what}`, { kilobits: Math.round(given.to / 1000) });
    case 'size':
      return t('given-up.size', { width: given.to.width, height: given.to.height });
    case 'rate':
      return t('given-up.rate', { from: rateOf(given.from), to: rateOf(given.to) });
  }
}
