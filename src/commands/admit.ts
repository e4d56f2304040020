/** From files in the media store to a request that waits: what was found is judged, the quota reserved, consent written down. */
import type { BotServices } from '../discord/command.ts';
import { probe } from '../engine/media/probe.ts';
import type { Probe } from '../engine/media/probe-result.ts';
import { likenessOfClip } from '../engine/provenance/clip-likeness.ts';
import { toNumber } from '../engine/rational.ts';
import { estimateSeconds, estimatingDevice } from '../engine/restore/estimate.ts';
import { type ConsentRules, refuseSubject, type SubjectFacts } from '../policy/consent.ts';
import type { Limits } from '../policy/limits.ts';
import { type PredictedWork, quotaLimits, quotaRefusal } from '../policy/quota.ts';
import { refuseClip } from '../policy/restore-policy.ts';
import type { Findings } from '../queue/findings.ts';
import { type AnimateParameters, movesAFace, type RestoreParameters, toRestoreRequest } from '../queue/job.ts';
import { toJson } from '../queue/json.ts';
import { type NewConsent, recordConsent } from '../store/consents.ts';
import { inTransaction } from '../store/database.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { type QuotaAsk, type QuotaDecision, reserveQuota } from '../store/quotas.ts';
import type { GuildSettings, JsonObject, Request } from '../store/rows.ts';
import { changeStateIn } from '../store/state-change.ts';
import type { FetchedFile } from './fetch-file.ts';
import { refuseBlockedPicture } from './refuse-picture.ts';
import { refuseGoneAnimation } from './refuse-source.ts';

export type Admitted = Pick<Request, 'id' | 'command' | 'requesterId' | 'guildId'>;

/** What admitting needs beside the store: where this machine's measured costs are kept. */
export type Admission = Pick<BotServices, 'db' | 'media' | 'now' | 'consent'> & { readonly modelsDir: string };

/** A photograph that was looked at, and who agreed. */
export interface Looked {
  readonly input: FetchedFile;
  readonly findings: Findings;
  readonly consentId?: string | undefined;
}

/** Rejects with a Refusal, a QueueProblem, a LumiereError of the clip, MediaMissing, or IllegalTransition when it was stopped meanwhile. */
export async function admitClip(
  request: Admitted,
  parameters: RestoreParameters,
  input: FetchedFile,
  limits: Limits,
  admission: Admission,
): Promise<void> {
  await refuseGoneAnimation(request, input.sha256, admission);
  const { found, likeness } = await lookAt(input.sha256, admission);
  const inputSeconds = toNumber(found.video.duration);
  const refusal = refuseClip({ seconds: inputSeconds }, limits);
  if (refusal !== undefined) throw refusal;
  await refuseBlockedPicture(request, likeness, admission);
  // How large the result may become changes how often it is encoded, which is the smallest part of the cost.
  const wish = toRestoreRequest(parameters, { maxBytes: limits.maxInputBytes }).request;
  const predictedSeconds = estimateSeconds(found, wish, await estimatingDevice(admission));
  await admit(request, { input, inputSeconds, predictedSeconds }, limits, admission);
}

/** What there is against an animation, once its photograph was looked at and all was said. Rejects with a Refusal. */
export async function refuseAnimation(
  { id, guildId }: Admitted,
  parameters: AnimateParameters,
  findings: Findings,
  limits: Limits,
  { db, consent }: Pick<Admission, 'db' | 'consent'>,
): Promise<void> {
  const { subject, face, driven } = parameters;
  if (subject === undefined) throw new Error(`nobody said whose face request ${id} is about`);
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const faces = { found: findings.faces.length, all: face === 'all' };
  const facts = { ...subjectFacts({ guildId, settings, consent }), movesAFace: movesAFace(parameters), faces };
  const refusal =
    refuseSubject({ kind: subject.kind, ...facts }) ??
    // A preset has its own length.
    (driven === undefined ? undefined : refuseClip(findings, limits));
  if (refusal !== undefined) throw refusal;
}

