/** The work of `/restore`: the engine's plan and pipeline over the files of a job, and marks on what comes of it. */
import { join } from 'node:path';

import { manifestRoom } from '../engine/provenance/c2pa/sign-file.ts';
import { markFile, type Marking } from '../engine/provenance/marking.ts';
import { isFromTrained } from '../engine/provenance/read-marks.ts';
import { toNumber } from '../engine/rational.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import { prepareRestore } from '../engine/restore/prepare.ts';
import { leavingRoom } from '../engine/provenance/room.ts';
import { restoreEdits } from '../engine/restore/restore-edits.ts';
import { restoreClip } from '../engine/restore/restore.ts';
import { readInputMarks } from './input-marks.ts';
import { restoreParameters, toRestoreRequest } from './job.ts';
import type { RestoreOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';
import { sizeLimit } from './upload-limits.ts';
import { watermarkFor } from './watermark-for.ts';

export interface RestoreSettings {
  readonly machine: Machine;
  /** The line in a corner of every frame; none when left out. */
  readonly label?: string | undefined;
  readonly marking: Marking;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Restores as the request's parameters say, never larger than what its reply can take when it is ready. */
export function restoreProcessor({ machine, label, marking, now = Date.now }: RestoreSettings): Processors['restore'] {
  const room = manifestRoom(marking.identity);
  return async ({ request, reply, input, madeHere, keepMarks, signal, folder, progress }) => {
    const parameters = restoreParameters.parse(request.parameters);
    const wish = toRestoreRequest(parameters, { maxBytes: sizeLimit(reply, now()), label });
    progress.update('prepare', 0, 1);
    const { marks, words } = await readInputMarks({ input }, { identity: marking.identity, madeHere, signal });
    const { isAnimation } = await keepMarks(marks);
    const isTrained = isFromTrained(marks.files.find(({ role }) => role === 'input')?.manifest) === true;
    const planned = await prepareRestore(input, wish.request, wish.sound, { machine, signal });
    const { predictedSeconds } = planned.plan;
    const limit = sizeLimit(reply, now() + predictedSeconds * 1000);
    progress.predict(predictedSeconds);
    const path = join(folder, 'result.mp4');
    const watermark = watermarkFor(request, marking.identity);
    const report = await leavingRoom(limit, room, (maxBytes) =>
      restoreClip({ ...planned, plan: { ...planned.plan, maxBytes } }, path, {
        machine,
        signal,
        watermark,
        scratchFolder: folder,
        onProgress: (stage, done, total) => {
          progress.update(stage, done, total);
        },
      }),
    );
    const mediaType = 'video/mp4';
    const { bytes, perceptualHashes } = await markFile(
      path,
      {
        kind: 'restoration',
        mediaType,
        edits: restoreEdits(report),
        ...(isTrained && { isFromTrained: true }),
        ...(isAnimation && { isFromAnimation: true }),
        markId: watermark.payload,
        now: new Date(now()),
      },
      { ...marking, used: [{ part: 'clip', path: input, marks: words.input }], signal },
    );
    const { video } = planned.probe;
    const { output } = report;
    const outcome: RestoreOutcome = {
      version: 1,
      before: {
        width: video.width,
        height: video.height,
        rate: video.rate,
        bytes: planned.probe.bytes,
        seconds: toNumber(video.duration),
      },
      after: {
        width: output.width,
        height: output.height,
        rate: output.rate,
        bytes,
        seconds: toNumber(output.duration),
      },
      givenUp: [...report.givenUp],
      warnings: report.warnings.map(({ code, params }) => ({ code, params: { ...params } })),
      seconds: report.seconds,
      ...(report.provider !== undefined && { provider: report.provider }),
    };
    return { path, mediaType, outcome, perceptualHashes };
  };
}
