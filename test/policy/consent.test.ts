/** Whose face may be asked for, and that the text of a version stays what it was when people agreed to it. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { languages, readSentences } from '../../src/locale.ts';
import {
  mostQuestionsOfAll,
  mostQuestionsOfOne,
  refuseNamed,
  refuseQuestion,
  refuseSubject,
  type SubjectFacts,
} from '../../src/policy/consent.ts';
import { consentTextKeys, consentTextVersion } from '../../src/policy/consent-texts.ts';

it.each<[string, Partial<SubjectFacts>, string | undefined]>([
  ['one’s own face', { kind: 'self' }, undefined],
  ['one’s own face among others', { kind: 'self', faces: { found: 3, all: false } }, undefined],
  ['all faces, when there is one', { kind: 'self', faces: { found: 1, all: true } }, undefined],
  ['all faces, as if all were one’s own', { kind: 'self', faces: { found: 2, all: true } }, 'refusal.only-your-face'],
  ['an artwork', { kind: 'artwork' }, undefined],
  ['all faces of an artwork', { kind: 'artwork', faces: { found: 13, all: true } }, undefined],
  ['an artwork where they are turned off', { kind: 'artwork', artworksAllowed: false }, 'refusal.artworks-not-allowed'],
  ['another member', { kind: 'member' }, undefined],
  ['another member in direct messages', { kind: 'member', isInGuild: false }, 'refusal.member-in-guild'],
  ['all faces of another member', { kind: 'member', faces: { found: 2, all: true } }, 'refusal.one-face'],
  ['somebody else', { kind: 'outsider' }, undefined],
  ['all faces of somebody else', { kind: 'outsider', faces: { found: 2, all: true } }, 'refusal.one-face'],
  ['somebody else in direct messages', { kind: 'outsider', isInGuild: false }, 'refusal.consent-outsider'],
  [
    'somebody else, unless the operator says so',
    { kind: 'outsider', outsidersAllowed: false },
    'refusal.consent-outsider',
  ],
  ['somebody else where nobody can approve', { kind: 'outsider', hasLogChannel: false }, 'refusal.no-approval-here'],
  ['all faces, when none moves', { kind: 'self', movesAFace: false, faces: { found: 2, all: true } }, undefined],
  ['nobody, when no face moves', { kind: 'nobody', movesAFace: false, artworksAllowed: false }, undefined],
  ['nobody, when a face moves', { kind: 'nobody' }, 'refusal.a-face-moves'],
])('%s', (_whose, facts, code) => {
  const usual = {
    artworksAllowed: true,
    outsidersAllowed: true,
    hasLogChannel: true,
    isInGuild: true,
    movesAFace: true,
  };
  expect(refuseSubject({ kind: 'self', ...usual, ...facts })?.code).toBe(code);
});

it.each([
  ['a member', { id: '2', isBot: false, isHere: true }, undefined],
  ['a bot', { id: '2', isBot: true, isHere: true }, 'refusal.bots-not-asked'],
  ['somebody who is not in the guild', { id: '2', isBot: false, isHere: false }, 'refusal.member-not-here'],
  ['the one who asks', { id: '1', isBot: false, isHere: true }, 'refusal.ask-yourself'],
])('%s is named as the one to ask', (_whom, named, code) => {
  expect(refuseNamed(named, '1')?.code).toBe(code);
});

describe('a member is asked', () => {
  const times = (count: number): Date[] => Array.from({ length: count }, (_, at) => new Date(1000 * at));

  it('as often as may be in a day, by one and by all', () => {
    const of = (byRequester: number, byAnybody: number) =>
      refuseQuestion({ refusedForGood: false, byRequester: times(byRequester), byAnybody: times(byAnybody) });
    expect(of(mostQuestionsOfOne - 1, mostQuestionsOfAll - 1)).toBeUndefined();
    expect(of(mostQuestionsOfOne, mostQuestionsOfOne)?.code).toBe('refusal.asked-too-often');
    expect(of(0, mostQuestionsOfAll)?.code).toBe('refusal.asked-too-often');
  });

  it('again when the first of the last few is a day old', () => {
    const byRequester = times(mostQuestionsOfOne + 2);
    const refusal = refuseQuestion({ refusedForGood: false, byRequester, byAnybody: byRequester });
    expect(refusal?.params).toEqual({ freesAt: new Date(2000 + 24 * 3_600_000) });
  });

  it('never again by one whom they will not be asked by', () => {
    expect(refuseQuestion({ refusedForGood: true, byRequester: [], byAnybody: [] })?.code).toBe(
      'refusal.not-to-be-asked',
    );
  });
});

/** Of every version that was ever shown: what people agreed to must be read back as they read it. */
const texts: Readonly<Record<string, string>> = {
  '1': 'a83fb63697444ddc',
  '2': '969819cd238484e5',
  '3': 'a4bc69f97bbe29cb',
  '4': '9c6c87b5def297ec',
};

it('the text of this version is the one that was released under it', () => {
  const shown = languages.flatMap((language) => consentTextKeys.map((key) => readSentences(language)[key]));
  expect(shown.every((text) => text !== undefined && text.length > 20)).toBe(true);
  expect(createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, 16)).toBe(texts[consentTextVersion]);
});
