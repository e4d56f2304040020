/** Blocked pictures: near ones, mirrored ones, here and everywhere, until the block is lifted. */
import { expect, it } from 'vitest';

import { mirroredHash } from '../../src/engine/provenance/perceptual-hash.ts';
import { blockPicture, findPictureBlock, liftPictureBlock, nearPictureDistance } from '../../src/store/blocks.ts';
import { onEachDatabase } from './databases.ts';
import { after, start } from './fixtures.ts';

const hash = 'c3a519f00b7e62d4';
/** The hash with so many of its bits turned, from the last one on. */
const turned = (bits: number): string =>
  (BigInt(`0x${hash}`) ^ ((1n << BigInt(bits)) - 1n)).toString(16).padStart(16, '0');
const by = { moderatorId: 'mod', reason: 'not him again', now: start };

onEachDatabase(({ open }) => {
  it('finds a near picture, mirrored too, up to the distance and not one bit beyond', async () => {
    const { db } = await open();
    const { id } = await blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by);
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
    const everywhere = await blockPicture(db, { perceptualHash: turned(3) }, by);
    for (const guildId of ['other', undefined]) {
      expect((await findPictureBlock(db, { perceptualHash: hash, guildId }))?.id).toBe(everywhere.id);
    }
  });

  it('is made once, written down, lifted once and by its own guild only', async () => {
    const { db } = await open();
    const [first, second] = await Promise.all(
      [1, 2].map(() => blockPicture(db, { perceptualHash: hash, guildId: 'g' }, by)),
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

  it('gives the nearest of several', async () => {
    const { db } = await open();
    await blockPicture(db, { perceptualHash: turned(6), guildId: 'g' }, by);
    const nearer = await blockPicture(db, { perceptualHash: turned(2) }, by);
    expect((await findPictureBlock(db, { perceptualHash: hash, guildId: 'g' }))?.id).toBe(nearer.id);
  });
});
