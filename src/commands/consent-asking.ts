/**
 * A request whose face is not the requester's: is there an agreement already, may somebody be asked, and the message that
 * asks them. Every step can be done again by another process: the question stands in rows, and a nonce keeps it single.
 */
import { type APIMessage, DiscordAPIError, Routes } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { directChannel } from '../discord/direct-channel.ts';
import { translatorOf } from '../discord/localise.ts';
import { type Message, notice } from '../discord/message.ts';
import { nonceOf } from '../discord/nonce.ts';
import { type UploadForm, uploadForm } from '../discord/upload-form.ts';
import { chooseLanguage, type Language } from '../locale.ts';
import { refuseQuestion } from '../policy/consent.ts';
import { consentTextVersion } from '../policy/consent-texts.ts';
import { Refusal } from '../policy/refusal.ts';
import { readFindings } from '../queue/findings.ts';
import { type AnimateParameters, animateParameters, movesAFace } from '../queue/job.ts';
import { questionsTo, standingConsent } from '../store/consent-lookups.ts';
import { askConsent, forgetConsentMessage, noteConsentMessage } from '../store/consent-questions.ts';
import { guildSettings } from '../store/guild-settings.ts';
import { findRequest, type WholeRequest } from '../store/member-requests.ts';
import { MediaMissing } from '../store/media-store.ts';
import { RequestMissing } from '../store/requests.ts';
import type { Consent, Reply } from '../store/rows.ts';
import { isAsked } from './animate-question.ts';
import { type ConsentQuestionView, consentQuestion, hiddenQuestion } from './consent-question.ts';
import { takeMessageAway } from '../discord/take-away.ts';

export type AskingServices = Pick<
  BotServices,
  'client' | 'db' | 'logKey' | 'media' | 'cards' | 'consent' | 'deliveryRest' | 'now' | 'log'
>;

/** What lets a request go on that somebody else decides about: their agreement, or that they are asked. */
export type Agreement = { readonly consentId: string } | 'asked';

const dayMs = 24 * 3_600_000;
const questionFile = 'faces.jpg';

/**
 * Undefined where nobody else decides. Rejects with a Refusal when they may not or cannot be asked, and with
 * IllegalTransition when the request was stopped meanwhile.
 */
export async function agreementFor(
  requestId: string,
  parameters: AnimateParameters,
  photoSha256: string,
  services: AskingServices,
): Promise<Agreement | undefined> {
  const { db, now, cards, consent: rules } = services;
  const { subject } = parameters;
  if (subject === undefined || !isAsked(subject.kind) || !movesAFace(parameters)) return undefined;
  const request = await findRequest(db, requestId);
  if (!request?.reply) throw new RequestMissing(requestId);
  const known = request.consentId === null ? null : await db.consent.findUnique({ where: { id: request.consentId } });
  if (known?.state === 'given') return { consentId: known.id };
  const { kind, memberId: subjectId } = subject;
  let consent = known;
  if (consent === null) {
    const at = new Date(now());
    if (kind === 'member') {
      const standing = await standingOrRefuse(request, subjectId, at, services);
      if (standing !== undefined) return { consentId: standing.id };
    }
    const language = await languageOf(request, subjectId, services);
    const { declared } = subject;
    consent = await askConsent(db, {
      ...{ requestId, kind, subjectId, photoSha256, declared },
      textVersion: consentTextVersion,
      textLocale: language,
      answerBy: new Date(at.getTime() + rules.answerMs),
      now: at,
    });
  }
  if (consent.messageId === null) await post(consent, { ...request, reply: request.reply }, services);
  cards.follow(requestId);
  return 'asked';
}

/** An agreement of the member that covers whatever this requester asks here. Rejects with a Refusal when they may not be asked. */
async function standingOrRefuse(
  { requesterId, guildId }: WholeRequest,
  subjectId: string | undefined,
  now: Date,
  { db, logKey: key }: AskingServices,
): Promise<Consent | undefined> {
  if (subjectId === undefined || guildId === null) throw new Refusal('refusal.member-in-guild');
  const standing = await standingConsent(db, { subjectId, requesterId, guildId }, { key, now });
  if (standing !== undefined && standing !== 'refused') return standing;
  const asked = await questionsTo(db, { subjectId, requesterId }, { key, since: new Date(now.getTime() - dayMs) });
  const refusal = refuseQuestion({ refusedForGood: standing === 'refused', ...asked });
  if (refusal !== undefined) throw refusal;
  return undefined;
}

/** Of the one who is asked: as they used the bot before, else the guild's own. */
async function languageOf(
  { guildId, locale }: WholeRequest,
  subjectId: string | undefined,
  { client, db }: AskingServices,
): Promise<Language> {
  const user = subjectId === undefined ? null : await db.user.findUnique({ where: { id: subjectId } });
  const guild = guildId === null ? undefined : client.guilds.cache.get(guildId);
  return chooseLanguage([user?.locale ?? undefined, guild?.preferredLocale, locale]);
}

type Replying = WholeRequest & { readonly reply: Reply };

