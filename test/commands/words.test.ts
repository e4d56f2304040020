/** Small words around commands: names of clips, choices while one types, rates, and turns that are taken. */
import { describe, expect, it } from 'vitest';

import { choiceOf, matching } from '../../src/commands/choices.ts';
import { whoHasMessage } from '../../src/commands/consent-words.ts';
import { withoutTwins } from '../../src/commands/consent-revoke.ts';
import { fileName } from '../../src/commands/file-name.ts';
import { offerRates } from '../../src/commands/restore-options.ts';
import { shortened } from '../../src/discord/shorten.ts';
import { inTime } from '../../src/commands/compare.ts';
import { createTurns } from '../../src/commands/turns.ts';
import { translatorOf } from '../../src/discord/localise.ts';

describe('the name of a clip', () => {
  it.each([
    ['film.mp4', 'film.mp4'],
    ['Été à la plage (1962).MOV', 'Été à la plage (1962).MOV'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\films\\train.avi', 'train.avi'],
    ['映画.mp4', '映画.mp4'],
    ['a\u202Egpj.mp4', 'a_gpj.mp4'],
    ['<script>`rm`.mp4', 'script_rm_.mp4'],
    ['  spaced \n out .mp4', 'spaced_out.mp4'],
    ['.mp4', 'mp4'],
    ['???', 'clip'],
    ['', 'clip'],
  ])('%j is kept as %j', (given, kept) => {
    expect(fileName(given)).toBe(kept);
  });

  it('is cut before its ending, which stays', () => {
    const kept = fileName(`${'x'.repeat(300)}.webm`);
    expect([kept.length, kept.endsWith('….webm')]).toEqual([80, true]);
  });
});

it('a text is cut at a whole character', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('ab🎞️cd', 4)).toBe('ab…');
});

describe('choices', () => {
  const now = Date.UTC(2026, 0, 2);
  const request = (seconds: number, inputName: string | null = 'film.mp4') => ({
    id: 'the-id',
    inputName,
    createdAt: new Date(now - seconds * 1000),
  });

  it.each([
    [10, 'en', 'film.mp4 · now'],
    [60, 'en', 'film.mp4 · 1 minute ago'],
    [3 * 3600, 'fr', 'film.mp4 · il y a 3 heures'],
    [2 * 86_400, 'it', 'film.mp4 · l’altro ieri'],
    [-30, 'en', 'film.mp4 · now'],
  ] as const)('say how old: %i s in %s', (seconds, language, name) => {
    expect(choiceOf(request(seconds), now, language)).toEqual({ name, value: 'the-id' });
  });

  it('are never longer than Discord takes, and never nameless', () => {
    const { name } = choiceOf(request(1, 'y'.repeat(80)), now, 'en', 'z'.repeat(60));
    expect([name.length, name.at(-1)]).toEqual([100, '…']);
    expect(choiceOf(request(1, null), now, 'en').name).toBe('the-id · now');
  });

  it('are found by any part of their name', () => {
    const choices = ['Train.mp4', 'boat.mp4'].map((name) => choiceOf(request(1, name), now, 'en'));
    expect(matching(choices, ' TRA ').map(({ name }) => name)).toEqual(['Train.mp4 · now']);
    expect(matching(choices, '')).toHaveLength(2);
  });

  it('that would read the same are numbered, within the same length', () => {
    const twins = ['x'.repeat(120), 'x'.repeat(120), 'film.mp4'].map((name) => choiceOf(request(1, name), now, 'en'));
    const names = matching(twins, '').map(({ name }) => name);
    expect(names.map((name) => [name.length, name.slice(-5)])).toEqual([
      [100, 'xxxx…'],
      [100, '… (2)'],
      [14, ' · now'.slice(-5)],
    ]);
  });
});

it('agreements that are taken back together are one choice', () => {
  const now = new Date(1000);
  const standing = { kind: 'member', scope: 'requester', requesterId: 'a', guildId: 'g', expiresAt: new Date(2000) };
  const given = [
    standing,
    standing,
    { ...standing, requesterId: 'b' },
    { ...standing, guildId: 'h' },
    { ...standing, scope: 'photo' },
    { ...standing, scope: 'photo' },
    { ...standing, expiresAt: now },
  ].map((row, at) => ({ ...row, id: String(at) }));
  expect(withoutTwins(given as never, now).map(({ id }) => id)).toEqual(['0', '2', '3', '4', '5', '6']);
});

