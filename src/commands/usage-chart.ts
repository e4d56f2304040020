/**
 * The usage log added up, as a picture: requests a day by what became of them, and the computing they took. Made to be read on
 * a phone (the picture is shown about half its size there: letters of 26 pixels are as large as the text around it) and on
 * light and dark backgrounds alike, so it brings its own.
 */
import sharp, { type OverlayOptions } from 'sharp';

import { drawLetters } from '../engine/letters.ts';
import type { Language, Translate } from '../locale.ts';
import type { UsageStats } from '../store/usage-stats.ts';
import { type StateGroup, stateGroups } from './usage-filter.ts';

const width = 1080;
const height = 1250;
const left = 110;
const right = 1030;
const ink = '#f2f3f5';
const faint = '#b5bac1';
const ground = '#232428';
const line = '#3f4147';

/** From the ground up; told apart by lightness too, for those who do not tell red from green. */
const colours = {
  made: '#2e9e5b',
  open: '#8ea1f5',
  held: '#f0c75e',
  removed: '#a05ad5',
  refused: '#d98236',
  failed: '#d04437',
  cancelled: '#80848e',
} as const satisfies Record<StateGroup, string>;

const groups = Object.keys(colours) as StateGroup[];

const computeColour = '#5aa9e6';

interface Panel {
  readonly title: string;
  readonly top: number;
  readonly bottom: number;
  /** For each day the parts of its bar, from the ground up. */
  readonly bars: readonly (readonly { readonly value: number; readonly colour: string }[])[];
  readonly unit: (value: number) => string;
}

/** PNG. */
export async function usageChart(stats: UsageStats, t: Translate, language: Language): Promise<Buffer> {
  const { days } = stats;
  const counted = groups.map((group) => ({ group, count: totalOf(stats, group) })).filter(({ count }) => count > 0);
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const panels: Panel[] = [
    {
      title: t('usage.chart.requests'),
      top: 210,
      bottom: 580,
      bars: days.map((day) => groups.map((group) => ({ value: inGroup(day, group), colour: colours[group] }))),
      unit: (value) => whole.format(value),
    },
    {
      title: t('usage.chart.compute'),
      top: 880,
      bottom: 1160,
      bars: days.map(({ computeSeconds }) => [{ value: computeSeconds / 60, colour: computeColour }]),
      unit: (value) => whole.format(value),
    },
  ];
  const shapes: string[] = [];
  const texts: OverlayOptions[] = [
    await words(t('usage.chart.title'), { size: 40, x: left - 60, y: 24, colour: ink }),
    await words(spanWords(days[0]!.day, days.at(-1)!.day, language), { size: 28, x: left - 60, y: 76, colour: faint }),
  ];
  for (const panel of panels) {
    const drawn = await drawPanel(
      panel,
      days.map(({ day }) => day),
      language,
    );
    shapes.push(drawn.shapes);
    texts.push(...drawn.texts);
  }
  const legend = await drawLegend(counted, 652, t, whole);
  shapes.push(legend.shapes);
  texts.push(...legend.texts);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${ground}"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).composite(texts).png({ palette: true }).toBuffer();
}

/** What the picture says, for those who do not see it. */
export function chartWords(stats: UsageStats, t: Translate): string {
  const told = groups
    .map((group) => ({ group, count: totalOf(stats, group) }))
    .filter(({ count }) => count > 0)
    .map(({ group, count }) => {
      return t('settings.line', { name: t(`command.usage.option.state.choice.${group}`), value: count });
    });
  const minutes = stats.days.reduce((sum, day) => sum + day.computeSeconds, 0) / 60;
  const requests = groups.reduce((sum, group) => sum + totalOf(stats, group), 0);
  const summary = t('usage.chart.alt', { days: stats.days.length, requests, minutes: Math.round(minutes) });
  return [summary, ...told].join(' · ');
}

type Day = UsageStats['days'][number];

