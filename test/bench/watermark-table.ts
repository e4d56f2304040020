/** The table of what the benchmark of marks has measured. */
import {
  agreementOf,
  chanceOfCheck,
  leastAgreement,
  mostDecoded,
} from '../../src/engine/provenance/watermark/false-positive.ts';
import type { BenchRow } from './report.ts';
import { bootstrapInterval, fitTail, wilsonInterval } from './statistics.ts';
import { type Attack, everyday, harder } from './watermark-attacks.ts';
import type { Bytes, Cost, Result, Trial, UnmarkedSearch } from './watermark-results.ts';

/** An unmarked file may be believed to be marked this often. */
const mostBelieved = 1e-6;
/** Of an encoding's processor time. */
const mostCost = 0.05;
/** Fewer searches of unmarked files say nothing about their tail. */
const leastSearches = 20;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const between = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  `${percent(from)} to ${percent(to)}`;

/** Rows of whatever there are results of. */
export function rowsOf(results: readonly Result[]): BenchRow[] {
  const trials = results.filter((result) => result.kind === 'trial');
  const tried = trials.filter(({ group }) => group === 'trial');
  const of = (attacks: readonly Attack[]): Trial[] =>
    tried.filter(({ attack }) => attacks.some(({ name }) => name === attack));
  return [
    ...together('what happens every day, together', of(everyday), 0.99),
    ...everyday.flatMap((attack) => single(attack.name, of([attack]), 0.99)),
    ...together('what is harder, together', of(harder), 0.95),
    ...harder.flatMap((attack) => single(attack.name, of([attack]), 0.95)),
    ...single(
      'clips of 192x144',
      trials.filter(({ group }) => group === 'small'),
      undefined,
    ),
    ...unmarkedRows(results.filter((result) => result.kind === 'unmarked')),
    ...results.filter((result) => result.kind === 'cost').flatMap(costRows),
    ...bytesRows(results.filter((result) => result.kind === 'bytes')),
  ];
}

function shareOf(trials: readonly Trial[]): number {
  return trials.filter(({ read }) => read).length / trials.length;
}

/**
 * How many were read, with the interval of Wilson, as though each trial stood alone, and that of a bootstrap over scenes, whose
 * clips, keys and attacks do not. `least` is the lower end of both.
 */
function measure(trials: readonly Trial[]): { readonly measured: string; readonly least: number } {
  const names = [...new Set(trials.map(({ scene }) => scene))];
  const scenes = names.map((name) => trials.filter(({ scene }) => scene === name));
  const wilson = wilsonInterval(trials.filter(({ read }) => read).length, trials.length);
  const drawn = bootstrapInterval(scenes, (some) => shareOf(some.flat()));
  const read = trials.filter((trial) => trial.read).length;
  return {
    measured: `${read} of ${trials.length}, ${percent(shareOf(trials))} (Wilson ${between(wilson)}; over ${scenes.length} scenes ${between(drawn)})`,
    least: Math.min(wilson.from, drawn.from),
  };
}

/** Reached when the lower end of the 95 % intervals is. */
function together(what: string, trials: readonly Trial[], reach: number): BenchRow[] {
  if (trials.length === 0) return [];
  const { measured, least } = measure(trials);
  return [{ what: `watermark: ${what}`, measured, reach: `lower end at least ${percent(reach)}`, ok: least >= reach }];
}

/** Too few trials for a lower end: the share alone is held against what is wanted. */
function single(what: string, trials: readonly Trial[], reach: number | undefined): BenchRow[] {
  if (trials.length === 0) return [];
  const { measured } = measure(trials);
  return [
    {
      what: `watermark: ${what}`,
      measured,
      reach: reach === undefined ? 'no target' : `share alone at least ${percent(reach)}`,
      ok: reach === undefined || shareOf(trials) >= reach,
    },
  ];
}

/** Probability that a search without a mark is believed, by its tail. */
function chanceOf(sums: readonly number[]): number {
  const { from, share, mean } = fitTail(sums);
  return share * Math.exp(-(leastAgreement - from) / mean) * mostDecoded * chanceOfCheck;
}

function unmarkedRows(searches: readonly UnmarkedSearch[]): BenchRow[] {
  if (searches.length < leastSearches) return [];
  const sums = searches.map(({ places }) => Math.max(...places.map(agreementOf)));
  const { from, mean } = fitTail(sums);
  const upper = bootstrapInterval(sums, chanceOf).to;
  const means = bootstrapInterval(sums, (drawn) => fitTail(drawn).mean);
  const valid = searches.flatMap(({ places }) => places).filter((place) => place.valid).length;
  const figures = [
    `${chanceOf(sums).toExponential(1)} (upper end ${upper.toExponential(1)})`,
    `by ${searches.length} searches: largest sum ${Math.max(...sums).toFixed(2)} of ${leastAgreement.toFixed(2)} needed`,
    `a third beyond ${from.toFixed(2)}, by ${mean.toFixed(2)} on average (at most ${means.to.toFixed(2)})`,
    `check bits fitted ${valid} times`,
  ];
  return [
    {
      what: 'watermark: an unmarked file is believed to be marked',
      measured: figures.join(', '),
      reach: `upper end under ${mostBelieved}`,
      ok: upper < mostBelieved,
    },
  ];
}

const costRows = ({ preset, rate, marking, withEncoder }: Cost): BenchRow[] => [
  {
    what: `watermark: processor time of marking, of an encoding at 1280x720, ${rate} frames a second, preset ${preset}`,
    measured: percent(marking),
    reach: `under ${percent(mostCost)}`,
    ok: marking < mostCost,
  },
  {
    what: 'watermark: the same with what the encoder takes longer for a marked picture',
    measured: percent(withEncoder),
    reach: 'no target',
    ok: true,
  },
];

function bytesRows(files: readonly Bytes[]): BenchRow[] {
  if (files.length === 0) return [];
  const grown = files
    .map(({ clip, plain, marked }) => ({ clip, growth: marked / plain - 1 }))
    .toSorted((a, b) => a.growth - b.growth);
  const [least, median, most] = [grown[0]!, grown[grown.length >> 1]!, grown.at(-1)!];
  return [
    {
      what: `watermark: bytes that a mark adds to a file at CRF 18, ${files.length} clips`,
      measured: `${percent(median.growth)} at the median; ${percent(least.growth)} (${least.clip}) to ${percent(most.growth)} (${most.clip})`,
      reach: 'no target',
      ok: true,
    },
  ];
}