describe('rates while one types', () => {
  const offered = (typed: string): string[] => offerRates(typed, translatorOf('en')).map(({ value }) => value);

  it('the words come first, then what people ask for', () => {
    expect(offered('').slice(0, 4)).toEqual(['auto', 'source', '60', '24']);
    expect(offered('').length).toBeLessThanOrEqual(25);
  });

  it.each([
    ['2', ['2', '24', '25', '240']],
    ['33', ['33']],
    ['999', []],
    ['0', []],
    ['sour', ['source']],
    ['smooth', ['auto']],
  ])('%j', (typed, values) => {
    expect(offered(typed)).toEqual(values);
  });
});

describe('turns', () => {
  it('no more at once than may be, each in the order it came, and a failure hands its place on', async () => {
    const turns = createTurns(2);
    const log: string[] = [];
    const ends = new Map<string, (failed?: Error) => void>();
    const run = (name: string): Promise<void> =>
      turns(
        () =>
          new Promise<void>((resolve, reject) => {
            log.push(name);
            ends.set(name, (failed) => {
              if (failed === undefined) resolve();
              else reject(failed);
            });
          }),
      );
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(run);
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    ends.get('a')!(new Error('no'));
    await expect(a).rejects.toThrow('no');
    await new Promise(setImmediate);
    expect(log).toEqual(['a', 'b', 'c']);
    ends.get('b')!();
    ends.get('c')!();
    await Promise.all([b, c]);
    await new Promise(setImmediate);
    ends.get('d')!();
    await d;
    expect(await turns(() => Promise.resolve('free again'))).toBe('free again');
  });
});

it('a comparison that takes too long is left to the next press', async () => {
  const never = new Promise<string>(() => undefined);
  await expect(inTime(never, 5)).rejects.toMatchObject({ code: 'refusal.comparison-late' });
  await expect(inTime(Promise.resolve('made'), 5)).resolves.toBe('made');
  await expect(inTime(Promise.reject(new Error('input gone')), 5)).rejects.toThrow('input gone');
});

describe('where what was made with a face is', () => {
  const shown = (channelId: string, isPrivate = false) => ({ channelId, messageId: '9', isPrivate });
  const link = (channelId: string) => `[the message](https://discord.com/channels/1/${channelId}/9)`;
  const delivered = { kind: 'result', place: 'channel', ...shown('2') };
  const taken = { ...delivered, channelId: null, messageId: null };
  const kept = 'kept for them, posted nowhere';
  const isHere = (_guildId: string, channelId: string): boolean => /^\d$/.test(channelId);

  it.each([
    ['delivered', { delivery: delivered }, link('2')],
    ['delivered', { delivery: { ...delivered, place: 'direct' } }, 'shown to them alone'],
    [
      'delivered',
      { delivery: delivered, postings: [shown('3'), shown('4')] },
      `${link('2')}, ${link('3')}, ${link('4')}`,
    ],
    ['delivered', { delivery: delivered, postings: [shown('3', true)] }, `${link('2')}, shown to them alone`],
    [
      'delivered',
      { delivery: delivered, postings: [shown('a direct message')] },
      `${link('2')}, sent to them directly, or where I can no longer look`,
    ],
    ['kept', { delivery: taken, postings: [shown('3')] }, link('3')],
    ['kept', { delivery: taken }, kept],
    ['delivering', { delivery: taken }, 'under way'],
    ['held', { delivery: taken }, kept],
    ['held', { delivery: { ...delivered, kind: 'notice' } }, kept],
    ['held', { delivery: delivered, postings: [shown('3')] }, `${link('2')}, ${link('3')}`],
    ['held', { delivery: taken, postings: [shown('3')] }, link('3')],
    ['held', { delivery: { ...taken, place: 'direct' }, postings: [shown('3')] }, link('3')],
  ])('%s: %j', (state, more, where) => {
    const day = new Date(Date.UTC(2026, 0, 2));
    const request = { state, guildId: '1', createdAt: day, resultExpiresAt: null, reply: null, postings: [], ...more };
    const consent = { kind: 'member', scope: 'photo', requesterId: '7', expiresAt: null, requests: [request] };
    const said = whoHasMessage([consent] as never, { now: day, most: 9, isHere }, translatorOf('en'));
    expect(JSON.stringify(said)).toContain(`<t:1767312000:D>: ${where}\\n`);
  });
});
