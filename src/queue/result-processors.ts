/** Short work on a result that is there: the same clip smaller, and input and result side by side. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { compareClips, openSide } from '../engine/compare/compare-clips.ts';
import { toNumber } from '../engine/rational.ts';
import { addGivenUp, readOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';
import { shrinkClip } from './shrink-clip.ts';

/** The stored result encoded again under a smaller limit; its outcome says what both encodings gave up. */
export const refitResult: Processors['refit'] = async ({ request, result, maxBytes, signal, folder, progress }) => {
  const path = join(folder, 'smaller.mp4');
  const fitted = await shrinkClip(result, path, {
    maxBytes,
    signal,
    onProgress: (done) => {
      progress.update('fit', done, 100);
    },
  });
  const before = readOutcome(request.outcome);
  const { width, height, rate, bytes, duration } = fitted;
  const outcome = before && {
    ...before,
    after: { width, height, rate, bytes, seconds: toNumber(duration) },
    givenUp: addGivenUp(before.givenUp, fitted.givenUp),
  };
  return { path, mediaType: 'video/mp4', outcome };
};

/** Input at the left, result at the right, under the limit of where it goes. */
export const compareResult: Processors['compare'] = async (work) => {
  const { input, result, maxBytes, labels, signal, folder, progress } = work;
  const [before, after] = [await openSide(input, signal), await openSide(result, signal)];
  const joined = join(folder, 'joined.mp4');
  await compareClips(before, after, joined, {
    layout: 'side',
    labels,
    signal,
    onProgress: (done, total) => {
      progress.update('restore', done, total);
    },
  });
  if ((await stat(joined)).size <= maxBytes) return { path: joined, mediaType: 'video/mp4' };
  const path = join(folder, 'comparison.mp4');
  await shrinkClip(joined, path, {
    maxBytes,
    signal,
    onProgress: (done) => {
      progress.update('fit', done, 100);
    },
  });
  return { path, mediaType: 'video/mp4' };
};
