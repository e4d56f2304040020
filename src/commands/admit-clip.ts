/** From a clip in the media store to a request that waits: the clip is looked at, its cost guessed, its quota reserved. */
import type { BotServices } from '../discord/command.ts';
import { probe } from '../engine/media/probe.ts';
import type { Probe } from '../engine/media/probe-result.ts';
import { toNumber } from '../engine/rational.ts';
import { estimateSeconds, estimatingDevice } from '../engine/restore/estimate.ts';
import type { Limits } from '../policy/limits.ts';
import { quotaLimits, quotaRefusal, refuseClip } from '../policy/restore-policy.ts';
import { type RestoreParameters, toRestoreRequest } from '../queue/job.ts';
import { type QuotaAsk, type QuotaDecision, reserveQuota } from '../store/quotas.ts';
import { changeState } from '../store/requests.ts';

export interface FetchedClip {
  readonly requestId: string;
  readonly requesterId: string;
  /** null in direct messages. */
  readonly guildId: string | null;
  readonly parameters: RestoreParameters;
  readonly sha256: string;
  readonly bytes: number;
}

/** What admitting needs beside the store: where this machine's measured costs are kept. */
export type Admission = Pick<BotServices, 'db' | 'media' | 'now'> & { readonly modelsDir: string };

/** Rejects with a Refusal, a LumiereError of the clip, MediaMissing, or IllegalTransition when it was stopped meanwhile. */
export async function admitClip(clip: FetchedClip, limits: Limits, admission: Admission): Promise<void> {
  const { requestId, requesterId, guildId, parameters, sha256, bytes } = clip;
  const { db, now, modelsDir } = admission;
  const found = await lookAt(sha256, admission);
  const inputSeconds = toNumber(found.video.duration);
  const refusal = refuseClip({ seconds: inputSeconds }, limits);
  if (refusal !== undefined) throw refusal;
  // How large the result may become changes how often it is encoded, which is the smallest part of the cost.
  const { request } = toRestoreRequest(parameters, { maxBytes: limits.maxInputBytes });
  const predictedSeconds = estimateSeconds(found, request, await estimatingDevice({ modelsDir }));
  const ask = quotaAsk({ userId: requesterId, guildId, seconds: predictedSeconds }, limits, now());
  refuseOverQuota(await reserveQuota(db, { ...ask, requestId, command: 'restore' }), limits, predictedSeconds);
  await changeState(db, requestId, 'waiting', {
    actor: 'bot',
    now: new Date(now()),
    from: ['received'],
    set: { inputSha256: sha256, inputBytes: bytes, inputSeconds, predictedSeconds },
  });
}

export function quotaAsk(
  { userId, guildId, seconds }: { readonly userId: string; readonly guildId: string | null; readonly seconds: number },
  limits: Limits,
  now: number,
): QuotaAsk {
  return { userId, guildId: guildId ?? undefined, seconds, limits: quotaLimits(limits), now: new Date(now) };
}

/** @throws Refusal when there is no place. */
export function refuseOverQuota(decision: QuotaDecision, limits: Limits, seconds: number): void {
  if (!decision.granted) throw quotaRefusal(decision, limits, seconds);
}

async function lookAt(sha256: string, { media }: Admission): Promise<Probe> {
  const file = await media.open(sha256);
  try {
    return await probe(file.path);
  } finally {
    await file.release();
  }
}
