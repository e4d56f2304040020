/**
 * Keeps the progress messages up to date: one editor for each request, at most one edit in two seconds and slower after
 * Discord says so, what changed meanwhile going into the next edit. By the interaction's token first, by the bot's when
 * that is about to end. Nothing is kept that a restart would miss: a card is found again through its Reply row.
 */
import { DiscordAPIError, RateLimitError, type REST, Routes, SnowflakeUtil } from 'discord.js';
import type { Logger } from 'pino';

import { chooseLanguage } from '../locale.ts';
import type { JobProgress, JobQueue } from '../queue/queue.ts';
import type { Database } from '../store/database.ts';
import { activeStates } from '../store/request-states.ts';
import type { Consent, Reply, Request } from '../store/rows.ts';
import { isTokenAlive } from './delivery-places.ts';
import { translatorOf } from './localise.ts';
import type { Message } from './message.ts';
import { type CardView, progressCard } from './progress-card.ts';

export interface CardUpdates {
  /** Shows the request's progress from now on, in the message that its Reply names. Cheap to call twice. */
  readonly follow: (requestId: string) => void;
  /** Draws the card again soon, for a change that the queue does not tell of. */
  readonly refresh: (requestId: string) => void;
  /** Follows every request under way again, after a restart. */
  readonly resume: () => Promise<void>;
  /** Leaves the card alone for good; resolves when no edit of it is on its way any more. */
  readonly release: (requestId: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface CardOptions {
  readonly db: Database;
  readonly queue: Pick<JobQueue, 'onProgress' | 'onEnded' | 'standing' | 'overview'>;
  /** Rejects with a RateLimitError rather than wait: `cardRest` of client.ts. */
  readonly rest: REST;
  readonly now: () => number;
  readonly log: Logger;
  /** Shortest time between two edits of a card, in milliseconds; 2 s when left out. */
  readonly gapMs?: number;
}

interface Card {
  readonly requestId: string;
  progress: JobProgress | undefined;
  /** The last edit as it was sent. */
  shown: string | undefined;
  /** Milliseconds between edits: grows with each refusal. */
  gap: number;
  /** No edit before this moment. */
  notBefore: number;
  timer: NodeJS.Timeout | undefined;
  drawing: Promise<void> | undefined;
  /** Something changed while the last edit was under way. */
  isDirty: boolean;
  /** The interaction's token was refused: only the bot's own is left. */
  isTokenDead: boolean;
  isReleased: boolean;
}

const shortestGap = 2000;
const longestGap = 60_000;
/** How often the waiting ones are looked at: their places change when others end. */
const lookEvery = 5000;
/** Discord limits edits of messages older than an hour; what is left of them belongs to the result. */
const oldAge = 55 * 60_000;
const gapWhenOld = 30 * 60_000;

/** The further away, the less a place in the queue is worth an edit. */
function waitingGap(place: number): number {
  if (place <= 3) return 5000;
  return place <= 10 ? 15_000 : 60_000;
}

export function createCardUpdates(options: CardOptions): CardUpdates {
  const { db, queue, now, log } = options;
  const baseGap = options.gapMs ?? shortestGap;
  const cards = new Map<string, Card>();

  const schedule = (card: Card): void => {
    if (card.isReleased || card.timer !== undefined) return;
    if (card.drawing !== undefined) {
      card.isDirty = true;
      return;
    }
    card.timer = setTimeout(
      () => {
        card.timer = undefined;
        card.drawing = draw(card, options)
          .then((next) => {
            settle(card, next);
          })
          .catch((error: unknown) => {
            log.warn({ err: error, requestId: card.requestId }, 'a card could not be drawn');
            settle(card, { wait: longestGap });
          });
      },
      Math.max(0, card.notBefore - now()),
    );
  };

  const settle = (card: Card, next: Next): void => {
    card.drawing = undefined;
    if (next === 'stop') {
      void release(card.requestId);
      return;
    }
    if (next.slower === true) card.gap = Math.min(longestGap, card.gap * 2);
    card.notBefore = Math.max(card.notBefore, now() + Math.max(card.gap, next.wait ?? 0));
    if (card.isDirty || next.again === true) {
      card.isDirty = false;
      schedule(card);
    }
  };

  const follow = (requestId: string, after = 0): void => {
    const known = cards.get(requestId);
    if (known !== undefined) {
      schedule(known);
      return;
    }
    const card: Card = {
      requestId,
      progress: undefined,
      shown: undefined,
      gap: baseGap,
      notBefore: now() + after,
      timer: undefined,
      drawing: undefined,
      isDirty: false,
      isTokenDead: false,
      isReleased: false,
    };
    cards.set(requestId, card);
    schedule(card);
  };

  const release = async (requestId: string): Promise<void> => {
    const card = cards.get(requestId);
    if (card === undefined) return;
    card.isReleased = true;
    clearTimeout(card.timer);
    await card.drawing;
    cards.delete(requestId);
  };

  const stopListening = [
    queue.onProgress((requestId, progress) => {
      const card = cards.get(requestId);
      if (card === undefined) return;
      card.progress = progress;
      schedule(card);
    }),
    queue.onEnded((requestId) => void release(requestId)),
  ];
  const look = setInterval(() => {
    for (const card of cards.values()) schedule(card);
  }, lookEvery);

  return {
    follow: (requestId) => {
      follow(requestId);
    },
    refresh: (requestId) => {
      const card = cards.get(requestId);
      if (card !== undefined) schedule(card);
    },
    resume: async () => {
      const open = await db.request.findMany({
        where: { state: { in: [...activeStates] }, reply: { isNot: null } },
        select: { id: true },
        orderBy: { createdAt: 'asc' },
      });
      // One after the other: hundreds of edits at once would all be refused.
      for (const [at, { id }] of open.entries()) follow(id, at * 50);
    },
    release,
    close: async () => {
      clearInterval(look);
      for (const stop of stopListening) stop();
      await Promise.all([...cards.keys()].map(release));
    },
  };
}

type Next = 'stop' | { readonly wait?: number; readonly slower?: true; readonly again?: true };

async function draw(card: Card, options: CardOptions): Promise<Next> {
  const { db, queue, now } = options;
  const request = await db.request.findUnique({
    where: { id: card.requestId },
    include: { reply: true, consent: true },
  });
  const reply = request?.reply;
  if (!request || !reply || !activeStates.includes(request.state)) return 'stop';
  // A question to the member stands in its place; whoever settles that brings the card back.
  const asked = askedNow(request);
  if (request.state === 'asking' && asked === undefined) return 'stop';
  const isTakenIn = request.state === 'received' || request.state === 'asking';
  const standing = isTakenIn ? undefined : await queue.standing(card.requestId);
  const language = chooseLanguage([request.locale]);
  const said = progressCard(
    {
      requestId: request.id,
      state:
        standing?.state ?? (request.state === 'received' || request.state === 'asking' ? request.state : 'waiting'),
      asked,
      inputName: request.inputName ?? undefined,
      place: standing?.place,
      startsAt: standing?.startsAt,
      endsAt: standing?.endsAt,
      progress: card.progress ?? standing?.progress,
      hasWorker: standing?.hasWorker ?? (await canGoOn(request, queue)),
      cancelAsked: request.cancelAskedAt !== null,
    },
    translatorOf(language),
    language,
  );
  const written = JSON.stringify(said);
  if (card.isReleased) return 'stop';
  const isOld = reply.messageId !== null && now() - SnowflakeUtil.timestampFrom(reply.messageId) > oldAge;
  const pace = isOld ? gapWhenOld : standing?.place === undefined ? 0 : waitingGap(standing.place);
  if (written === card.shown) return { wait: pace };
  const place = placeOf(card, request, reply, now());
  if (place === undefined) return 'stop';
  const next = await edit(card, said, place, options);
  if (next !== 'stop' && next.again === undefined) card.shown = written;
  return next === 'stop' || next.wait !== undefined ? next : { ...next, wait: pace };
}

/** Who else is asked whether it may go on. */
function askedNow({ state, consent }: Request & { readonly consent: Consent | null }): CardView['asked'] {
  if (state !== 'asking' || consent?.state !== 'asked' || consent.answerBy === null) return undefined;
  return { memberId: consent.subjectId ?? undefined, answerBy: consent.answerBy };
}

/** A photograph that is being taken in is looked at by a worker; for a clip none is needed yet. */
async function canGoOn({ command }: Request, queue: CardOptions['queue']): Promise<boolean> {
  if (command !== 'animate') return true;
  const { workers } = await queue.overview();
  return workers.some(({ closing }) => !closing);
}

interface Place {
  readonly route: `/${string}`;
  readonly auth: boolean;
}

/** Where the card can still be edited. A private message is out of reach of the bot's own token. */
function placeOf(card: Card, request: Request, reply: Reply, now: number): Place | undefined {
  const { token, applicationId, messageId, isPrivate } = reply;
  if (token !== null && !card.isTokenDead && isTokenAlive(reply, now)) {
    return { route: Routes.webhookMessage(applicationId, token, messageId ?? '@original'), auth: false };
  }
  if (isPrivate || messageId === null) return undefined;
  return { route: Routes.channelMessage(request.channelId, messageId), auth: true };
}

async function edit(card: Card, said: Message, { route, auth }: Place, { rest, log }: CardOptions): Promise<Next> {
  try {
    await rest.patch(route, { body: said, auth });
    return {};
  } catch (error) {
    if (error instanceof RateLimitError) {
      return { wait: Math.max(error.timeToReset, error.retryAfter), slower: true, again: true };
    }
    if (error instanceof DiscordAPIError && error.status < 500) {
      // Discord no longer knows the token: the message may well be there still.
      if (!auth && error.code !== 10008) {
        card.isTokenDead = true;
        return { again: true };
      }
      log.debug({ requestId: card.requestId, code: error.code }, 'the card is out of reach');
      return 'stop';
    }
    log.debug({ err: error, requestId: card.requestId }, 'an edit of a card failed');
    return { slower: true, again: true };
  }
}
