/** The networks of one job, opened for the sizes of its plan, and closed together. */
import type { ExecutionProvider, SessionPool } from '../model/session.ts';
import type { EnlargingModel } from './enlarge/enlarge-recipe.ts';
import { createInterpolator, type Interpolator, motionReduction } from './between/interpolator.ts';
import type { Machine } from './plan/machine.ts';
import { motionSize } from './between/motion-graph.ts';
import { findEnlargingNetwork, findNetwork } from './networks.ts';
import type { RestorePlan } from './plan/plan.ts';
import { type OverlayWatch, watchOverlays } from './between/static-overlay.ts';
import { createUpscaler, type Upscaler } from './enlarge/upscaler.ts';

export interface Workshop {
  readonly upscaler: Upscaler;
  /** Absent when the plan makes no frames between. */
  readonly between?: { readonly interpolator: Interpolator; readonly overlays: OverlayWatch };
  /** Undefined when no network runs. */
  readonly provider: ExecutionProvider | undefined;
  /** Milliseconds spent inside networks so far. */
  modelMs(): number;
  close(): Promise<void>;
}

/** Rejects as `findNetwork` and `SessionPool.open` do; then nothing stays open. */
export async function openWorkshop(
  plan: RestorePlan,
  pool: SessionPool,
  { modelsDir, threads }: Machine,
): Promise<Workshop> {
  const { working, output, upscaling, interpolation } = plan;
  const load = async (id: string | undefined): Promise<EnlargingModel | undefined> =>
    id === undefined ? undefined : await findEnlargingNetwork(id, modelsDir);
  const [network, faithful, twin] = await Promise.all(
    [upscaling.network, upscaling.faithful, upscaling.twin?.network].map(load),
  );
  const upscaler = await createUpscaler(pool, {
    ...working,
    outputWidth: output.width,
    outputHeight: output.height,
    share: upscaling.share,
    noise: plan.remainingNoise,
    ...(network && { network }),
    ...(faithful && { faithful }),
    ...(twin && upscaling.twin && { twin: { model: twin, denoising: upscaling.twin.denoising } }),
  });
  if (interpolation === undefined) {
    return { upscaler, provider: upscaler.provider, modelMs: () => upscaler.modelMs, close: () => upscaler.close() };
  }
  try {
    const size = plan.between === 'interpolate' ? output : working;
    const reduce = motionReduction(size.width, size.height);
    const interpolator = await createInterpolator(pool, await findNetwork(interpolation, modelsDir), {
      width: size.width,
      height: size.height,
      reduce,
      ...(threads !== undefined && { threads }),
    });
    return {
      upscaler,
      between: {
        interpolator,
        overlays: watchOverlays(motionSize({ width: size.width, height: size.height, reduce })),
      },
      provider: upscaler.provider ?? interpolator.provider,
      modelMs: () => upscaler.modelMs + interpolator.modelMs,
      close: async () => {
        await Promise.all([upscaler.close(), interpolator.close()]);
      },
    };
  } catch (error) {
    await upscaler.close();
    throw error;
  }
}
