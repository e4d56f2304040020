/**
 * `/consent revoke`: what was agreed to is taken back, and with it goes all that was made. The member is told what was
 * stopped and removed, and what could not be, as soon as it is known.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AutocompleteInteraction, ChatInputCommandInteraction } from 'discord.js';

import { acknowledge, answer } from '../discord/answer.ts';
import type { CommandContext } from '../discord/command.ts';
import { container, type Message, message, text } from '../discord/message.ts';
import { outOfReach } from '../discord/removal.ts';
import { linesWithin, messageRoom, shortened } from '../discord/shorten.ts';
import type { Translate } from '../locale.ts';
import { Refusal } from '../policy/refusal.ts';
import { consentsOf, idsOfConsents } from '../store/consent-lookups.ts';
import type { Database } from '../store/database.ts';
import { removalsOf } from '../store/removal-steps.ts';
import type { Consent } from '../store/rows.ts';
import { type Revocation, revokeConsents } from '../store/revocations.ts';
import { ageOf, type Choice, longestName, matching } from './choices.ts';
import { messageLink, moreLine } from './consent-words.ts';

const everything = 'all';
/** Of all of them, so many are taken back before the next are looked at. */
const atOnce = 500;

/** How long the member waits for the end of it, in milliseconds; what takes longer goes on without them. */
const patienceMs = 60_000;
const looksEveryMs = 250;

const mostNames = 10;
const namesMs = 1000;

