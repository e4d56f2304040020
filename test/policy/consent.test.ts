/** Whose face may be asked for, and that the text of a version stays what it was when people agreed to it. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';

import { languages, readSentences } from '../../src/locale.ts';
import { consentTextVersion, refuseSubject, type SubjectFacts } from '../../src/policy/consent.ts';

it.each<[string, Partial<SubjectFacts>, string | undefined]>([
  ['one’s own face', { kind: 'self' }, undefined],
  ['one’s own face among others', { kind: 'self', faces: { found: 3, all: false } }, undefined],
  ['all faces, when there is one', { kind: 'self', faces: { found: 1, all: true } }, undefined],
  ['all faces, as if all were one’s own', { kind: 'self', faces: { found: 2, all: true } }, 'refusal.only-your-face'],
  ['an artwork', { kind: 'artwork' }, undefined],
  ['all faces of an artwork', { kind: 'artwork', faces: { found: 13, all: true } }, undefined],
  ['an artwork where they are turned off', { kind: 'artwork', artworksAllowed: false }, 'refusal.artworks-not-allowed'],
  ['another member', { kind: 'member' }, 'refusal.consent-member'],
  ['somebody else', { kind: 'outsider' }, 'refusal.consent-outsider'],
  ['all faces, when none moves', { kind: 'self', movesAFace: false, faces: { found: 2, all: true } }, undefined],
  ['nobody, when no face moves', { kind: 'nobody', movesAFace: false, artworksAllowed: false }, undefined],
  ['nobody, when a face moves', { kind: 'nobody' }, 'refusal.a-face-moves'],
])('%s', (_whose, facts, code) => {
  expect(refuseSubject({ kind: 'self', artworksAllowed: true, movesAFace: true, ...facts })?.code).toBe(code);
});

/** Of every version that was ever shown: what people agreed to must be read back as they read it. */
const texts: Readonly<Record<string, string>> = {
  '1': 'a83fb63697444ddc',
};

it('the text of this version is the one that was released under it', () => {
  const shown = languages.flatMap((language) =>
    ['self', 'artwork'].map((kind) => readSentences(language)[`command.animate.option.subject.choice.${kind}`]),
  );
  expect(shown.every((text) => text !== undefined && text.length > 20)).toBe(true);
  expect(createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 16)).toBe(texts[consentTextVersion]);
});
