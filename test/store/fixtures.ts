/** Requests for the store's tests. */
import { randomBytes } from 'node:crypto';

import type { Database } from '../../src/store/database.ts';
import { openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { changeState, createRequest, finishRequest, type Finished, type NewRequest } from '../../src/store/requests.ts';
import type { Request } from '../../src/store/rows.ts';

export const start = new Date('2026-03-01T12:00:00.000Z');
export const after = (ms: number): Date => new Date(start.getTime() + ms);
export const hour = 3_600_000;
export const secretToken = 'aW50ZXJhY3Rpb246c2VjcmV0';

export function newRequest(fields: Partial<NewRequest> = {}): NewRequest {
  const now = fields.now ?? start;
  return {
    id: newRequestId(now.getTime()),
    command: 'restore',
    guildId: 'guild',
    channelId: 'channel',
    requesterId: 'member',
    locale: 'fr',
    interactionId: randomBytes(8).toString('hex'),
    parameters: { version: 1, scale: 2 },
    now,
    reply: {
      applicationId: 'application',
      token: secretToken,
      tokenExpiresAt: new Date(now.getTime() + 15 * 60_000),
      isPrivate: false,
      isSpoiler: false,
      uploadLimit: 10_485_760,
    },
    ...fields,
  };
}

/** Of an installation whose key is nothing but zeros. */
export const madeFileMac = openMadeFileMac(new Uint8Array(32));

export const newSha256 = (): string => randomBytes(32).toString('hex');

export const finished = (fields: Partial<Finished> = {}): Finished => ({
  kind: 'finished',
  actor: 'worker:one',
  computeSeconds: 7.5,
  outcome: { width: 640, height: 480 },
  file: { sha256: newSha256(), bytes: 1000, mediaType: 'video/mp4' },
  expiresAt: after(24 * hour),
  madeFileMac,
  ...fields,
});

/** A request that is running at worker `one`. */
export async function runningRequest(db: Database, fields: Partial<NewRequest> = {}): Promise<Request> {
  const { request } = await createRequest(db, newRequest(fields));
  await changeState(db, request.id, 'waiting', { actor: 'bot', now: request.createdAt });
  const set = { workerId: 'one' };
  return changeState(db, request.id, 'running', { actor: 'worker:one', now: request.createdAt, set });
}

/** A request whose result waits in the outbox. */
export async function finishedRequest(db: Database, fields: Partial<Finished> = {}, now = start): Promise<Request> {
  const { id } = await runningRequest(db, { now });
  return finishRequest(db, id, finished(fields), now);
}
