/** What Discord knows a message by that is sent a second time. */
import { createHash } from 'node:crypto';

/**
 * Discord drops a second message with the same nonce, for some minutes: a process that died sends once. 22 characters, which
 * nothing but the same parts gives.
 */
export const nonceOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 22);
