/** An option of words that are drawn: nothing but blanks would do nothing. */
import { InvalidArgumentError } from 'commander';

export function parseWords(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected words; leave the option out for none.');
  return text;
}
