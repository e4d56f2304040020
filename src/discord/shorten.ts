/** Texts within Discord's lengths. */

/** Characters that all texts of a message may have together. */
export const messageRoom = 4000;

/** The first `most` characters as Discord counts them, never half of one; at least one. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * A text that has at most `room` characters: `write` is given how many characters each foreign text in it may have, the most there
 * is room for up to `most`. So the longest lose first, and what is short is whole.
 */
export function fitted(
  write: (most: number) => string,
  { most, room }: { readonly most: number; readonly room: number },
): string {
  // The greatest of the lengths from 1 on that fits; one more than `least` does not.
  let least = 1;
  let tooMuch = most + 1;
  while (tooMuch - least > 1) {
    const middle = Math.floor((least + tooMuch) / 2);
    if (write(middle).length <= room) least = middle;
    else tooMuch = middle;
  }
  return shortened(write(least), room);
}

/** As many of these lines as there is room for; where not all are shown, `more` says so. */
export function linesWithin(
  lines: readonly string[],
  { more, room }: { readonly more: string; readonly room: number },
): string {
  const whole = lines.join('\n');
  if (whole.length <= room) return whole;
  const kept: string[] = [];
  let left = room - more.length;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return [...kept, more].join('\n');
}
