/** Which photographs are animated and by what, before anything is fetched. */
import { expect, it } from 'vitest';

import { type ClaimedAnimation, refuseClaimedAnimation } from '../../src/policy/animate-policy.ts';

const file = (contentType?: string) => ({ bytes: 1, contentType });
const photo = file('image/jpeg');
const driver = file('video/mp4');
const speech = file('audio/mpeg');

it.each<[string, ClaimedAnimation, string | undefined]>([
  ['a photograph alone', { photo }, undefined],
  ['a photograph with a preset', { photo, motion: 'smile' }, undefined],
  ['one that moves as a clip does', { photo, driver }, undefined],
  ['one that speaks a sound', { photo, speech }, undefined],
  ['one that speaks what is heard in a clip', { photo, speech: driver }, undefined],
  ['one that sings a sound', { photo, speech: file('application/ogg'), motion: 'sing' }, undefined],
  ['a file of an unknown kind', { photo: file(), driver: file('application/octet-stream') }, undefined],
  ['a text', { photo: file('text/plain; charset=utf-8') }, 'refusal.not-a-photo'],
  ['a clip', { photo: driver }, 'refusal.not-a-photo'],
  ['a drawing in vectors', { photo: file('image/SVG+XML') }, 'refusal.not-a-photo'],
  ['a photograph as the driver', { photo, driver: photo }, 'refusal.driver-not-a-video'],
  ['a text as the sound', { photo, speech: file('text/plain') }, 'refusal.speech-not-sound'],
  ['a clip and no motion of its own', { photo, driver, motion: 'none' }, undefined],
  ['a sound and no motion of its own', { photo, speech, motion: 'none' }, undefined],
  ['a bitmap, which is not read', { photo: file('image/bmp') }, 'refusal.not-a-photo'],
  ['a clip and a sound', { photo, driver, speech }, 'refusal.one-motion'],
  ['a clip and a preset', { photo, driver, motion: 'sing' }, 'refusal.one-motion'],
  ['a sound and a preset that says nothing of speech', { photo, speech, motion: 'nod' }, 'refusal.one-motion'],
])('%s', (_what, claimed, code) => {
  expect(refuseClaimedAnimation(claimed)?.code).toBe(code);
});
