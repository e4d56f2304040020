/** Worker thread that synthesises and mixes: per-sample work would block the event loop for seconds. */
import { parentPort, workerData } from 'node:worker_threads';
import { isDiskFull } from '../../disk-error.ts';
import { LumiereError } from '../../errors.ts';
import { mixSound } from './mix.ts';
import type { SoundReply, SoundWork } from './sound-work.ts';

const port = parentPort;
if (port === null) throw new Error('sound-thread runs as a worker thread only');

function reply(message: SoundReply): void {
  port!.postMessage(message);
}

function failure(error: unknown): SoundReply {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof LumiereError) return { kind: 'failed', code: error.code, params: error.params, reason };
  if (isDiskFull(error)) return { kind: 'failed', code: 'output.disk-full', params: {}, reason };
  return { kind: 'failed', params: {}, reason };
}

let shown = 0;
try {
  const mix = mixSound(workerData as SoundWork, (done) => {
    if (done - shown < 0.01 && done < 1) return;
    shown = done;
    reply({ kind: 'progress', done });
  });
  reply({ kind: 'made', mix });
} catch (error) {
  reply(failure(error));
}
