/** How sure a share of successes is. */

/** 95 % interval of a share, from successes among trials (Wilson 1927): right for shares near 1 as well. */
export function wilsonInterval(successes: number, trials: number): { readonly from: number; readonly to: number } {
  const z = 1.959964;
  const share = successes / trials;
  const middle = share + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const whole = 1 + z ** 2 / trials;
  return { from: Math.max(0, (middle - half) / whole), to: Math.min(1, (middle + half) / whole) };
}

/**
 * Location and scale of a Gumbel distribution by maximum likelihood, for values that are each the largest of many; a fixed
 * point of the scale's equation, from the moments.
 */
export function fitGumbel(values: readonly number[]): { readonly location: number; readonly scale: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
  let scale = (deviation * Math.sqrt(6)) / Math.PI;
  for (let round = 0; round < 200; round++) {
    const weights = values.map((value) => Math.exp(-(value - mean) / scale));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const weighted = values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
    scale = (scale + mean - weighted) / 2;
  }
  const average = values.reduce((sum, value) => sum + Math.exp(-(value - mean) / scale), 0) / count;
  return { location: mean - scale * Math.log(average), scale };
}
