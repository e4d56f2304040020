/**
 * A restoration whose input is the result of an animation shares that one's fate (`Request.madeFromId`): the worker, which alone
 * can tell one by its mark, ties the two, and makes nothing where the animation may not be shown itself.
 */
import { findPictureFault } from '../store/blocks.ts';
import { findConsentFault } from '../store/consents.ts';
import type { Database } from '../store/database.ts';
import { findMadeByMark } from '../store/made-files.ts';
import type { MadeFileMac } from '../store/made-file-mac.ts';
import type { Request } from '../store/rows.ts';
import type { InputMarks } from './input-marks.ts';
import { QueueProblem } from './reasons.ts';

/**
 * Writes down that `request` is made from an animation, before anything is made. Rejects with a QueueProblem where that one is
 * removed, held or not agreed to any more, or its picture blocked.
 */
export async function tieToAnimation(
  db: Database,
  request: Pick<Request, 'id' | 'guildId'>,
  animationId: string,
  now: Date,
): Promise<void> {
  const tied = await db.request.update({ where: { id: request.id }, data: { madeFromId: animationId } });
  const fault = await findConsentFault(db, tied, now);
  if (fault !== undefined) throw new QueueProblem(`queue.consent-${fault}`);
  const { inputHash } = await db.request.findUniqueOrThrow({ where: { id: animationId } });
  const blocked = await findPictureFault(db, { inputHash, guildId: request.guildId });
  if (blocked !== undefined) throw new QueueProblem(blocked);
}

/** The animation that a request's clip came from, by the mark that it carries; undefined where it has none of a request. */
export async function animationByMark(
  db: Database,
  mac: MadeFileMac,
  { files }: InputMarks,
): Promise<string | undefined> {
  const markId = files.find(({ role }) => role === 'input')?.markId;
  return markId === undefined ? undefined : (await findMadeByMark(db, mac, markId)).found?.animationId;
}
