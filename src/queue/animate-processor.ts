/** The work of `/animate`: a look at the photograph while it is taken in, later the animation of it, and marks on what comes of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { refuseAdultContent } from '../engine/animate/adult-content/adult-content.ts';
import { animatePhoto } from '../engine/animate/animate.ts';
import { predictSeconds } from '../engine/animate/prepare-prediction.ts';
import { prepareAnimation } from '../engine/animate/prepare.ts';
import { drawNumberedFaces } from '../engine/animate/preview/numbered-faces.ts';
import type { AnimationReport } from '../engine/animate/report.ts';
import type { OutputFormat } from '../engine/animate/request.ts';
import { likenessOfFile } from '../engine/provenance/likeness.ts';
import { manifestRoom } from '../engine/provenance/c2pa/sign-file.ts';
import { markFile, type Marking, type UsedPath } from '../engine/provenance/marking.ts';
import { leavingRoom } from '../engine/provenance/room.ts';
import { toNumber } from '../engine/rational.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import type { Findings } from './findings.ts';
import { readInputMarks } from './input-marks.ts';
import { animateParameters, toAnimateRequest } from './job.ts';
import type { AnimateOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';
import { sizeLimit } from './upload-limits.ts';
import { watermarkFor } from './watermark-for.ts';

const mediaTypes: Readonly<Record<OutputFormat, string>> = {
  mp4: 'video/mp4',
  gif: 'image/gif',
  webp: 'image/webp',
};

export interface AnimateSettings {
  readonly machine: Machine;
  /** The line that says in every frame what it is, in the language of a member's client. */
  readonly label: (locale: string) => string;
  readonly marking: Marking;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Finds the faces, says what the animation will cost and what the photograph is recognised by. Rejects with the codes of what
 * cannot be animated, `photo.sensitive` among them.
 */
export function lookProcessor({
  machine,
  label,
  now = Date.now,
}: Omit<AnimateSettings, 'marking'>): Processors['look'] {
  return async ({ request, reply, input, driver, speech, signal, folder }) => {
    const parameters = animateParameters.parse(request.parameters);
    const { face } = parameters;
    // Undecided, each that can move is one to choose.
    const shown = { maxBytes: sizeLimit(reply, now()), label: label(request.locale) };
    const wish = toAnimateRequest({ ...parameters, face: face ?? 'all' }, { driver, speech }, shown);
    const prepared = await prepareAnimation(input, wish, { machine, signal });
    try {
      const { photo, chosen, frames, rate, pool } = prepared;
      await refuseAdultContent(input, { pool, modelsDir: machine.modelsDir, signal });
      const likeness = await likenessOfFile(input);
      const path = join(folder, 'preview.jpg');
      await writeFile(path, await drawNumberedFaces(photo, chosen.length > 1 ? chosen : []));
      const seconds = frames / toNumber(rate);
      const faces = chosen.map(({ number }) => number);
      const moving = face === undefined ? chosen.slice(0, 1) : chosen;
      const predictedSeconds = predictSeconds({ ...prepared, moving });
      const outcome: Findings = { version: 1, faces, predictedSeconds, seconds, likeness };
      return { path, mediaType: 'image/jpeg', outcome };
    } finally {
      await prepared.close();
    }
  };
}

/** Animates as the request's parameters say, never larger than what its reply can take when it is ready. */
export function animateProcessor({ machine, label, marking, now = Date.now }: AnimateSettings): Processors['animate'] {
  const room = manifestRoom(marking.identity);
  return async (work) => {
    const { request, reply, input, driver, speech, madeHere, keepMarks, signal, folder, progress } = work;
    const parameters = animateParameters.parse(request.parameters);
    // The limit may be lower by the time that it is ready, which is known once it has been looked at.
    const readyAt = now() + (request.predictedSeconds ?? 0) * 1000;
    const limit = sizeLimit(reply, readyAt);
    const shown = { maxBytes: limit, label: label(request.locale) };
    const wish = toAnimateRequest(parameters, { driver, speech }, shown);
    progress.update('prepare', 0, 1);
    const reading = { identity: marking.identity, madeHere, signal };
    const { marks, words } = await readInputMarks({ input, driver, speech }, reading);
    await keepMarks(marks);
    const prepared = await prepareAnimation(input, wish, { machine, signal });
    try {
      progress.predict(prepared.predictedSeconds);
      const path = join(folder, `result.${wish.format}`);
      const watermark = watermarkFor(request, marking.identity);
      const report = await leavingRoom(limit, room, (maxBytes) =>
        animatePhoto({ ...prepared, request: { ...prepared.request, maxBytes } }, path, {
          signal,
          watermark,
          scratchFolder: folder,
          onProgress: (stage, done, total) => {
            progress.update(stage, done, total);
          },
        }),
      );
      const mediaType = mediaTypes[report.output.format];
      const used: UsedPath[] = [
        { part: 'photograph', path: input, marks: words.input },
        ...(driver === undefined ? [] : [{ part: 'driver', path: driver, marks: words.driver } as const]),
        ...(speech === undefined ? [] : [{ part: 'speech', path: speech, marks: words.speech } as const]),
      ];
      const { bytes, perceptualHashes } = await markFile(
        path,
        { kind: 'animation', mediaType, edits: [], markId: watermark.payload, now: new Date(now()) },
        { ...marking, used, signal },
      );
      return { path, mediaType, outcome: outcomeOf(report, bytes), perceptualHashes };
    } finally {
      await prepared.close();
    }
  };
}

function outcomeOf(report: AnimationReport, bytes: number): AnimateOutcome {
  const { output, limits, realism, warnings, givenUp, seconds, provider } = report;
  const { width, height, rate, duration } = output;
  return {
    version: 1,
    command: 'animate',
    after: { width, height, rate, bytes, seconds: toNumber(duration) },
    givenUp: [...givenUp],
    warnings: warnings.map(({ code, params }) => ({ code, params: { ...params } })),
    limits: limits.map(({ code, value, frames }) => ({ code, value, frames })),
    ...(realism && { realism: { ...realism, parts: realism.parts.map((part) => ({ ...part })) } }),
    seconds,
    ...(provider !== undefined && { provider }),
  };
}