function inGroup({ counts }: Pick<Day, 'counts'>, group: StateGroup): number {
  return stateGroups[group].reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

export function totalOf({ days }: UsageStats, group: StateGroup): number {
  return days.reduce((sum, day) => sum + inGroup(day, group), 0);
}

async function drawPanel(
  { title, top, bottom, bars, unit }: Panel,
  days: readonly Date[],
  language: Language,
): Promise<{ shapes: string; texts: OverlayOptions[] }> {
  const most = Math.max(...bars.map((parts) => parts.reduce((sum, { value }) => sum + value, 0)));
  const step = niceStep(most);
  const ceiling = Math.max(step, Math.ceil(most / step) * step);
  const at = (value: number): number => bottom - (value / ceiling) * (bottom - top);
  const shapes: string[] = [];
  const texts = [await words(title, { size: 30, x: left - 60, y: top - 52, colour: ink })];
  for (let value = 0; value <= ceiling + step / 2; value += step) {
    const y = at(value);
    shapes.push(`<line x1="${left}" x2="${right}" y1="${y}" y2="${y}" stroke="${line}" stroke-width="2"/>`);
    texts.push(await words(unit(value), { size: 26, x: left - 14, y: y - 16, colour: faint, from: 'right' }));
  }
  const slot = (right - left) / bars.length;
  const thick = Math.max(2, slot * 0.78);
  for (const [index, parts] of bars.entries()) {
    let base = 0;
    for (const { value, colour } of parts) {
      if (value === 0) continue;
      const y = at(base + value);
      const x = left + index * slot + (slot - thick) / 2;
      // However few there were, there is something to see.
      const tall = Math.max(3, at(base) - y);
      shapes.push(
        `<rect x="${x.toFixed(1)}" y="${(at(base) - tall).toFixed(1)}" width="${thick.toFixed(1)}" height="${tall.toFixed(1)}" fill="${colour}"/>`,
      );
      base += value;
    }
  }
  const short = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const marks = [...new Set([0, 1, 2, 3].map((part) => Math.round((part * (days.length - 1)) / 3)))];
  for (const mark of marks) {
    const x = left + (mark + 0.5) * slot;
    texts.push(await words(short.format(days[mark]), { size: 26, x, y: bottom + 14, colour: faint, from: 'middle' }));
  }
  return { shapes: shapes.join(''), texts };
}

/** Pixels of the legend's letters, from a square's edge to its words, between words and the next square, and to the sides. */
const legendSize = 26;
const legendBefore = 38;
const legendBetween = 16;
const legendLeft = left - 60;
const legendRight = width - 20;

async function drawLegend(
  counted: readonly { readonly group: StateGroup; readonly count: number }[],
  top: number,
  t: Translate,
  number: Intl.NumberFormat,
): Promise<{ shapes: string; texts: OverlayOptions[] }> {
  const labels = counted.map(({ group, count }) => `${t(`usage.chart.group.${group}`)} ${number.format(count)}`);
  const widths = await Promise.all(labels.map(async (label) => (await drawLetters(label, legendSize, ink)).info.width));
  // Three beside each other where the longest of them has room, else two.
  const columns = Math.max(0, ...widths) + legendBefore + legendBetween <= (legendRight - legendLeft) / 3 ? 3 : 2;
  const column = (legendRight - legendLeft) / columns;
  const shapes: string[] = [];
  const texts: OverlayOptions[] = [];
  for (const [index, { group }] of counted.entries()) {
    const x = Math.round(legendLeft + (index % columns) * column);
    const y = top + Math.floor(index / columns) * 42;
    shapes.push(`<rect x="${x}" y="${y}" width="26" height="26" rx="5" fill="${colours[group]}"/>`);
    texts.push(await words(labels[index]!, { size: legendSize, x: x + legendBefore, y: y - 4, colour: ink }));
  }
  return { shapes: shapes.join(''), texts };
}

/** Of 1, 2 and 5 times a power of ten, the one that gives up to five lines. */
function niceStep(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [power / 5, power / 2, power, power * 2].find((step) => most / step <= 5) ?? power * 5;
}

interface Placed {
  /** Pixels of the letters. */
  readonly size: number;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  /** Which end of the words stands at `x`; the left one when left out. */
  readonly from?: 'right' | 'middle';
}

async function words(said: string, { size, x, y, colour, from }: Placed): Promise<OverlayOptions> {
  const { data, info } = await drawLetters(said, size, colour);
  const shift = from === 'right' ? info.width : from === 'middle' ? info.width / 2 : 0;
  const fitting = Math.min(Math.max(0, Math.round(x - shift)), width - 12 - info.width);
  // The picture ends where the letters do: what hangs below the line they stand on is not counted.
  const below = /[gjpqy,();]/.test(said) ? size * 0.22 : 0;
  return { input: data, left: Math.max(0, fitting), top: Math.round(y + size - (info.height - below)) };
}

function spanWords(first: Date, last: Date, language: Language): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  return `${format.formatRange(first, last)} (UTC)`;
}
