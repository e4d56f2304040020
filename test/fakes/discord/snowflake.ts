/** Discord's identifiers: 42 bits of milliseconds since 2015, then 22 bits that make ids of one millisecond differ. */
import type { Clock } from './clock.ts';

const EPOCH = 1_420_070_400_000n;

/** Ids in strictly rising order, dated by the server's clock. */
export function createSnowflakes(clock: Clock): () => string {
  let last = 0n;
  return () => {
    const dated = (BigInt(Math.floor(clock.now())) - EPOCH) << 22n;
    last = dated > last ? dated : last + 1n;
    return last.toString();
  };
}

export const isSnowflake = (text: string): boolean => /^(0|[1-9][0-9]{0,19})$/.test(text);
