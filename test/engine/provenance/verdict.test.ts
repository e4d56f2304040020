/** One answer from all that speaks for a file: what proves, what only hints, and what was not looked at. */
import { expect, it } from 'vitest';

import type { ManifestReading } from '../../../src/engine/provenance/c2pa/read-manifest.ts';
import type { Marks } from '../../../src/engine/provenance/read-marks.ts';
import { judge, type Recorded } from '../../../src/engine/provenance/verdict.ts';
import { createTranslate } from '../../../src/locale.ts';
import { verification } from '../../../src/queue/verification.ts';
import { verificationWords } from '../../../src/verification-words.ts';

const file: Marks = { sha256: 'ab'.repeat(32), mediaType: 'video/mp4' };
const at = new Date('2026-05-04T03:02:01Z');
const recorded: Recorded = { requestId: 'r1', guildId: 'g1', kind: 'restoration', madeAt: at };
const manifest = (fields: Partial<ManifestReading>): ManifestReading => ({
  isOurs: true,
  state: 'valid',
  problems: [],
  sourceTypes: [],
  kind: 'animation',
  at,
  ...fields,
});
const watermark = { payload: '0123456789ab', sync: 9, correlation: 12, falsePositive: 1e-12 };

it('what proves it is certain, and the strongest stands first', () => {
  const told = judge({ marks: { ...file, manifest: manifest({}), watermark }, byHash: recorded });
  expect(told).toMatchObject({ madeHere: true, certainty: 'certain', altered: false, kind: 'animation', madeAt: at });
  expect(told.evidence.map(({ kind }) => kind)).toEqual(['log', 'manifest', 'watermark']);
  expect(told.request).toEqual({ id: 'r1', guildId: 'g1' });
});

it('what was restored from an animation says so, by its manifest or by the log', () => {
  const restored = manifest({ kind: 'restoration' });
  const signed = manifest({ kind: 'restoration', isFromAnimation: true });
  expect(judge({ marks: { ...file, manifest: restored } }).fromAnimation).toBeUndefined();
  expect(judge({ marks: { ...file, manifest: signed } }).fromAnimation).toBe(true);
  expect(judge({ marks: file, byHash: { ...recorded, isFromAnimation: true } }).fromAnimation).toBe(true);
  // An animation is one itself; what was altered since proves nothing.
  const animated = { ...recorded, kind: 'animation', isFromAnimation: true } as const;
  expect(judge({ marks: file, byHash: animated }).fromAnimation).toBeUndefined();
  const altered = manifest({ kind: 'restoration', isFromAnimation: true, state: 'altered' });
  expect(judge({ marks: { ...file, manifest: altered, watermark } }).fromAnimation).toBeUndefined();
});

it('a signature whose certificate has expired proves what it did, and that is told right after it', () => {
  const signed = manifest({ isExpired: true });
  const told = judge({ marks: { ...file, manifest: signed, watermark }, byHash: recorded });
  expect([told.certainty, told.evidence[1]]).toEqual(['certain', { kind: 'manifest', expired: true }]);
  const linesOf = (found: unknown): readonly string[] => {
    const given = { version: 1, madeHere: true, certainty: told.certainty, evidence: found, input: [], logRead: true };
    return verificationWords(verification.parse(given), { t: createTranslate('en'), day: String }).lines;
  };
  const isExpired = (line: string): boolean => line.includes('has expired since');
  const lines = linesOf(told.evidence);
  expect(lines[lines.findIndex(isExpired) - 1]).toMatch(/^Its manifest is signed/);
  expect(linesOf([{ kind: 'manifest' }]).some(isExpired)).toBe(false);
  // Of what is not proven by it, it counts for nothing.
  const altered = judge({ marks: { ...file, manifest: manifest({ state: 'altered', isExpired: true }) } });
  expect(altered.evidence).toEqual([{ kind: 'manifest-altered' }]);
});