/** Posts the question where it can be posted. Rejects with `refusal.cannot-be-asked`. */
async function post(consent: Consent, request: Replying, services: AskingServices): Promise<void> {
  const { db, media, deliveryRest, log } = services;
  const t = translatorOf(chooseLanguage([consent.textLocale]));
  const view = viewOf(consent, request);
  const preview = request.media.find(({ role }) => role === 'preview');
  if (preview === undefined) throw new MediaMissing('of a question');
  const file = await media.open(preview.sha256);
  try {
    for (const place of await placesFor(consent, request, services)) {
      const shown = place.isHidden && view.subjectId !== undefined ? undefined : file.path;
      const said =
        shown === undefined
          ? hiddenQuestion({ ...view, subjectId: view.subjectId ?? '' }, t)
          : consentQuestion(view, t);
      const posted = await tryToPost(
        place.channelId,
        said,
        { nonce: nonceOf(consent.id, place.kind), path: shown },
        services,
      );
      if (posted === undefined) continue;
      const at = { channelId: posted.channel_id, messageId: posted.id };
      // Answered or stopped before anybody could see it.
      if (!(await noteConsentMessage(db, consent.id, at)) && (await takeMessageAway(deliveryRest, at)) === 'gone') {
        await forgetConsentMessage(db, { ...consent, ...at });
      }
      return;
    }
  } finally {
    await file.release();
  }
  log.info({ requestId: request.id }, 'nobody could be asked');
  throw new Refusal('refusal.cannot-be-asked');
}

/** What a question about a request says. */
export function viewOf(consent: Consent, request: WholeRequest): ConsentQuestionView {
  const parameters = animateParameters.parse(request.parameters);
  const isOneOfSeveral = (readFindings(request.findings)?.faces.length ?? 0) > 1;
  return {
    consentId: consent.id,
    requesterId: consent.requesterId,
    subjectId: consent.subjectId ?? undefined,
    parameters,
    face: isOneOfSeveral && typeof parameters.face === 'number' ? parameters.face : undefined,
    declared: consent.declared ?? undefined,
    isPrivate: request.reply?.isPrivate === true,
    answerBy: consent.answerBy ?? consent.askedAt,
    fileName: questionFile,
  };
}

interface Place {
  readonly kind: 'channel' | 'direct' | 'log';
  /** Resolves to nothing where there is none. */
  readonly channelId: () => Promise<string | undefined>;
  /** Others look on: the photograph of a private request is shown to the member alone, when they press. */
  readonly isHidden: boolean;
}

/** In the channel; or directly first, where it was asked in private or the member cannot look into the channel. */
async function placesFor(
  { subjectId }: Consent,
  { channelId, guildId, parameters, reply }: Replying,
  services: AskingServices,
): Promise<Place[]> {
  if (subjectId === null) {
    const settings = guildId === null ? undefined : await guildSettings(services.db, guildId);
    const logChannel = settings?.logChannelId ?? undefined;
    return [{ kind: 'log', channelId: () => Promise.resolve(logChannel), isHidden: false }];
  }
  const asksDirectly = animateParameters.parse(parameters).subject?.asksDirectly === true;
  const here = { kind: 'channel', channelId: () => Promise.resolve(channelId), isHidden: reply.isPrivate } as const;
  const direct = {
    kind: 'direct',
    channelId: () => directChannel(services.deliveryRest, subjectId),
    isHidden: false,
  } as const;
  if (asksDirectly) return [direct];
  return reply.isPrivate ? [direct, here] : [here, direct];
}

/** Undefined when the place does not take it. Rejects when Discord cannot be asked at present. */
async function tryToPost(
  channelId: Place['channelId'],
  said: Message,
  { nonce, path }: { readonly nonce: string; readonly path: string | undefined },
  { deliveryRest, log }: AskingServices,
): Promise<APIMessage | undefined> {
  try {
    const id = await channelId();
    if (id === undefined) return undefined;
    const body = { ...said, nonce, enforce_nonce: true };
    const form = path === undefined ? { body } : await withPhoto(body, path);
    return (await deliveryRest.post(Routes.channelMessages(id), form)) as APIMessage;
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || error.status >= 500 || error.status === 429) throw error;
    log.debug({ code: error.code }, 'a question could not be posted here');
    return undefined;
  }
}

/** A message's form with the photograph. */
export const withPhoto = (said: object, path: string): Promise<UploadForm> =>
  uploadForm(said, { path, mediaType: 'image/jpeg', name: questionFile });

/**
 * Tells a member directly that what they agreed to for thirty days is used. Whether it arrives changes nothing: what was made
 * stands in `/consent who-has-mine`.
 */
export async function tellOfUse(requestId: string, consentId: string, services: AskingServices): Promise<void> {
  const { db, deliveryRest, log } = services;
  const [consent, request] = await Promise.all([
    db.consent.findUnique({ where: { id: consentId } }),
    findRequest(db, requestId),
  ]);
  if (consent?.scope !== 'requester' || consent.subjectId === null || request === null) return;
  const t = translatorOf(chooseLanguage([consent.textLocale]));
  const params = { requester: `<@${consent.requesterId}>`, channel: `<#${request.channelId}>` };
  try {
    const channelId = await directChannel(deliveryRest, consent.subjectId);
    await deliveryRest.post(Routes.channelMessages(channelId), { body: notice('waiting', t('consent.used', params)) });
  } catch (error) {
    log.debug({ err: error, requestId }, 'the use of a consent could not be told');
  }
}
