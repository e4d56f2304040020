/** The repairs of a plan: filters for the decoder, and stages for what needs more than one picture at a time. */
import type { Stage } from '../../frame.ts';
import { deflicker } from './deflicker.ts';
import { dropHeldFrames } from './held-frames.ts';
import type { RestorePlan } from '../plan/plan.ts';
import { deinterlaceFilters, denoiseFilters } from './repair-filters.ts';
import { markShots } from './scene-cuts.ts';
import { stabilise } from './stabilise.ts';

/** FFmpeg filters that the decoder applies, in order: fields first, because noise is looked for between whole frames. */
export function decoderFilters({ deinterlacing, denoise }: RestorePlan): string[] {
  return [...deinterlaceFilters(deinterlacing), ...(denoise === undefined ? [] : denoiseFilters(denoise))];
}

/**
 * Stages in order. Cuts are marked first, because no other stage may look across one; repeats go next, because they would
 * hide flicker and weave from the stages that smooth them over neighbouring drawings.
 */
export function cleaningStages(plan: RestorePlan): Stage[] {
  return [
    markShots,
    ...(plan.cadence === undefined ? [] : [dropHeldFrames(plan.cadence)]),
    ...(plan.deflicker ? [deflicker] : []),
    ...(plan.stabilise ? [stabilise] : []),
  ];
}
