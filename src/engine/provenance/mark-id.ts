/** What an invisible watermark carries: a number drawn by chance that the log knows, and nobody else can read anything from. */
import { randomBytes } from 'node:crypto';

const bytes = 6;

/** 48 bits as 12 hexadecimal digits. */
export function randomMarkId(): string {
  return randomBytes(bytes).toString('hex');
}
