/** Texts within Discord's lengths. */

/** The first `most` characters as Discord counts them, never half of one. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
