/** All that the bot posts on its own: progress, results, questions, what moderators read; and what takes it away again. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';

import { type CardUpdates, createCardUpdates } from '../discord/card-updates.ts';
import type { DiscordConnection } from '../discord/client.ts';
import { startConsentMessages } from '../discord/consent-messages.ts';
import { type DeliveryOptions, startDelivery } from '../discord/delivery.ts';
import { knownGuild, startLogChannels } from '../discord/log-channel.ts';
import { startRemovals } from '../discord/removal.ts';
import type { JobQueue } from '../queue/queue.ts';
import type { Database } from '../store/database.ts';
import type { MediaStore } from '../store/media-store.ts';
import type { Opened } from './closing.ts';

/** When the bot closes: for what is being sent. */
const deliveryMs = 4000;

export interface Posts extends Pick<DeliveryOptions, 'onTry'> {
  readonly db: Database;
  readonly media: MediaStore;
  readonly queue: JobQueue;
  readonly discord: DiscordConnection;
  readonly log: Logger;
}

/** Starts all of it; `opened` is told of each part. Gives the cards, which commands change as well. */
export function startPosts({ db, media, queue, discord, onTry, log }: Posts, opened: Opened): CardUpdates {
  const { client, cardRest, deliveryRest: rest } = discord;
  const now = Date.now;
  const cards = createCardUpdates({ db, queue, rest: cardRest, now, log });
  opened('cards', () => cards.close());
  const delivery = startDelivery({
    ...{ db, media, queue, cards, rest, now, log },
    botId: randomUUID(),
    ...(onTry && { onTry }),
  });
  opened('delivery', (graceMs) => delivery.close(Math.min(deliveryMs, graceMs)));
  const removals = startRemovals({ db, media, rest, now, log });
  opened('removals', () => removals.close());
  const questions = startConsentMessages({ db, rest, now, log });
  opened('questions', () => questions.close());
  const guild = (guildId: string): ReturnType<typeof knownGuild> => knownGuild(client, guildId);
  const logChannels = startLogChannels({ db, rest, guild, now, log });
  opened('log channels', () => logChannels.close());
  const leaveQueue = queue.onEnded(() => {
    delivery.wake();
  });
  opened('queue events', () => {
    leaveQueue();
    return Promise.resolve();
  });
  return cards;
}
