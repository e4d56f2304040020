/**
 * A first guess at what a restoration costs, from the probe alone: for deciding whether to accept a clip and where it
 * stands in a queue, before anything has looked at its pictures. The worker's own plan, made from an inspection, follows.
 */
import { loadCatalog } from '../model/catalog.ts';
import { executionProviders } from '../model/session.ts';
import type { Probe } from '../media/probe-result.ts';
import { loadDeviceCosts } from './plan/device-costs.ts';
import type { ClipInspection } from './inspection/inspection.ts';
import { costsFile, type Machine } from './plan/machine.ts';
import { type PlanDevice, planRestore } from './plan/plan.ts';
import type { RestoreRequest } from './request.ts';

/**
 * A clip with nothing wrong that would make its restoration cheaper: no frame is held, no picture softer than its size.
 * So the guess errs on the side of too much.
 */
const nothingKnown: ClipInspection = {
  framesSeen: 0,
  effectiveScale: 1,
  noise: 0,
  blockiness: 0,
  flicker: 0,
  fields: 'progressive',
  held: { share: 0 },
  weave: 0,
  cutsPerMinute: 0,
};

/**
 * The device to reckon with where no network runs: the fastest that a job has been measured on, by the file beside the
 * weights, else two processor cores. Every network counts as installed, because the machines that do the work have them.
 */
export async function estimatingDevice(machine: Pick<Machine, 'modelsDir'>): Promise<PlanDevice> {
  const installed = loadCatalog().models.map(({ id }) => id);
  for (const provider of executionProviders) {
    const costs = await loadDeviceCosts(costsFile(machine), provider);
    if (costs.measured) return { provider, gpu: provider !== 'cpu', costs, installed };
  }
  return { provider: 'cpu', gpu: false, costs: await loadDeviceCosts(costsFile(machine), 'cpu'), installed };
}

/**
 * Seconds of compute that restoring the clip will take at most, more or less.
 * @throws LumiereError `request.invalid` for a rate that the clip cannot be brought to.
 */
export function estimateSeconds(probe: Probe, request: RestoreRequest, device: PlanDevice): number {
  const plan = planRestore({ probe, inspection: nothingKnown, request, device, ownSound: probe.audio.length > 0 });
  return plan.predictedSeconds;
}