/** The title, and all lines as one text. */
function wordsOf(told: ReturnType<typeof judge>): readonly [string, string] {
  const answer = verification.parse({ version: 1, ...told, madeAt: undefined, input: [], logRead: true });
  const { title, lines } = verificationWords(answer, { t: createTranslate('en'), day: String });
  return [title, lines.join('\n')];
}

it('the watermark of what looks like that is very likely, and the file another than was made', () => {
  const told = judge({ marks: { ...file, watermark }, byMark: { ...recorded, pictures: 'alike' } });
  expect(told).toMatchObject({ madeHere: true, certainty: 'very-likely', altered: true, request: { id: 'r1' } });
  expect(wordsOf(told)).toEqual([
    'Yes, this was made here, almost certainly.',
    expect.not.stringMatching(/carried over|carry their mark/),
  ]);
});

it('where looks could not be compared, the watermark tells that marked pictures were used, and of no request', () => {
  for (const byMark of [recorded, undefined]) {
    const told = judge({ marks: { ...file, watermark }, byMark });
    expect(told).toEqual({
      madeHere: true,
      certainty: 'very-likely',
      evidence: [{ kind: 'watermark', payload: watermark.payload, falsePositive: 1e-12 }],
      altered: true,
    });
    expect(wordsOf(told)).toEqual([
      'Yes, pictures that were made here were used in this, almost certainly.',
      expect.stringContaining('can carry their mark over to others'),
    ]);
  }
});

it('the watermark of what looks otherwise proves nothing and names nothing', () => {
  const other = { ...recorded, pictures: 'different' } as const;
  const told = judge({ marks: { ...file, watermark, manifest: manifest({ state: 'altered' }) }, byMark: other });
  expect(told).toEqual({
    madeHere: null,
    certainty: 'possible',
    evidence: [{ ...told.evidence[0], kind: 'watermark', pictures: 'different' }, { kind: 'manifest-altered' }],
    altered: true,
  });
  expect(wordsOf(told)).toEqual([
    expect.stringMatching(/^It cannot be said/),
    expect.stringContaining('does not look like that file'),
  ]);
  // What is proven another way stays so; its request is that of its own manifest.
  const signed = { ...file, watermark, manifest: manifest({ markId: watermark.payload }) };
  expect(judge({ marks: signed, byMark: recorded })).toMatchObject({ certainty: 'certain', request: { id: 'r1' } });
  const borrowed = { ...file, watermark, manifest: manifest({ markId: 'ffffffffffff' }) };
  expect(judge({ marks: borrowed, byMark: other }).request).toBeUndefined();
});

it('what looks alike, or carries a manifest of another file, is possible: nothing of a request is told', () => {
  const alike = judge({ marks: file, byLikeness: { ...recorded, share: 1, distance: 2 } });
  expect(alike).toEqual({
    madeHere: null,
    certainty: 'possible',
    evidence: [{ kind: 'likeness', share: 1, distance: 2 }],
  });
  const moved = judge({ marks: { ...file, manifest: manifest({ state: 'altered' }) }, byMark: recorded });
  expect(moved).toMatchObject({ madeHere: null, certainty: 'possible', altered: true });
  expect(moved).not.toHaveProperty('request');
  expect(moved).not.toHaveProperty('madeAt');
});

it('no sign is no; where the watermark could not be looked for it cannot be said', () => {
  expect(judge({ marks: file })).toEqual({ madeHere: false, certainty: 'none', evidence: [] });
  expect(judge({ marks: { ...file, unread: ['watermark'] } })).toMatchObject({ madeHere: null, unread: ['watermark'] });
  expect(judge({ marks: { ...file, unread: ['watermark'] }, byHash: recorded }).madeHere).toBe(true);
});

it("somebody else's manifest proves nothing of ours", () => {
  const theirs = manifest({ isOurs: false });
  expect(judge({ marks: { ...file, manifest: theirs } })).toMatchObject({ madeHere: false, others: theirs });
});