export async function revoke(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void> {
  const { db, queue, now } = context;
  const subjectId = interaction.user.id;
  const which = interaction.options.getString('which', true);
  await acknowledge(interaction, { isPrivate: true });
  const change = { subjectId, code: 'queue.consent-ended', now: new Date(now()) };
  const revoked = which === everything ? await revokeAll(db, change) : await revokeConsents(db, [which], change);
  const { consents, requests } = revoked;
  if (consents === 0) throw new Refusal('refusal.nothing-to-revoke');
  for (const { id, stopped } of requests) {
    // The worker and the cards hear of it at once; that it is over stands in the rows already.
    if (stopped !== 'removed') await queue.cancel(id, `member:${subjectId}`);
  }
  const ends = now() + patienceMs;
  let told = '';
  for (;;) {
    const said = await words(requests, subjectId, context);
    const written = JSON.stringify(said.message);
    if (written !== told) await answer(interaction, said.message, { isPrivate: true });
    told = written;
    if (said.isOver || now() >= ends) return;
    await sleep(looksEveryMs);
  }
}

/** Until none is left, one that is given meanwhile too. */
async function revokeAll(
  db: Database,
  change: Parameters<typeof revokeConsents>[2],
): ReturnType<typeof revokeConsents> {
  let consents = 0;
  const requests: Revocation['requests'][number][] = [];
  for (;;) {
    const ids = await idsOfConsents(db, change.subjectId, atOnce);
    const revoked = await revokeConsents(db, ids, change);
    if (revoked.consents === 0) return { consents, requests };
    consents += revoked.consents;
    requests.push(...revoked.requests);
  }
}

/** How far it has come. */
async function words(
  requests: Revocation['requests'],
  subjectId: string,
  { db, t }: CommandContext,
): Promise<{ readonly message: Message; readonly isOver: boolean }> {
  const removals = await removalsOf(
    db,
    requests.map(({ id }) => id),
  );
  const waiting = removals.filter(({ state }) => state === 'waiting').length;
  return { message: revokedMessage({ requests, removals, subjectId }, t), isOver: waiting === 0 };
}

export interface RevokedView {
  readonly requests: Revocation['requests'];
  readonly removals: Awaited<ReturnType<typeof removalsOf>>;
  readonly subjectId: string;
}

/** What was stopped and removed, and what could not be. */
export function revokedMessage({ requests, removals, subjectId }: RevokedView, t: Translate): Message {
  const waiting = removals.filter(({ state }) => state === 'waiting').length;
  const stopped = requests.filter((request) => request.stopped !== 'removed').length;
  const gone = removals.filter(({ state }) => state === 'done').length;
  const failed = removals.filter(({ state }) => state === 'failed');
  const lines = [
    `### ${t('consent.revoked.title')}`,
    ...(requests.length === 0 ? [t('consent.revoked.nothing')] : []),
    ...(stopped > 0 ? [t('consent.revoked.stopped', { count: stopped })] : []),
    ...(requests.length > 0 ? [t('consent.revoked.files')] : []),
    ...(gone > 0 ? [t('consent.revoked.removed', { count: gone })] : []),
    ...(waiting > 0 ? [t('consent.revoked.under-way', { count: waiting })] : []),
    ...failed.map((removal) => failedLine(removal, subjectId, t)),
    // Whoever takes back what they asked for themselves gets no notice of it.
    ...(requests.some(({ requesterId }) => requesterId !== subjectId) ? [`-# ${t('consent.revoked.told')}`] : []),
  ];
  const tone = failed.length > 0 ? 'refused' : 'done';
  return message([container(tone, [text(linesWithin(lines, { more: moreLine(t), room: messageRoom }))])]);
}

function failedLine(
  { problem, request }: Awaited<ReturnType<typeof removalsOf>>[number],
  subjectId: string,
  t: Translate,
): string {
  const { guildId, requesterId, delivery } = request;
  if (problem === outOfReach) {
    return `- ${t(requesterId === subjectId ? 'consent.revoked.private-own' : 'consent.revoked.private')}`;
  }
  const { channelId = null, messageId = null } = delivery ?? {};
  const where = channelId === null || messageId === null ? '–' : messageLink(guildId, channelId, messageId);
  return `- ${t('consent.revoked.failed', { where })}`;
}

/** What the member agreed to, as they type; all of it first. */
export async function offerRevocable(
  interaction: AutocompleteInteraction,
  { db, client, now, language, t }: CommandContext,
): Promise<Choice[]> {
  const at = new Date(now());
  const given = withoutTwins(await consentsOf(db, interaction.user.id, 100, at), at);
  if (given.length === 0) return [];
  await learnNames(
    given.filter(({ kind }) => kind === 'member').map(({ requesterId }) => requesterId),
    client,
  );
  const choices = given.map(({ id, kind, scope, requesterId, decidedAt, askedAt }) => {
    const requester = client.users.cache.get(requesterId)?.displayName ?? requesterId;
    const what = kind === 'self' ? t('consent.revoke.choice-self') : t(`consent.revoke.choice-${scope}`, { requester });
    const name = `${what} · ${ageOf(decidedAt ?? askedAt, now(), language)}`;
    return { name: shortened(name, longestName), value: id };
  });
  return matching([{ name: t('consent.revoke.all'), value: everything }, ...choices], interaction.options.getFocused());
}

/**
 * Of agreements for thirty days that hold for the same requester in the same guild the first alone: they are taken back together
 * (src/store/revocations.ts).
 */
export function withoutTwins(given: readonly Consent[], now: Date): Consent[] {
  const seen = new Set<string>();
  return given.filter(({ id, kind, scope, requesterId, guildId, expiresAt }) => {
    const isStanding = kind === 'member' && scope === 'requester' && (expiresAt === null || expiresAt > now);
    const what = isStanding ? `${requesterId} ${guildId ?? ''}` : id;
    return !seen.has(what) && seen.add(what);
  });
}

/** Discord waits three seconds for choices: some names are asked for, and only for so long; a later look finds the rest. */
async function learnNames(ids: readonly string[], client: CommandContext['client']): Promise<void> {
  const unknown = [...new Set(ids)].filter((id) => /^\d+$/.test(id) && !client.users.cache.has(id)).slice(0, mostNames);
  const asked = Promise.allSettled(unknown.map((id) => client.users.fetch(id)));
  const over = new AbortController();
  const late = sleep(namesMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([asked, late]);
  over.abort();
}
