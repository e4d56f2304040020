/** How much of the benchmark of marks is run: the whole takes about an hour on two quiet cores. */
export const parts = ['cost', 'trials', 'unmarked'] as const;

export interface WatermarkBenchOptions {
  /** Of the trial clips, the first so many. */
  readonly clips: number;
  /** Keys and payloads that each clip is marked with. */
  readonly keys: number;
  /** Of the attacks, the first so many. */
  readonly attacks: number;
  /** Searches of unmarked files. */
  readonly searches: number;
  readonly parts: readonly (typeof parts)[number][];
  /** Goes on where a run was stopped, with the same or with other numbers. */
  readonly resume: boolean;
}

const numbers = { clips: Infinity, keys: 2, attacks: Infinity, searches: 300 } as const;

/**
 * Reads `--clips=N --keys=N --attacks=N --searches=N --parts=cost,trials,unmarked --resume`. Throws a RangeError for a number that
 * is none and a part that there is not.
 */
export function watermarkOptions(words: readonly string[]): WatermarkBenchOptions {
  const said = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const number = (name: keyof typeof numbers): number => {
    const value = Number(said(name) ?? numbers[name]);
    if (Number.isNaN(value) || value < 1) throw new RangeError(`expected --${name}= with a number from 1 up`);
    return value;
  };
  const wanted = said('parts')?.split(',') ?? parts;
  const known = parts.filter((part) => wanted.includes(part));
  if (known.length !== wanted.length) throw new RangeError(`expected --parts= of ${parts.join(', ')}`);
  return {
    clips: number('clips'),
    keys: number('keys'),
    attacks: number('attacks'),
    searches: number('searches'),
    parts: known,
    resume: words.includes('--resume'),
  };
}
