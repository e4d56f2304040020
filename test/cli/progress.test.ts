import { describe, expect, it } from 'vitest';

import { createProgress, createRateMeter, showJob } from '../../src/cli/progress.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { createTranslate } from '../../src/locale.ts';

const t = createTranslate('en');

function record(options: { tty?: boolean; json?: boolean }): {
  lines: () => string;
  progress: ReturnType<typeof createProgress>;
  at: (ms: number) => void;
} {
  let written = '';
  let now = 0;
  const stderr = { write: (text: string) => (written += text), isTTY: options.tty ?? false, columns: 80 };
  const terminal = createTerminal({ json: options.json ?? false, stdout: { write: () => true }, stderr });
  return { lines: () => written, progress: createProgress(terminal, t, () => now), at: (ms) => (now = ms) };
}

describe('the rate', () => {
  it('is that of the last ten seconds, and starts anew with each stage', () => {
    const meter = createRateMeter();
    meter({ stage: 'compare', done: 0, total: 1000 }, 0);
    // Ten frames a second for ten seconds, then one a second for as long.
    for (let second = 1; second <= 10; second += 1)
      meter({ stage: 'compare', done: second * 10, total: 1000 }, second * 1000);
    let rate = { perSecond: 0, secondsLeft: undefined as number | undefined };
    for (let second = 11; second <= 20; second += 1)
      rate = meter({ stage: 'compare', done: 90 + second, total: 1000 }, second * 1000);
    expect(rate).toEqual({ perSecond: 1, secondsLeft: 890 });
    expect(meter({ stage: 'other', done: 5, total: 10 }, 21_000)).toEqual({ perSecond: 0, secondsLeft: undefined });
  });
});

describe('progress', () => {
  it('rewrites one line on a terminal, no longer than the screen, and leaves it clean', () => {
    const { lines, progress, at } = record({ tty: true });
    progress.update({ stage: 'compare', done: 0, total: 200 });
    at(2000);
    progress.update({ stage: 'compare', done: 50, total: 200 });
    const shown = lines().split('\r\x1b[K').slice(1);
    expect(shown[1]).toBe('Comparing  [=====               ]  25%  50/200 frames  25.0 fps  6s left');
    for (const line of shown) expect(line.length).toBeLessThan(80);
    progress.end();
    expect(lines().endsWith('\r\x1b[K')).toBe(true);
    expect(lines()).not.toContain('\n');
  });

  it('writes a plain line every five seconds elsewhere', () => {
    const { lines, progress, at } = record({});
    for (let tenth = 0; tenth <= 120; tenth += 1) {
      at(tenth * 100);
      progress.update({ stage: 'compare', done: tenth, total: 120 });
    }
    progress.end();
    expect(lines().split('\n').slice(0, -1)).toEqual([
      'Comparing  0%  0/120 frames',
      'Comparing  41%  50/120 frames  10.0 fps  7s left',
      'Comparing  83%  100/120 frames  10.0 fps  2s left',
    ]);
  });

  it('writes JSON lines with --json', () => {
    const { lines, progress } = record({ json: true, tty: true });
    progress.update({ stage: 'compare', done: 3, total: 9 });
    expect(JSON.parse(lines())).toEqual({ event: 'progress', stage: 'compare', done: 3, total: 9, perSecond: 0 });
  });

  it('counts bytes as bytes', () => {
    const { lines, progress } = record({});
    progress.update({ stage: 'weights-download', detail: 'rife-v4.6', done: 2 ** 20, total: 2 ** 22, unit: 'bytes' });
    expect(lines()).toBe('Downloading rife-v4.6  25%  1 MiB of 4 MiB\n');
  });

  it('says only what it knows', () => {
    const { lines, progress, at } = record({});
    progress.update({ stage: 'weights-convert', detail: 'rife-v4.6', done: 0, unit: 'bytes' });
    at(6000);
    progress.update({ stage: 'compare', done: 7 });
    showJob(progress)('sound', 40, 100);
    expect(lines().split('\n').slice(0, -1)).toEqual([
      'Converting rife-v4.6',
      'Comparing  7 frames',
      'Making the sound  40%',
    ]);
  });
});
