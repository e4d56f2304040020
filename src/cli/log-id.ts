/** Ids of requests and blocks as the log writes them, on a command line. */
import { InvalidArgumentError } from 'commander';

export const isLogId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** For an argument of commander's. */
export function parseLogId(text: string): string {
  const id = text.trim();
  if (!isLogId(id)) throw new InvalidArgumentError('Expected an id such as 019abcde-0123-7456-89ab-cdef01234567.');
  return id.toLowerCase();
}
