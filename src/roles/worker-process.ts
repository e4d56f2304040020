/**
 * The worker of a single machine, as a process of its own beside the bot: ONNX Runtime blocks and may take its process
 * with it, and neither must reach the one that holds the gateway. It is started again when it dies.
 */
import { fork, type ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';

export interface WorkerProcess {
  /** Asks the worker to hand back what it has and waits for its end, at most `graceMs`; then it is killed. */
  close(graceMs: number): Promise<void>;
}

/** A worker that dies at once is started again after this long, twice as long the next time, up to the last. */
const restartMs = { first: 500, last: 30_000 } as const;
/** One that lived so long has earned a quick restart. */
const steadyMs = 60_000;

/** @param entry the program's main module, run with the word `worker` */
export function startWorkerProcess(entry: string, log: Logger): WorkerProcess {
  let child: ChildProcess | undefined;
  let pause: number = restartMs.first;
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  const start = (): void => {
    const begun = performance.now();
    // With the same loader as this process: the sources run as they are in a checkout, the built files elsewhere.
    const started = fork(entry, ['worker'], { execArgv: process.execArgv, stdio: 'inherit' });
    child = started;
    log.info({ pid: started.pid }, 'worker process started');
    started.once('error', (error) => {
      log.error({ err: error }, 'the worker process cannot be started');
    });
    started.once('exit', (code, signal) => {
      child = undefined;
      if (isClosing) return;
      if (performance.now() - begun > steadyMs) pause = restartMs.first;
      log.error({ code, signal, restartInMs: pause }, 'the worker process ended');
      timer = setTimeout(start, pause);
      pause = Math.min(restartMs.last, 2 * pause);
    });
  };
  start();

  return {
    async close(graceMs) {
      isClosing = true;
      clearTimeout(timer);
      const ending = child;
      if (ending === undefined) return;
      const ended = new Promise<void>((resolve) => {
        ending.once('exit', () => {
          resolve();
        });
      });
      ending.kill('SIGTERM');
      const kill = setTimeout(() => ending.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(kill);
    },
  };
}
