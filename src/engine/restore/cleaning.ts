/** The repairs of a plan, as stages. */
import type { Stage } from '../frame.ts';
import { dropHeldFrames } from './held-frames.ts';
import type { RestorePlan } from './plan.ts';
import { markShots } from './scene-cuts.ts';

/** Stages in order: cuts are marked first, because no other stage may look across one. */
export function cleaningStages(plan: RestorePlan): Stage[] {
  return [markShots, ...(plan.cadence === undefined ? [] : [dropHeldFrames(plan.cadence)])];
}
