/** The picture of `/usage stats`: what a legend of long words and large counts looks like. */
import sharp from 'sharp';
import { expect, it } from 'vitest';

import { chartWords, usageChart } from '../../src/commands/usage-chart.ts';
import { translatorOf } from '../../src/discord/localise.ts';
import type { Language } from '../../src/locale.ts';
import type { UsageStats } from '../../src/store/usage-stats.ts';

const statsOf = (each: number): UsageStats => ({
  days: [
    { day: new Date(0), computeSeconds: 60, commands: {}, counts: { delivered: each, waiting: each, held: each } },
  ],
  members: 1,
  reports: 0,
});

/** The colour of a pixel as #rrggbb. */
async function colourAt(png: Buffer, left: number, top: number): Promise<string> {
  const { data } = await sharp(png)
    .removeAlpha()
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return `#${data.toString('hex')}`;
}

const held = '#f0c75e';

it.each([
  ['en', 12, 'beside', 723 + 13, 665],
  ['fr', 1234, 'below', 50 + 13, 665 + 42],
] as const)(
  'has room for its words: in %s with %d of each the third stands %s the others',
  async (language, each, _, left, top) => {
    const png = await usageChart(statsOf(each), translatorOf(language), language);
    expect(await colourAt(png, left, top)).toBe(held);
  },
);

it.each([
  ['en', 'Made: 1 · Waiting or running: 1 · Held back: 1'],
  ['fr', 'Réalisées : 1 · En attente ou en cours : 1 · Retenues : 1'],
] as const)('says in %s what it shows', (language: Language, words) => {
  expect(chartWords(statsOf(1), translatorOf(language))).toContain(words);
});
