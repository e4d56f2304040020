/** What a finished job tells about the speed of this device: the next plan predicts with it. */
import type { DeviceCosts, MeasuredCosts } from './plan/device-costs.ts';
import type { FrameCounts } from './between/frame-rate.ts';
import type { RestorePlan } from './plan/plan.ts';
import type { Workshop } from './workshop.ts';

const megapixels = ({ width, height }: { width: number; height: number }): number => (width * height) / 1e6;

/** Enlarged pixels, in megapixels, below which a job says more about its start than about the device. */
const leastMegapixels = 1;

/**
 * Milliseconds per megapixel of each network that ran, from the time inside it. Networks that run as one graph (a look and
 * the faithful one beside it) share their time in proportion to what they were predicted to take. Undefined for a job
 * that is too small to tell.
 */
export function measureCosts(
  plan: RestorePlan,
  workshop: Workshop,
  counts: Readonly<FrameCounts>,
  predicted: DeviceCosts,
): MeasuredCosts | undefined {
  if (counts.enlarged * megapixels(plan.working) < leastMegapixels) return undefined;
  const networks: Record<string, number> = {};
  const { upscaler, between } = workshop;
  const { network, faithful } = plan.upscaling;
  if (network !== undefined && upscaler.modelPixels > 0) {
    const together = upscaler.modelMs / (upscaler.modelPixels / 1e6);
    const known = predicted.networks[network] ?? 1;
    const beside = faithful === undefined ? 0 : (predicted.networks[faithful] ?? 0);
    networks[network] = (together * known) / (known + beside);
    if (faithful !== undefined && beside > 0) networks[faithful] = (together * beside) / (known + beside);
  }
  if (between === undefined || counts.between === 0) return { networks };
  const input = plan.between === 'interpolate' ? plan.output : plan.working;
  if (plan.interpolation !== undefined) {
    networks[plan.interpolation] = between.interpolator.modelMs / (megapixels(input) * counts.between);
  }
  return { networks, warp: between.interpolator.warpMs / (megapixels(plan.output) * counts.between) };
}
