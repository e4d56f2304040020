/**
 * Enlarges by the restore engine: the photograph, once, before it is animated, and not every frame of the result. The pixels
 * are the same network's, the motion is resampled from more of them, nothing flickers from frame to frame, and 5 seconds cost
 * one enlargement in place of 125.
 */
import type { SessionPool } from '../model/session.ts';
import { rational } from '../rational.ts';
import type { EnlargingModel } from '../restore/enlarge/enlarge-recipe.ts';
import { createUpscaler } from '../restore/enlarge/upscaler.ts';
import { findEnlargingNetwork } from '../restore/networks.ts';
import { describeMachine, type Machine } from '../restore/plan/machine.ts';
import { chooseUpscaling } from '../restore/plan/upscaling-choice.ts';
import type { Picture } from '../picture.ts';

/** Longest side of a result; beyond it nothing is gained on any screen that plays it. */
export const longestResult = 4096;

/** `photo` enlarged by `factor`, above 1 and at most 4. Rejects with `model.not-installed`, `device.failed` or `job.cancelled`. */
export async function enlargePhoto(
  photo: Picture,
  factor: number,
  pool: SessionPool,
  { machine, signal }: { readonly machine: Machine; readonly signal: AbortSignal },
): Promise<{ readonly photo: Picture; readonly modelMs: number }> {
  const { gpu, installed } = await describeMachine(machine);
  const choice = chooseUpscaling('video', 'balanced', { factor, gpu, noise: 0, installed });
  const load = async (id: string | undefined): Promise<EnlargingModel | undefined> =>
    id === undefined ? undefined : await findEnlargingNetwork(id, machine.modelsDir);
  const [network, faithful, twin] = await Promise.all(
    [choice.network, choice.faithful, choice.twin?.network].map(load),
  );
  const size = { width: Math.round(photo.width * factor), height: Math.round(photo.height * factor) };
  const upscaler = await createUpscaler(pool, {
    width: photo.width,
    height: photo.height,
    outputWidth: size.width,
    outputHeight: size.height,
    share: choice.share,
    ...(network && { network }),
    ...(faithful && { faithful }),
    ...(twin && choice.twin && { twin: { model: twin, denoising: choice.twin.denoising } }),
  });
  try {
    const frame = { format: 'rgb24', ...photo, time: rational(0) } as const;
    const { data } = await upscaler.upscale(frame, signal);
    return { photo: { ...size, data }, modelMs: upscaler.modelMs };
  } finally {
    await upscaler.close();
  }
}