/** What is known of a place, of all that decides whose face may be asked for there. */
export function subjectFacts({
  guildId,
  settings,
  consent,
}: {
  readonly guildId: string | null;
  readonly settings: Pick<GuildSettings, 'artworksAllowed' | 'logChannelId'> | undefined;
  readonly consent: ConsentRules;
}): Pick<SubjectFacts, 'artworksAllowed' | 'outsidersAllowed' | 'hasLogChannel' | 'isInGuild'> {
  return {
    artworksAllowed: settings?.artworksAllowed ?? true,
    outsidersAllowed: consent.outsidersAllowed,
    hasLogChannel: (settings?.logChannelId ?? null) !== null,
    isInGuild: guildId !== null,
  };
}

/**
 * Lets an animation that nothing is against into the queue.
 *
 * @param found.consentId the agreement of somebody else than the requester, where one is needed.
 */
export async function admitAnimation(
  request: Admitted,
  parameters: AnimateParameters,
  { input, findings, consentId }: Looked,
  limits: Limits,
  admission: Admission,
): Promise<void> {
  const { requesterId, guildId } = request;
  const { subject, face } = parameters;
  if (subject === undefined) throw new Error(`nobody said whose face request ${request.id} is about`);
  const { kind, declared, textVersion, textLocale } = subject;
  // What the requester may answer for themselves is written down as they said it.
  const own: NewConsent | undefined =
    kind === 'self' || kind === 'artwork'
      ? {
          ...{ kind, declared, textVersion, textLocale, requesterId, guildId },
          ...(kind === 'self' && { subjectId: requesterId }),
          photoSha256: input.sha256,
          now: new Date(admission.now()),
        }
      : undefined;
  // Where there is one to choose it is chosen: others may be too small or turned away.
  const [only, another] = findings.faces;
  const chosen = toJson({ ...parameters, face: face ?? (another === undefined ? only : undefined) });
  const { predictedSeconds } = findings;
  const found = { input, predictedSeconds, consent: own ?? consentId, parameters: chosen };
  await admit(request, found, limits, admission);
}

async function admit(
  { id, command, requesterId, guildId }: Admitted,
  found: {
    readonly input: FetchedFile;
    readonly inputSeconds?: number;
    readonly predictedSeconds: number;
    /** To be written down, or the id of one that is. */
    readonly consent?: NewConsent | string | undefined;
    readonly parameters?: JsonObject;
  },
  limits: Limits,
  { db, now }: Admission,
): Promise<void> {
  const { input, inputSeconds, predictedSeconds, consent, parameters } = found;
  const ask = quotaAsk({ userId: requesterId, guildId, seconds: predictedSeconds }, limits, now());
  const work = { command, seconds: predictedSeconds };
  refuseOverQuota(await reserveQuota(db, { ...ask, requestId: id, command }), limits, work);
  await inTransaction(db, async (tx) => {
    const consentId = typeof consent === 'object' ? await recordConsent(tx, consent) : (consent ?? null);
    await changeStateIn(tx, id, 'waiting', {
      actor: 'bot',
      now: new Date(now()),
      from: ['received'],
      set: {
        inputSha256: input.sha256,
        inputBytes: input.bytes,
        predictedSeconds,
        consentId,
        ...(inputSeconds !== undefined && { inputSeconds }),
        ...(parameters !== undefined && { parameters }),
      },
    });
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
export function refuseOverQuota(decision: QuotaDecision, limits: Limits, work: PredictedWork): void {
  if (!decision.granted) throw quotaRefusal(decision, limits, work);
}

async function lookAt(
  sha256: string,
  { media }: Admission,
): Promise<{ readonly found: Probe; readonly likeness: string }> {
  const file = await media.open(sha256);
  try {
    const found = await probe(file.path);
    return { found, likeness: await likenessOfClip(found) };
  } finally {
    await file.release();
  }
}
