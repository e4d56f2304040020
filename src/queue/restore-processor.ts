/** The work of `/restore`: the engine's plan and pipeline over the files of a job. */
import { join } from 'node:path';

import { toNumber } from '../engine/rational.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import { prepareRestore } from '../engine/restore/prepare.ts';
import { restoreClip } from '../engine/restore/restore.ts';
import { restoreParameters, toRestoreRequest } from './job.ts';
import type { RestoreOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';
import { sizeLimit } from './size-limit.ts';

export interface RestoreSettings {
  readonly machine: Machine;
  /** The line in a corner of every frame; none when left out. */
  readonly label?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Restores as the request's parameters say, never larger than what its reply can take when it is ready. */
export function restoreProcessor({ machine, label, now = Date.now }: RestoreSettings): Processors['restore'] {
  return async ({ request, reply, input, signal, folder, progress }) => {
    const parameters = restoreParameters.parse(request.parameters);
    const wish = toRestoreRequest(parameters, { maxBytes: sizeLimit(reply, now()), label });
    progress.update('prepare', 0, 1);
    const planned = await prepareRestore(input, wish.request, wish.sound, { machine, signal });
    const { predictedSeconds } = planned.plan;
    const maxBytes = sizeLimit(reply, now() + predictedSeconds * 1000);
    const prepared = { ...planned, plan: { ...planned.plan, maxBytes } };
    progress.predict(predictedSeconds);
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
