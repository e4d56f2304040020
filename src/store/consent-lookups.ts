/** What there is between members: who agreed with whom, who was asked how often, and what was made under it. */
import type { Database } from './database.ts';
import { namesOf } from './log-chain.ts';
import type { Consent, Delivery, Posting, Reply, Request, RequestState } from './rows.ts';

/** Two members in a guild: whose face, and who asks for it. */
export interface Between {
  readonly subjectId: string;
  readonly requesterId: string;
  readonly guildId: string;
}

/** `key`: the installation's `log` key, by which what was said outlives a deletion. */
const underAnyName = (key: Uint8Array, { subjectId, requesterId }: Pick<Between, 'subjectId' | 'requesterId'>) => ({
  subjectId: { in: namesOf(key, subjectId) },
  requesterId: { in: namesOf(key, requesterId) },
});

/**
 * What a member last said for whatever this requester asks here: an agreement that holds, `refused` for good, or nothing. An
 * agreement given later ends a refusal for good: retention takes that with it. One that was taken back leaves nothing behind. A
 * refusal outlives a deletion of either side, an agreement does not.
 */
export async function standingConsent(
  db: Database,
  between: Between,
  { key, now }: { readonly key: Uint8Array; readonly now: Date },
): Promise<Consent | 'refused' | undefined> {
  const last = await db.consent.findFirst({
    where: {
      ...underAnyName(key, between),
      guildId: between.guildId,
      kind: 'member',
      scope: 'requester',
      state: { in: ['given', 'refused', 'revoked'] },
    },
    orderBy: { decidedAt: 'desc' },
  });
  if (last?.state === 'refused') return 'refused';
  const isTheirs = last?.subjectId === between.subjectId && last.requesterId === between.requesterId;
  const holds = isTheirs && last.state === 'given' && (last.expiresAt === null || last.expiresAt > now);
  return holds ? last : undefined;
}

/** When a member was asked since `since` without saying yes, oldest first: by this requester, and by anybody in any guild. */
export async function questionsTo(
  db: Database,
  { subjectId, requesterId }: Pick<Between, 'subjectId' | 'requesterId'>,
  { key, since }: { readonly key: Uint8Array; readonly since: Date },
): Promise<{ readonly byRequester: Date[]; readonly byAnybody: Date[] }> {
  const asked = await db.consent.findMany({
    where: {
      kind: 'member',
      subjectId: { in: namesOf(key, subjectId) },
      askedAt: { gt: since },
      state: { in: ['asked', 'refused', 'expired'] },
    },
    select: { askedAt: true, requesterId: true },
    orderBy: { askedAt: 'asc' },
  });
  const byRequester = asked.filter((one) => namesOf(key, requesterId).includes(one.requesterId));
  return { byRequester: byRequester.map(({ askedAt }) => askedAt), byAnybody: asked.map(({ askedAt }) => askedAt) };
}

export type MadeUnder = Request & {
  readonly delivery: Delivery | null;
  readonly reply: Reply | null;
  /** Further messages that show it, the first one first. */
  readonly postings: readonly Posting[];
};
export type ConsentWithRequests = Consent & { readonly requests: readonly MadeUnder[] };

const holdsAt = (now: Date) => [{ expiresAt: null }, { expiresAt: { gt: now } }];

/** What a member gave and has not taken back, the newest first; what holds for others comes before their own and what is over. */
export async function consentsOf(db: Database, subjectId: string, most: number, now: Date): Promise<Consent[]> {
  const given = { subjectId, state: 'given' } as const;
  const forOthers = { kind: 'member' as const, OR: holdsAt(now) };
  const orderBy = { decidedAt: 'desc' } as const;
  const first = await db.consent.findMany({ where: { ...given, ...forOthers }, orderBy, take: most });
  const take = most - first.length;
  if (take === 0) return first;
  return [...first, ...(await db.consent.findMany({ where: { ...given, NOT: forOthers }, orderBy, take }))];
}

/** Ids of all that a member gave and has not taken back, as many as `most` at once. */
export async function idsOfConsents(db: Database, subjectId: string, most: number): Promise<string[]> {
  const given = await db.consent.findMany({ where: { subjectId, state: 'given' }, select: { id: true }, take: most });
  return given.map(({ id }) => id);
}

/**
 * What a member gave to others that holds, or under which something was made or is; the newest first, with what was asked and
 * made under it, and from that.
 */
export async function consentsToOthers(
  db: Database,
  subjectId: string,
  most: number,
  now: Date,
): Promise<ConsentWithRequests[]> {
  const there = { state: { notIn: ['refused', 'failed', 'cancelled', 'removed'] as RequestState[] } };
  const shown = { delivery: true, reply: true, postings: { orderBy: { postedAt: 'asc' } } } as const;
  const given = await db.consent.findMany({
    where: { subjectId, state: 'given', kind: 'member', OR: [...holdsAt(now), { requests: { some: there } }] },
    include: {
      requests: { include: { ...shown, madeInto: { include: shown } }, orderBy: { createdAt: 'desc' } },
    },
    orderBy: { decidedAt: 'desc' },
    take: most,
  });
  return given.map((consent) => ({
    ...consent,
    requests: consent.requests.flatMap(({ madeInto, ...request }) => [request, ...madeInto]),
  }));
}

/** Questions that wait for an answer: of this member, or by them. */
export function openQuestions(db: Database, memberId: string, most: number): Promise<Consent[]> {
  return db.consent.findMany({
    where: { state: 'asked', OR: [{ subjectId: memberId }, { requesterId: memberId }] },
    orderBy: { askedAt: 'desc' },
    take: most,
  });
}

/** Requesters whose questions a member does not want, the newest first, unless they agreed since. */
export async function refusedForGood(db: Database, subjectId: string, most: number): Promise<Consent[]> {
  const said = await db.consent.findMany({
    where: { subjectId, kind: 'member', scope: 'requester', state: { in: ['given', 'refused', 'revoked'] } },
    orderBy: { decidedAt: 'desc' },
    take: 200,
  });
  const seen = new Set<string>();
  return said
    .filter(({ requesterId, guildId }) => {
      const pair = `${requesterId} ${guildId ?? ''}`;
      return !seen.has(pair) && seen.add(pair);
    })
    .filter(({ state }) => state === 'refused')
    .slice(0, most);
}
