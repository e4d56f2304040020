/** The work of `/restore`: the engine's plan and pipeline over the files of a job. */
import { join } from 'node:path';

import { toNumber } from '../engine/rational.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import { prepareRestore } from '../engine/restore/prepare.ts';
import { restoreClip } from '../engine/restore/restore.ts';
import { restoreParameters, toRestoreRequest } from './job.ts';
import type { RestoreOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';

/** Discord's own limit may be met to the byte; a little is kept back for its form fields. */
const limitMargin = 16 * 1024;

export interface RestoreSettings {
  readonly machine: Machine;
  /** The line in a corner of every frame; none when left out. */
  readonly label?: string | undefined;
}

/** Restores as the request's parameters say, never larger than its reply's upload limit. */
export function restoreProcessor({ machine, label }: RestoreSettings): Processors['restore'] {
  return async ({ request, reply, input, signal, folder, progress }) => {
    const parameters = restoreParameters.parse(request.parameters);
    const maxBytes = Math.max(1, reply.uploadLimit - limitMargin);
    const wish = toRestoreRequest(parameters, { maxBytes, label });
    progress.update('prepare', 0, 1);
    const prepared = await prepareRestore(input, wish.request, wish.sound, { machine, signal });
    progress.predict(prepared.plan.predictedSeconds);
    const path = join(folder, 'result.mp4');
    const report = await restoreClip(prepared, path, {
      machine,
      signal,
      scratchFolder: folder,
      onProgress: (stage, done, total) => {
        progress.update(stage, done, total);
      },
    });
    const { video } = prepared.probe;
    const { output } = report;
    const outcome: RestoreOutcome = {
      version: 1,
      before: {
        width: video.width,
        height: video.height,
        rate: video.rate,
        bytes: prepared.probe.bytes,
        seconds: toNumber(video.duration),
      },
      after: {
        width: output.width,
        height: output.height,
        rate: output.rate,
        bytes: output.bytes,
        seconds: toNumber(output.duration),
      },
      givenUp: [...report.givenUp],
      warnings: report.warnings.map(({ code, params }) => ({ code, params: { ...params } })),
      seconds: report.seconds,
      ...(report.provider !== undefined && { provider: report.provider }),
    };
    return { path, mediaType: 'video/mp4', outcome };
  };
}
