/**
 * Ctrl-C. The first one aborts the signal every command passes on: stages stop, ffmpeg is ended, the half-written file is
 * removed. A second one, for whoever does not want to wait, ends the process at once.
 */
import { setMaxListeners } from 'node:events';

import { exitCodes } from './exit-codes.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `announce` is called at the first signal. Returns the signal to hand on, and `stop`, which takes the handlers off again
 * so that nothing keeps the process alive.
 */
export function listenForInterrupt(announce: () => void): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  // Every stage, thread and process of a job listens to it; that is no leak.
  setMaxListeners(0, controller.signal);
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    controller.abort();
    announce();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
