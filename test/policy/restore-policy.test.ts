/** Which clips are restored, by what Discord says and by what a look found. */
import { describe, expect, it } from 'vitest';

import { defaultLimits, type Limits } from '../../src/policy/limits.ts';
import { isSurelyNoVideo, refuseClaimedClip, refuseClip } from '../../src/policy/restore-policy.ts';

const limits: Limits = { ...defaultLimits, maxClipSeconds: 60 };

it.each<[string | undefined, boolean]>([
  ['image/jpeg', true],
  ['IMAGE/JPEG; charset=x', true],
  ['text/plain; charset=utf-8', true],
  ['audio/mpeg', true],
  ['application/pdf', true],
  ['application/x-7z-compressed', true],
  ['video/mp4', false],
  ['image/gif', false],
  ['image/webp', false],
  ['image/png', false], // some PNGs move
  ['application/octet-stream', false],
  ['application/x-matroska', false],
  [undefined, false],
])('a file called %s is surely no video: %s', (type, answer) => {
  expect(isSurelyNoVideo(type)).toBe(answer);
});

it('a photograph need not be fetched to be refused', () => {
  expect(refuseClaimedClip({ bytes: 1, contentType: 'image/jpeg' })?.code).toBe('refusal.not-a-video');
  expect(refuseClaimedClip({ bytes: 1, contentType: 'video/mp4' })).toBeUndefined();
});

describe('a clip', () => {
  it('is allowed at the limit, and a rounding beyond it', () => {
    expect(refuseClip({ seconds: 60 }, limits)).toBeUndefined();
    expect(refuseClip({ seconds: 60.4 }, limits)).toBeUndefined();
  });

  it('is refused when it is longer, with both figures', () => {
    expect(refuseClip({ seconds: 61 }, limits)).toMatchObject({
      code: 'refusal.clip-too-long',
      params: { seconds: 61, limit: 60 },
    });
  });
});
