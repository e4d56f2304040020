/**
 * The worker of a single machine, as a process of its own beside the bot: ONNX Runtime blocks and may take its process
 * with it, and neither must reach the one that holds the gateway. It is started again when it dies.
 */
import { fork, type ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';

import { forkedCloseWithinMs } from './closing.ts';

export interface WorkerProcess {
  /** Asks the worker to hand back what it has and waits for its end, 7.5 s at most; then it is killed. */
  close(): Promise<void>;
}

/** What a worker needs to hand back what it has and close, as it does when it is forked, and a little more. */
const closeMs = forkedCloseWithinMs + 1500;

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

  const again = (why: object, begun: number): void => {
    child = undefined;
    if (isClosing) return;
    if (performance.now() - begun > steadyMs) pause = restartMs.first;
    log.error({ ...why, restartInMs: pause }, 'the worker process ended');
    timer = setTimeout(start, pause);
    pause = Math.min(restartMs.last, 2 * pause);
  };
  const start = (): void => {
    const begun = performance.now();
    let started: ChildProcess;
    try {
      // With the same loader as this process: the sources run as they are in a checkout, the built files elsewhere. In a
      // group of its own: Ctrl-C in a terminal is for the bot, which tells the worker. One whose bot is gone notices itself.
      started = fork(entry, ['worker'], { execArgv: process.execArgv, stdio: 'inherit', detached: true });
    } catch (error) {
      again({ err: error }, begun);
      return;
    }
    child = started;
    // One that cannot be started says `error` and nothing else, or throws; one that ended says `exit`, and may say both.
    const ended = (why: object): void => {
      if (child === started && !isAlive(started)) again(why, begun);
    };
    started.on('error', (error) => {
      ended({ err: error });
    });
    started.once('exit', (code, signal) => {
      ended({ code, signal });
    });
    if (isAlive(started)) log.info({ pid: started.pid }, 'worker process started');
  };
  start();

  const close = async (): Promise<void> => {
    isClosing = true;
    clearTimeout(timer);
    const ending = child;
    if (ending === undefined || !isAlive(ending)) return;
    const ended = new Promise<void>((resolve) => {
      ending.once('exit', () => {
        resolve();
      });
    });
    ending.kill('SIGTERM');
    const kill = setTimeout(() => ending.kill('SIGKILL'), closeMs);
    await ended;
    clearTimeout(kill);
  };
  let closed: Promise<void> | undefined;
  return { close: () => (closed ??= close()) };
}

function isAlive({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
