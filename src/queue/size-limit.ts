/** How large a result may become, by where and when it will be sent. */
import type { Reply } from '../store/rows.ts';

/** Discord's own limit may be met to the byte; a little is kept back for its form fields. */
const limitMargin = 16 * 1024;
/** What a bot may send everywhere. A member's own limit, or a boosted server's, may only count in answers by the token. */
const bareLimit = 10 * 2 ** 20;
/** Sending by the token ends a little before the token does. */
const tokenMarginMs = 60_000;

/**
 * Bytes that a result may have which is ready at `readyAt` (milliseconds since the epoch): as many as the interaction said
 * while its token lives, and later no more than a bot may send everywhere.
 */
export function sizeLimit({ uploadLimit, tokenExpiresAt }: Reply, readyAt: number): number {
  const isLate = readyAt > tokenExpiresAt.getTime() - tokenMarginMs;
  return Math.max(1, (isLate ? Math.min(uploadLimit, bareLimit) : uploadLimit) - limitMargin);
}
