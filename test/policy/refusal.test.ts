/** Every refusal has its sentence in every language, and asks for the same things in each. */
import { expect, it } from 'vitest';

import { languages, readSentences } from '../../src/locale.ts';
import { Refusal, refusalCodes } from '../../src/policy/refusal.ts';

const blanks = (sentence: string): string[] =>
  [...sentence.matchAll(/\{\{(\w+)/g)].map((match) => match[1] ?? '').sort();

it.each(languages)('every code has a sentence in %s, and no sentence is without its code', (language) => {
  const sentences = readSentences(language);
  const english = readSentences('en');
  const written = Object.keys(sentences).filter((key) => key.startsWith('refusal.'));
  expect(written.sort()).toEqual([...refusalCodes].sort());
  for (const code of refusalCodes) expect(blanks(sentences[code]!), code).toEqual(blanks(english[code]!));
});

it('carries what its sentence needs, and no sentence of its own', () => {
  const refusal = new Refusal('refusal.queue-full', { waiting: 500, limit: 500 });
  expect([refusal.code, refusal.params, refusal.message]).toEqual([
    'refusal.queue-full',
    { waiting: 500, limit: 500 },
    'refusal.queue-full',
  ]);
});
