/** Moments as Discord's clients show them: in the reader's own time and language. */

/** `f`: "22 November 2026 07:54"; `d`: "22/11/2026"; `D`: "22 November 2026"; `t`: "07:54"; `R`: "in 3 minutes", kept right. */
export const stamp = (moment: Date, style: 'f' | 'd' | 'D' | 't' | 'R' = 'f'): string =>
  `<t:${Math.round(moment.getTime() / 1000)}:${style}>`;
