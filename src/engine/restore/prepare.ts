/** Looks at a clip and makes its plan, without touching a network: what `--dry-run` does, and how every job begins. */
import { LumiereError } from '../errors.ts';
import { openMedia } from '../media/open-media.ts';
import { clipSound } from '../media/sound-source.ts';
import { probe } from '../media/probe.ts';
import type { Probe } from '../media/probe-result.ts';
import { inspectClip } from './inspection/inspect.ts';
import type { ClipInspection } from './inspection/inspection.ts';
import { describeMachine, type Machine } from './plan/machine.ts';
import { planRestore, type RestorePlan } from './plan/plan.ts';
import type { RestoreRequest } from './request.ts';
import { findSound } from './sound/find-sound.ts';
import type { SoundRequest } from './sound/request.ts';

export interface PreparedRestore {
  readonly probe: Probe;
  readonly inspection: ClipInspection;
  readonly sound: SoundRequest;
  readonly plan: RestorePlan;
}

/**
 * Probes and inspects the clip at `path` and plans its restoration.
 * Rejects with the `input.…` error of a clip that cannot be used, `request.invalid`,
 * the codes of `findSound`, `model.not-installed` or `job.cancelled`.
 */
export async function prepareRestore(
  path: string,
  request: RestoreRequest,
  sound: SoundRequest,
  { machine, signal }: { readonly machine: Machine; readonly signal: AbortSignal },
): Promise<PreparedRestore> {
  const [found, device] = await Promise.all([probeClip(path, signal), describeMachine(machine)]);
  // A sound that is not there is refused before hours of pictures, not after.
  if (sound.kind === 'file') await findSound(sound.path, signal);
  const inspection = await inspectClip(found, { signal });
  const ownSound = sound.kind !== 'none' && clipSound(found).sound !== undefined;
  return {
    probe: found,
    inspection,
    sound,
    plan: planRestore({ probe: found, inspection, request, device, ownSound }),
  };
}

/** A photograph is the commonest file that is no clip, and there is something else to be done with it. */
async function probeClip(path: string, signal: AbortSignal): Promise<Probe> {
  try {
    return await probe(path, { signal });
  } catch (error) {
    if (!(error instanceof LumiereError) || error.code !== 'input.not-media') throw error;
    const media = await openMedia(path, signal).catch(() => undefined);
    throw media?.kind === 'still' ? new LumiereError('input.photograph', { path }, { cause: error }) : error;
  }
}
