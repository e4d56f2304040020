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

it('the watermark alone is very likely, and the file another than was made', () => {
  const told = judge({ marks: { ...file, watermark }, byMark: recorded });
  expect(told).toMatchObject({ madeHere: true, certainty: 'very-likely', altered: true, request: { id: 'r1' } });
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
