/** A member's id on a command line. */
import { InvalidArgumentError } from 'commander';

/** For an argument of commander's. Discord's ids are 64-bit numbers. */
export function parseMember(text: string): string {
  if (!/^\d{17,20}$/.test(text.trim()))
    throw new InvalidArgumentError("Expected the digits of Discord's id (developer mode, Copy User ID).");
  return text.trim();
}
