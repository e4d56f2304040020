import { expect, it } from 'vitest';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { addedSound, addedSoundComment } from '../../../../src/engine/restore/sound/added-sound.ts';
import { ambienceNames, parseSound } from '../../../../src/engine/restore/sound/request.ts';

function refusal(text: string): { code: string; params: unknown } {
  try {
    parseSound(text);
  } catch (error) {
    if (error instanceof LumiereError) return { code: error.code, params: error.params };
    throw error;
  }
  throw new Error(`${text} was taken`);
}

it('reads what --sound asks for', () => {
  expect(parseSound('keep')).toEqual({ kind: 'keep' });
  expect(parseSound('none')).toEqual({ kind: 'none' });
  expect(parseSound('music/waltz.flac')).toEqual({ kind: 'file', path: 'music/waltz.flac' });
  expect(parseSound('./none')).toEqual({ kind: 'file', path: './none' });
  expect(parseSound('ambience:steam-train')).toEqual({ kind: 'ambience', name: 'steam-train', seed: 1 });
  expect(parseSound('ambience:Steam Train')).toEqual({ kind: 'ambience', name: 'steam-train', seed: 1 });
  expect(parseSound('ambience:sea@4294967295')).toEqual({ kind: 'ambience', name: 'sea', seed: 4294967295 });
  expect(ambienceNames).toHaveLength(9);
});

it('names the ambiences there are when asked for another', () => {
  const known = 'projector, steam-train, street, crowd, rain, sea, wind, footsteps, vinyl';
  expect(refusal('ambience:jungle')).toEqual({ code: 'request.ambience-unknown', params: { name: 'jungle', known } });
  expect(refusal('ambience:')).toMatchObject({ code: 'request.ambience-unknown' });
});

it('refuses seeds that are none, and nothing at all', () => {
  for (const text of [
    'ambience:sea@',
    'ambience:sea@x',
    'ambience:sea@-1',
    'ambience:sea@1.5',
    'ambience:sea@4294967296',
    '',
    ' ',
  ]) {
    expect(refusal(text), text).toMatchObject({ code: 'request.invalid', params: { option: 'sound', value: text } });
  }
});

it('says of every sound that is added that it is, and of no other', () => {
  expect(addedSound(parseSound('keep'))).toBeUndefined();
  expect(addedSound(parseSound('none'))).toBeUndefined();
  const street = addedSound(parseSound('ambience:street@5'))!;
  expect(street).toEqual({ kind: 'ambience', name: 'street', seed: 5, synthesised: true });
  expect(addedSoundComment(street)).toMatch(/added.*not from the film.*street.*synthesised/);
  const file = addedSound(parseSound('/home/anna/secret/waltz.mp3'))!;
  // What goes into the file tells nobody's file names.
  expect(addedSoundComment(file)).toMatch(/^Sound added/);
  expect(addedSoundComment(file)).not.toMatch(/anna|waltz/);
});
