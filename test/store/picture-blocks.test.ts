/** Blocked pictures: near ones, mirrored ones, here and everywhere, until the block is lifted. */
import { expect, it } from 'vitest';

import { mirroredHash } from '../../src/engine/provenance/perceptual-hash.ts';
import { blockPicture, findPictureBlock, liftPictureBlock, nearPictureDistance } from '../../src/store/blocks.ts';
import {
  changeState,
  createRequest,
  finishRequest,
  type NewRequest,
  RequestStopped,
} from '../../src/store/requests.ts';
import type { RequestState } from '../../src/store/rows.ts';
import { onEachDatabase } from './databases.ts';
import { after, finished, newRequest, start } from './fixtures.ts';

const hash = 'c3a519f00b7e62d4';
/** The hash with so many of its bits turned, from the last one on. */
const turned = (bits: number): string =>
  (BigInt(`0x${hash}`) ^ ((1n << BigInt(bits)) - 1n)).toString(16).padStart(16, '0');
const by = { moderatorId: 'mod', reason: 'not him again', now: start };

onEachDatabase(({ open }) => {
  it('finds a near picture, mirrored too, up to the distance and not one bit beyond', async () => {
    const { db } = await open();
    const {
      block: { id },
    } = await blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by);
    const found = async (perceptualHash: string) => (await findPictureBlock(db, { perceptualHash, guildId: 'g' }))?.id;
    for (const bits of [0, 1, nearPictureDistance]) {
      expect(await found(turned(bits))).toBe(id);
      expect(await found(mirroredHash(turned(bits)))).toBe(id);
    }
    expect(await found(turned(nearPictureDistance + 1))).toBeUndefined();
    expect(await found('')).toBeUndefined();
  });

  it('holds where it was made: in its guild alone, or everywhere', async () => {
    const { db } = await open();
    await blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by);
    for (const guildId of ['other', undefined]) {
      expect(await findPictureBlock(db, { perceptualHash: hash, guildId })).toBeUndefined();
    }
    const { block: everywhere } = await blockPicture(db, { perceptualHash: turned(3) }, by);
    for (const guildId of ['other', undefined]) {
      expect((await findPictureBlock(db, { perceptualHash: hash, guildId }))?.id).toBe(everywhere.id);
    }
  });

  it('is made once, written down, lifted once and by its own guild only', async () => {
    const { db } = await open();
    const [first, second] = await Promise.all(
      [1, 2].map(async () => (await blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by)).block),
    );
    expect(second).toEqual(first);
    const lift = (guildId?: string) => liftPictureBlock(db, { blockId: first!.id, guildId }, { ...by, now: after(1) });
    expect([await lift('other'), await lift(), await lift('g'), await lift('g')]).toEqual([false, false, true, false]);
    expect(await findPictureBlock(db, { perceptualHash: hash, guildId: 'g' })).toBeUndefined();
    const actions = await db.moderatorAction.findMany({ where: { guildId: 'g' }, orderBy: { id: 'desc' } });
    expect(actions.map(({ kind, reason, detail }) => [kind, reason, detail])).toEqual([
      ['unblockPicture', by.reason, { block: first!.id }],
      ['blockPicture', by.reason, { block: first!.id }],
      ['blockPicture', by.reason, { block: first!.id }],
    ]);
  });

  it('stops what is made from it and not posted yet: in its guild, or everywhere', async () => {
    const { db } = await open();
    const made = async (
      to: readonly RequestState[],
      inputHash: string | null = hash,
      fields: Partial<NewRequest> = { guildId: 'g' },
    ): Promise<string> => {
      const { id } = (await createRequest(db, newRequest(fields))).request;
      await db.request.update({ where: { id }, data: { inputHash } });
      for (const state of to) {
        if (state === 'delivering') await finishRequest(db, id, finished(), start);
        else await changeState(db, id, state, { actor: 'bot', now: start });
      }
      return id;
    };
    const received = await made([]);
    const asking = await made(['asking']);
    const waiting = await made(['waiting'], mirroredHash(turned(nearPictureDistance)));
    const running = await made(['waiting', 'running']);
    const finishing = await made(['waiting', 'running', 'delivering']);
    const posted = await made(['waiting', 'running', 'delivering', 'delivered']);
    const different = await made(['waiting'], turned(nearPictureDistance + 1));
    const unknown = await made(['waiting'], null);
    const elsewhere = await made(['waiting'], hash, { guildId: 'other' });
    const states = async (): Promise<Record<string, unknown>> => {
      const rows = await db.request.findMany({ select: { id: true, state: true, code: true } });
      return Object.fromEntries(rows.map(({ id, state, code }) => [id, [state, code]]));
    };
    const { stopped } = await blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by);
    expect([...stopped].sort()).toEqual([received, asking, waiting, running, finishing].sort());
    const code = 'queue.picture-blocked';
    const after = {
      ...Object.fromEntries([received, asking, waiting].map((id) => [id, ['cancelled', code]])),
      // Its worker reads why it is to stop.
      [running]: ['running', code],
      [finishing]: ['removed', code],
      [posted]: ['delivered', null],
      ...Object.fromEntries([different, unknown, elsewhere].map((id) => [id, ['waiting', null]])),
    };
    expect(await states()).toEqual(after);
    await expect(finishRequest(db, running, finished(), start)).rejects.toThrow(RequestStopped);
    const everywhere = await blockPicture(db, { perceptualHash: hash }, by);
    expect([...everywhere.stopped].sort()).toEqual([running, elsewhere].sort());
    expect(await states()).toEqual({ ...after, [elsewhere]: ['cancelled', 'queue.picture-blocked-everywhere'] });
  });

  it('gives the nearest of several', async () => {
    const { db } = await open();
    await blockPicture(db, { perceptualHash: turned(6), guildId: 'g' }, by);
    const { block: nearer } = await blockPicture(db, { perceptualHash: turned(2) }, by);
    expect((await findPictureBlock(db, { perceptualHash: hash, guildId: 'g' }))?.id).toBe(nearer.id);
  });
});
