/** How large a file may be that is sent, and how long an interaction's token is used: the same for whoever makes, sends or refuses one. */
import type { Reply } from '../store/rows.ts';

/** Bytes that Discord takes from a bot everywhere. A member's own limit, or a boosted server's, counts in answers by the token. */
export const smallestUpload = 10 * 2 ** 20;

/** Discord's limit may be met to the byte; a little is kept back for the form around the file. */
const formBytes = 16 * 2 ** 10;

/** The token is left a minute before it ends: an upload takes its time. */
const tokenMarginMs = 60_000;

/** The most bytes that a file may have where `uploadLimit` bytes are taken. */
export function mostBytes(uploadLimit: number): number {
  return Math.max(1, uploadLimit - formBytes);
}

/** Whether an interaction's token can still be used at `moment` (milliseconds since the epoch), as far as time goes. */
export function isTokenUsable({ tokenExpiresAt }: Pick<Reply, 'tokenExpiresAt'>, moment: number): boolean {
  return moment < tokenExpiresAt.getTime() - tokenMarginMs;
}

/**
 * Bytes that a result may have which is ready at `readyAt` (milliseconds since the epoch): as many as the interaction said
 * while its token lives, and later no more than a bot may send everywhere.
 */
export function sizeLimit(reply: Pick<Reply, 'uploadLimit' | 'tokenExpiresAt'>, readyAt: number): number {
  const { uploadLimit } = reply;
  return mostBytes(isTokenUsable(reply, readyAt) ? uploadLimit : Math.min(uploadLimit, smallestUpload));
}
