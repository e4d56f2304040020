/**
 * The One-Euro filter (Casiez, Roussel and Vogel, CHI 2012): smooth where little happens, quick where much does. Over a whole
 * clip it runs forwards and backwards and the two are averaged, so that nothing comes late: lips must stay with the sound.
 */

export interface OneEuroOptions {
  /** Values a second. */
  readonly rate: number;
  /** Hertz that pass when the value stands still: less is smoother. */
  readonly minCutoff: number;
  /** Hertz more for each unit a second of speed: more follows fast motion sooner. */
  readonly beta: number;
}

/** Hertz that pass of the speed itself. */
const speedCutoff = 1;
/** Numbers smoothed before others get their turn on this thread. */
const numbersAtOnce = 60_000;

const share = (cutoff: number, rate: number): number => {
  const r = (2 * Math.PI * cutoff) / rate;
  return r / (r + 1);
};

/** The filter as published: one value after another, each as smooth as those before it allow. */
export function oneEuro({ rate, minCutoff, beta }: OneEuroOptions): (value: number) => number {
  let last: number | undefined;
  let speed = 0;
  return (value) => {
    if (last === undefined) return (last = value);
    speed += share(speedCutoff, rate) * ((value - last) * rate - speed);
    last += share(minCutoff + beta * Math.abs(speed), rate) * (value - last);
    return last;
  };
}

/**
 * Smooths whole curves in place, without delay: `values` holds `width` numbers for each frame, one frame after another.
 * @param span first frame and the one after the last; what lies outside is left alone.
 */
export async function smoothCurves(
  values: Float64Array,
  width: number,
  options: OneEuroOptions,
  [from, to]: readonly [number, number],
): Promise<void> {
  const forwards = new Float64Array(to - from);
  let done = 0;
  for (let column = 0; column < width; column++) {
    const ahead = oneEuro(options);
    for (let k = from; k < to; k++) forwards[k - from] = ahead(values[k * width + column]!);
    const back = oneEuro(options);
    for (let k = to - 1; k >= from; k--) {
      const at = k * width + column;
      values[at] = (forwards[k - from]! + back(values[at]!)) / 2;
    }
    done += to - from;
    if (done > numbersAtOnce) {
      done = 0;
      await new Promise(setImmediate);
    }
  }
}
