/** The work of `/restore`: the engine's plan and pipeline over the files of a job. */
import { join } from 'node:path';

import { toNumber } from '../engine/rational.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import { prepareRestore } from '../engine/restore/prepare.ts';
import { restoreClip } from '../engine/restore/restore.ts';
import type { Reply } from '../store/rows.ts';
import { restoreParameters, toRestoreRequest } from './job.ts';
import type { RestoreOutcome } from './outcome.ts';
import type { Processors } from './processor.ts';

/** Discord's own limit may be met to the byte; a little is kept back for its form fields. */
const limitMargin = 16 * 1024;
/** What a bot may send everywhere. A member's own limit, or a boosted server's, may only count in answers by the token. */
const bareLimit = 10 * 2 ** 20;
/** Sending by the token ends a little before the token does. */
const tokenMarginMs = 60_000;

export interface RestoreSettings {
  readonly machine: Machine;
  /** The line in a corner of every frame; none when left out. */
  readonly label?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Bytes that a result may have which is ready at `readyAt` (milliseconds since the epoch): as many as the interaction said
 * while its token lives, and later no more than a bot may send everywhere.
 */
export function sizeLimit({ uploadLimit, tokenExpiresAt }: Reply, readyAt: number): number {
  const isLate = readyAt > tokenExpiresAt.getTime() - tokenMarginMs;
  return Math.max(1, (isLate ? Math.min(uploadLimit, bareLimit) : uploadLimit) - limitMargin);
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
