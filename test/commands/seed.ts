/** Requests as they stand after a while, written through the store as the bot and a worker would. */
import { createReadStream } from 'node:fs';

import { inTransaction } from '../../src/store/database.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { changeState, createRequest, finishRequest } from '../../src/store/requests.ts';
import { changeStateIn, type StateChange } from '../../src/store/state-change.ts';
import { soundClip } from '../clips.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { madeFileMac } from '../store/fixtures.ts';
import type { Bench } from './bench.ts';

let interactions = 0;

/** A request of `member` that waits in the queue of the bench's guild. */
export async function waitingRequest(bench: Bench, member: Member, name?: string): Promise<string> {
  const id = await receivedRequest(bench, member, name);
  await inTransaction(bench.db, (tx) => changeStateIn(tx, id, 'waiting', queued(bench)));
  return id;
}

const queued = ({ discord }: Bench): StateChange => ({
  actor: 'bot',
  now: new Date(discord.clock.now()),
  set: { predictedSeconds: 60 },
});

async function receivedRequest(bench: Bench, member: Member, name = 'film.mp4'): Promise<string> {
  const { db, guild, discord } = bench;
  const at = discord.clock.now();
  const id = newRequestId(at);
  interactions += 1;
  await createRequest(db, {
    id,
    command: 'restore',
    guildId: guild.id,
    channelId: guild.channel('screening').id,
    requesterId: member.id,
    locale: member.user.locale,
    interactionId: `seed-${interactions}`,
    parameters: { version: 1, command: 'restore' },
    inputName: name,
    now: new Date(at),
    reply: {
      applicationId: discord.applicationId,
      token: 'long gone',
      tokenExpiresAt: new Date(at),
      isPrivate: true,
      isSpoiler: false,
      uploadLimit: 10 * 2 ** 20,
    },
  });
  return id;
}

export interface Kept {
  /** Milliseconds for which the result is kept; three days when left out. */
  readonly forMs?: number;
  readonly name?: string;
}

/** A request of `member` with a result that waits for `/result`. */
export async function keptRequest(bench: Bench, member: Member, { forMs, name }: Kept = {}): Promise<string> {
  const { db, media, discord } = bench;
  const at = discord.clock.now();
  const id = await receivedRequest(bench, member, name);
  const source = createReadStream(await soundClip());
  const file = { ...(await media.put(source, { mediaType: 'video/mp4' })), mediaType: 'video/mp4' };
  // In one go: a worker that is there must not take it in between.
  await inTransaction(db, async (tx) => {
    await changeStateIn(tx, id, 'waiting', queued(bench));
    await changeStateIn(tx, id, 'running', { actor: 'worker:1', now: new Date(at), set: { workerId: '1' } });
  });
  const expiresAt = new Date(at + (forMs ?? 3 * 86_400_000));
  const outcome = { version: 1 };
  const finished = {
    kind: 'finished',
    actor: 'worker:1',
    computeSeconds: 1,
    outcome,
    file,
    expiresAt,
    madeFileMac,
  } as const;
  await finishRequest(db, id, finished, new Date(at));
  // Nothing of it is on its way any more.
  await db.delivery.update({ where: { requestId: id }, data: { state: 'kept', lastProblem: 'discord-50007' } });
  await changeState(db, id, 'kept', { actor: 'bot', now: new Date(at), code: 'discord-50007' });
  return id;
}
