/** The sweep, with a real database and a real folder: what may go goes, and nothing that somebody still needs. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { inTransaction, type Database } from '../../src/store/database.ts';
import { claimDelivery, markDelivered, markKept } from '../../src/store/deliveries.ts';
import { addReference, dropReferences, type KeptFile } from '../../src/store/media-references.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import type { MediaStore } from '../../src/store/media-store.ts';
import { changeState, createRequest, finishRequest } from '../../src/store/requests.ts';
import type { Request } from '../../src/store/rows.ts';
import { mediaRoom, sweep, type SweepOptions } from '../../src/store/sweep.ts';
import { scratchFolder } from '../clips.ts';
import { bytesStored } from './bytes-stored.ts';
import { onEachDatabase } from './databases.ts';
import { after, finished, hour, newRequest, runningRequest, start } from './fixtures.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let made = 0;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

const refer = (db: Database, reference: Parameters<typeof addReference>[1]): Promise<void> =>
  inTransaction(db, (tx) => addReference(tx, reference));

onEachDatabase(({ open }) => {
  interface World {
    readonly db: Database;
    readonly store: MediaStore;
    at: Date;
    put(bytes: number): Promise<KeptFile>;
    /** A request whose result has reached its member, made and delivered at that time. */
    delivered(bytes: number, at?: Date, expiresAt?: Date): Promise<Request>;
    has(sha256: string | null): Promise<boolean>;
    sweep(at: Date, options?: Partial<SweepOptions>): ReturnType<typeof sweep>;
  }

  async function newWorld(): Promise<World> {
    const { db } = await open();
    const world: World = {
      db,
      at: start,
      store: localMediaStore({ folder: join(scratch.path, `store-${made++}`), now: () => world.at.getTime() }),
      put: async (bytes) => {
        async function* source(): AsyncGenerator<Uint8Array> {
          yield await Promise.resolve(randomBytes(bytes));
        }
        return { ...(await world.store.put(source(), { mediaType: 'video/mp4' })), mediaType: 'video/mp4' };
      },
      delivered: async (bytes, at = start, expiresAt = after(24 * hour)) => {
        const { id } = await runningRequest(db, { now: at });
        await finishRequest(db, id, finished({ file: await world.put(bytes), expiresAt }), at);
        await claimDelivery(db, 'bot', at);
        await markDelivered(db, id, 'bot', { messageId: 'm', now: at });
        return db.request.findUniqueOrThrow({ where: { id } });
      },
      has: async (sha256) => {
        const row = await db.mediaObject.findUnique({ where: { sha256: sha256! } });
        let file = false;
        for await (const found of world.store.files()) file ||= found.sha256 === sha256;
        expect(row !== null).toBe(file); // the account and the folder agree
        return file;
      },
      sweep: (at, options = {}) => {
        world.at = at;
        return sweep(db, world.store, { now: at, ...options });
      },
    };
    return world;
  }

  it('lets encrypted files go that no key opens when they are older than all that is kept, and counts the others', async () => {
    const world = await newWorld();
    const folder = join(scratch.path, `store-${made - 1}`);
    const sealing = localMediaStore({ folder, keys: [randomBytes(32)], now: () => world.at.getTime() });
    for (const at of [start, after(hour)]) {
      world.at = at;
      await sealing.put({ path: import.meta.filename }, { mediaType: 'text/plain' });
      await sealing.put(Readable.from([randomBytes(10)]), { mediaType: 'text/plain' });
    }
    expect(await world.sweep(after(99 * hour))).toMatchObject({ files: 0, unopened: 3 });
    const unopenedBefore = after(hour - 1);
    expect(await world.sweep(after(99 * hour), { unopenedBefore })).toMatchObject({ files: 1, unopened: 2 });
  });

  it('removes results when their time is over, not before, and leaves what was posted within reach', async () => {
    const world = await newWorld();
    const { id, resultSha256 } = await world.delivered(1000);
    expect(await world.sweep(after(24 * hour - 1))).toMatchObject({ expired: 0, files: 0, bytes: 1000 });
    expect(await world.has(resultSha256)).toBe(true);
    expect(await world.sweep(after(24 * hour))).toMatchObject({ expired: 1, files: 1, bytes: 0 });
    expect(await world.has(resultSha256)).toBe(false);
    const row = await world.db.request.findUniqueOrThrow({ where: { id }, include: { events: true } });
    expect(row).toMatchObject({ state: 'delivered', resultSha256 }); // the hash stays, so that a clip can be recognised
    expect(row.events.at(-1)).toMatchObject({ to: 'delivered' });
    expect(await world.sweep(after(25 * hour))).toMatchObject({ expired: 0, files: 0 });
  });

  it('keeps what is still needed, however late it is: inputs at work, results on their way or held', async () => {
    const world = await newWorld();
    const held = await world.delivered(100, start, after(1));
    await changeState(world.db, held.id, 'held', { actor: 'moderator:m', now: start });
    const waiting = (await createRequest(world.db, newRequest())).request;
    const running = await runningRequest(world.db);
    for (const { id } of [waiting, running]) {
      const file = await world.put(100);
      await refer(world.db, { requestId: id, role: 'input', ...file, expiresAt: after(1) });
    }
    const onItsWay = await runningRequest(world.db);
    await finishRequest(world.db, onItsWay.id, finished({ file: await world.put(100), expiresAt: after(1) }), start);
    expect(await world.sweep(after(240 * hour), { maxBytes: 0 })).toMatchObject({ expired: 0, files: 0, bytes: 400 });
    expect(await world.db.mediaReference.count()).toBe(4);
  });

  it('drops inputs past their time, and what requests that came to nothing left behind', async () => {
    const world = await newWorld();
    const compared = await runningRequest(world.db);
    const input = await world.put(50);
    await refer(world.db, { requestId: compared.id, role: 'input', ...input, expiresAt: null });
    const file = await world.put(60);
    await finishRequest(world.db, compared.id, finished({ file, keepInputUntil: after(hour) }), start);
    const refused = (await createRequest(world.db, newRequest())).request;
    const left = await world.put(70);
    await refer(world.db, { requestId: refused.id, role: 'input', ...left, expiresAt: null });
    await changeState(world.db, refused.id, 'refused', { actor: 'bot', now: start, code: 'refusal.too-long' });
    expect(await world.sweep(after(hour - 1))).toMatchObject({ files: 1, bytes: 110 });
    expect(await world.sweep(after(hour))).toMatchObject({ files: 1, bytes: 60 });
    expect([await world.has(input.sha256), await world.has(left.sha256), await world.has(file.sha256)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('makes room by the oldest results, and by no more of them than it takes', async () => {
    const world = await newWorld();
    const results = [];
    for (let index = 0; index < 5; index++) results.push(await world.delivered(1000, after(index * 1000)));
    const late = after(hour);
    expect(await world.sweep(late, { maxBytes: 5000 })).toMatchObject({ expired: 0, bytes: 5000 });
    expect(await world.sweep(late, { maxBytes: 3000 })).toMatchObject({ expired: 2, files: 2, bytes: 3000 });
    const states = await Promise.all(results.map(({ id }) => world.db.request.findUnique({ where: { id } })));
    expect(states.map((row) => row?.state)).toEqual(Array(5).fill('delivered'));
    expect(states.map((row) => row!.resultExpiresAt! <= late)).toEqual([true, true, false, false, false]);
  });

  it('keeps a file as long as one of two requests refers to it', async () => {
    const world = await newWorld();
    const file = await world.put(500);
    const requests = [await runningRequest(world.db), await runningRequest(world.db)];
    for (const [index, { id }] of requests.entries()) {
      await finishRequest(world.db, id, finished({ file, expiresAt: after((index + 1) * hour) }), start);
      await claimDelivery(world.db, 'bot', start);
      await markKept(world.db, id, 'bot', { problem: 'dm.closed', now: start }).catch(() =>
        markKept(world.db, requests[1 - index]!.id, 'bot', { problem: 'dm.closed', now: start }),
      );
    }
    expect(await world.sweep(after(hour))).toMatchObject({ expired: 1, files: 0, bytes: 500 });
    expect(await world.sweep(after(2 * hour))).toMatchObject({ expired: 1, files: 1, bytes: 0 });
  });

  it('gives whoever put a file time to refer to it, and removes it when nobody did', async () => {
    const world = await newWorld();
    const { sha256 } = await world.put(10);
    const file = async (): Promise<boolean> => (await bytesStored(world.store)) > 0;
    await world.sweep(after(10 * 60_000 - 1));
    expect(await file()).toBe(true);
    await world.sweep(after(10 * 60_000));
    expect(await file()).toBe(false);
    expect(await world.has(sha256)).toBe(false);
  });

  it('does not take a file away that was put again while nobody referred to it', async () => {
    const world = await newWorld();
    const { request } = await createRequest(world.db, newRequest());
    const bytes = new Uint8Array(10);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes);
    }
    const put = async (): Promise<KeptFile> => ({
      ...(await world.store.put(source(), { mediaType: 'x' })),
      mediaType: 'x',
    });
    const first = await put();
    await refer(world.db, { requestId: request.id, role: 'input', ...first, expiresAt: null });
    await inTransaction(world.db, (tx) => dropReferences(tx, request.id));
    world.at = after(hour);
    const again = await put();
    expect(await world.sweep(after(hour + 1000))).toMatchObject({ files: 0 });
    await refer(world.db, { requestId: request.id, role: 'input', ...again, expiresAt: null });
    expect(await world.sweep(after(2 * hour))).toMatchObject({ files: 0, bytes: 10 });
    expect(await world.has(first.sha256)).toBe(true);
  });

  it('empties expired tokens', async () => {
    const world = await newWorld();
    await createRequest(world.db, newRequest());
    expect(await world.sweep(after(15 * 60_000))).toMatchObject({ tokens: 1 });
    expect(await world.db.reply.count({ where: { token: { not: null } } })).toBe(0);
  });

  it('counts more bytes than a 32-bit number holds', async () => {
    const world = await newWorld();
    for (const bytes of [3_000_000_000, 4_000_000_000]) {
      const { request } = await createRequest(world.db, newRequest());
      const file = { sha256: randomBytes(32).toString('hex'), bytes, mediaType: 'x' };
      await refer(world.db, { requestId: request.id, role: 'input', ...file, expiresAt: null });
    }
    expect((await world.sweep(start)).bytes).toBe(7_000_000_000);
  });

  it('says how much room there is beside what is needed', async () => {
    const world = await newWorld();
    await world.delivered(100); // goes for want of room
    const waiting = (await createRequest(world.db, newRequest())).request;
    await refer(world.db, { requestId: waiting.id, role: 'input', ...(await world.put(30)), expiresAt: null });
    const held = await world.delivered(7);
    await changeState(world.db, held.id, 'held', { actor: 'moderator:m', now: start });
    expect(await mediaRoom(world.db, 50)).toBe(13);
    expect(await mediaRoom(world.db, 20)).toBe(0);
  });
});
