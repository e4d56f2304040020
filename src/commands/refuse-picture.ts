/** Whether a picture may be used where it is asked: what it is recognised by is kept with the request, and compared with the blocked ones. */
import { Refusal } from '../policy/refusal.ts';
import { findPictureBlock } from '../store/blocks.ts';
import type { Database } from '../store/database.ts';
import type { Request } from '../store/rows.ts';

/**
 * Rejects with `refusal.picture-blocked` when the picture, or one near to it, is blocked in the guild, with
 * `refusal.picture-blocked-everywhere` when it is everywhere.
 * @param likeness as src/engine/provenance/likeness.ts makes it; empty for what is like nothing.
 */
export async function refuseBlockedPicture(
  { id, guildId }: Pick<Request, 'id' | 'guildId'>,
  likeness: string,
  { db }: { readonly db: Database },
): Promise<void> {
  if (likeness === '') return;
  await db.request.update({ where: { id }, data: { inputHash: likeness } });
  const block = await findPictureBlock(db, { perceptualHash: likeness, guildId: guildId ?? undefined });
  if (block === undefined) return;
  throw new Refusal(block.guildId === null ? 'refusal.picture-blocked-everywhere' : 'refusal.picture-blocked');
}
