/** Short work on a result that is there: the same clip smaller, and input and result side by side. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { compareClips } from '../engine/compare/compare-clips.ts';
import { openMedia } from '../engine/media/open-media.ts';
import { manifestRoom } from '../engine/provenance/c2pa/sign-file.ts';
import { readManifest } from '../engine/provenance/c2pa/read-manifest.ts';
import { markFile, type Marking } from '../engine/provenance/marking.ts';
import { isFromTrained, readMarks } from '../engine/provenance/read-marks.ts';
import { leavingRoom } from '../engine/provenance/room.ts';
import { toNumber } from '../engine/rational.ts';
import { parseInputMarks, wordsOf } from './input-marks.ts';
import { addGivenUp, readOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';
import { shrinkClip } from './shrink-clip.ts';

const mediaType = 'video/mp4';

/** The stored result encoded again under a smaller limit; its outcome says what both encodings gave up. */
export function refitProcessor({ marking, now = Date.now }: ResultSettings): Processors['refit'] {
  const room = manifestRoom(marking.identity, { embedsManifest: true });
  return async ({ request, result, maxBytes, signal, folder, progress }) => {
    const path = join(folder, 'smaller.mp4');
    const fitted = await leavingRoom(maxBytes, room, (bytes) =>
      shrinkClip(result, path, {
        maxBytes: bytes,
        signal,
        onProgress: (done) => {
          progress.update('fit', done, 100);
        },
      }),
    );
    const { bytes, perceptualHashes } = await markFile(
      path,
      {
        kind: request.command === 'animate' ? 'animation' : 'restoration',
        mediaType,
        edits: [{ action: 'refitted', description: 'Encoded again to fit where it is sent' }],
        ...(await inherited(result, marking, signal)),
        ...(request.markId !== null && { markId: request.markId }),
        now: new Date(now()),
      },
      { ...marking, used: [{ part: 'result', path: result, isSigned: true }], signal },
    );
    const before = readOutcome(request.outcome);
    const { width, height, rate, duration } = fitted;
    const outcome = before && {
      ...before,
      after: { width, height, rate, bytes, seconds: toNumber(duration) },
      givenUp: addGivenUp(before.givenUp, fitted.givenUp),
    };
    return { path, mediaType, outcome, perceptualHashes };
  };
}

/** What is made from a result invented no more than that did, and no less. */
async function inherited(
  result: string,
  { identity }: Marking,
  signal: AbortSignal,
): Promise<{ readonly isFromTrained?: boolean; readonly isFromAnimation?: boolean }> {
  const manifest = await readManifest(result, mediaType, { identity, signal });
  const found = isFromTrained(manifest);
  return {
    ...(found !== undefined && { isFromTrained: found }),
    ...(manifest?.isOurs === true && manifest.isFromAnimation && { isFromAnimation: true }),
  };
}

/** Input at the left, result at the right, under the limit of where it goes. */
export function compareProcessor({ marking, now = Date.now }: ResultSettings): Processors['compare'] {
  const room = manifestRoom(marking.identity, { embedsManifest: true });
  return async (work) => {
    const { request, input, result, maxBytes, labels, signal, folder, progress } = work;
    const carried = parseInputMarks(request.inputMarks)?.files.find(({ role }) => role === 'input');
    const [before, after] = [await openMedia(input, signal), await openMedia(result, signal)];
    const joined = join(folder, 'joined.mp4');
    await compareClips(before, after, joined, {
      layout: 'side',
      labels,
      signal,
      onProgress: (done, total) => {
        progress.update('restore', done, total);
      },
    });
    let path = joined;
    if ((await stat(joined)).size > maxBytes - room) {
      path = join(folder, 'comparison.mp4');
      await leavingRoom(maxBytes, room, (bytes) =>
        shrinkClip(joined, path, {
          maxBytes: bytes,
          signal,
          onProgress: (done) => {
            progress.update('fit', done, 100);
          },
        }),
      );
    }
    const { perceptualHashes } = await markFile(
      path,
      {
        kind: 'comparison',
        mediaType,
        edits: [],
        ...(await inherited(result, marking, signal)),
        now: new Date(now()),
      },
      {
        ...marking,
        used: [
          { part: 'clip', path: input, marks: carried && wordsOf(carried) },
          { part: 'result', path: result, isSigned: true },
        ],
        signal,
      },
    );
    return { path, mediaType, perceptualHashes };
  };
}

/** Looking at a file's pictures takes some seconds; others wait behind one that is made to take long. */
const verifyMs = 60_000;

/** Reads what a file of anybody's carries. */
export function verifyProcessor({ marking: { identity } }: ResultSettings): Processors['verify'] {
  return ({ file, signal }) => readMarks(file, { identity, likeness: true, patienceMs: verifyMs, signal });
}

export interface ResultSettings {
  readonly marking: Marking;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}
