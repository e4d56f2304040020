/** What a request came to, as it stands in `Request.outcome`: everything that a result's message says. */
import * as z from 'zod';

import { realismBands } from '../engine/animate/measure/realism.ts';
import type { GivenUp } from '../engine/media/fit.ts';
import { warningCodes } from '../engine/media/warnings.ts';

const rational = z.strictObject({ num: z.int(), den: z.int().positive() });
const size = z.strictObject({ width: z.number(), height: z.number() });

const clip = z.strictObject({
  width: z.int().positive(),
  height: z.int().positive(),
  /** Frames a second. */
  rate: rational,
  bytes: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
});

const givenUp = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('quality'), from: z.number(), to: z.number() }),
  z.strictObject({ what: z.literal('bit-rate'), to: z.number() }),
  z.strictObject({ what: z.literal('sound'), to: z.number() }),
  z.strictObject({ what: z.literal('size'), from: size, to: size }),
  z.strictObject({ what: z.literal('rate'), from: rational, to: rational }),
]) satisfies z.ZodType<GivenUp>;

const restoreOutcome = z.strictObject({
  version: z.literal(1),
  before: clip,
  after: clip,
  /** What the size limit cost, in the order it was given up. */
  givenUp: z.array(givenUp),
  warnings: z.array(
    z.strictObject({ code: z.enum(warningCodes), params: z.record(z.string(), z.union([z.string(), z.number()])) }),
  ),
  /** Wall seconds of the work. */
  seconds: z.number().nonnegative(),
  /** Execution provider of the networks; absent when none ran. */
  provider: z.string().optional(),
});
export type RestoreOutcome = z.output<typeof restoreOutcome>;

const params = z.record(z.string(), z.union([z.string(), z.number()]));

const animateOutcome = z.strictObject({
  version: z.literal(1),
  command: z.literal('animate'),
  after: clip,
  givenUp: z.array(givenUp),
  warnings: z.array(z.strictObject({ code: z.string(), params })),
  /** Bounds that the motion was held to, by `limits.<code>`. */
  limits: z.array(z.strictObject({ code: z.string(), value: z.number(), frames: z.int().nonnegative() })),
  /** How real it looks, as engine/animate/measure/realism.ts found; absent when no face moved. */
  realism: z
    .strictObject({
      score: z.number().min(0).max(100),
      band: z.enum(realismBands),
      parts: z.array(z.strictObject({ name: z.string(), points: z.number() })),
    })
    .optional(),
  /** Wall seconds of the work. */
  seconds: z.number().nonnegative(),
  provider: z.string().optional(),
});
export type AnimateOutcome = z.output<typeof animateOutcome>;

export type Outcome = RestoreOutcome | AnimateOutcome;

const outcome = z.union([restoreOutcome, animateOutcome]);

/** The outcome of a finished request; undefined where there is none, or one of a version that is not known here. */
export function readOutcome(stored: unknown): Outcome | undefined {
  const found = outcome.safeParse(stored);
  return found.success ? found.data : undefined;
}

/** What was given up by encoding once and then again: the first one's beginning and the second one's end. */
export function addGivenUp(earlier: readonly GivenUp[], later: readonly GivenUp[]): GivenUp[] {
  const kept = earlier.filter(({ what }) => !later.some((given) => given.what === what));
  const merged = later.map((given): GivenUp => {
    const before = earlier.find(({ what }) => what === given.what);
    return before && 'from' in before && 'from' in given ? ({ ...given, from: before.from } as GivenUp) : given;
  });
  return [...kept, ...merged];
}
