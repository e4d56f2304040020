/** Turns whole frames into what a moving camera sees of them, several at once, in threads. */
import type { Worker } from 'node:worker_threads';

import { LumiereError } from '../../errors.ts';
import type { Size } from '../../size.ts';
import { startThread } from '../../thread.ts';
import type { Picture } from '../picture.ts';
import type { Shot } from './camera-path.ts';
import type { CameraDone, CameraTask } from './camera-thread.ts';

export interface CameraOptions {
  /** Of what comes out. */
  readonly size: Size;
  /** How many frames are looked at side by side. */
  readonly threads: number;
  /** For shots with a background of their own: the photograph, and the share of the subject in each of its pixels. */
  readonly subject?: { readonly photo: Picture; readonly mask: Float32Array };
}

export interface Camera {
  /** Without a subject a shot's background leans against the foreground instead of parting from it. */
  shoot(picture: Picture, shot: Shot, signal?: AbortSignal): Promise<Picture>;
  close(): Promise<void>;
}

/** Starts the threads, which do not keep the process alive; where there is a subject, it is parted from its background. */
export async function openCamera({ size, threads, subject }: CameraOptions): Promise<Camera> {
  const waiting = new Map<number, { resolve: (done: CameraDone) => void; reject: (error: Error) => void }>();
  let last = 0;
  // A thread that died answers nothing any more: what is asked of it later must fail, too.
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  const workers = Array.from({ length: threads }, () => {
    const worker = startThread(new URL('./camera-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', (done: CameraDone) => {
      waiting.get(done.id)?.resolve(done);
      waiting.delete(done.id);
      if (waiting.size === 0) for (const each of workers) each.unref();
    });
    worker.on('error', fail);
    worker.on('exit', (code) => {
      fail(new Error(`a camera thread ended with ${code}`));
    });
    return worker;
  });

  const ask = (worker: Worker, task: (id: number) => CameraTask): Promise<CameraDone> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.ref();
      worker.postMessage(task(last));
    });

  const close = async (): Promise<void> => {
    fail(new LumiereError('job.cancelled'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  };

  let next = 0;
  try {
    if (subject !== undefined) {
      const { layers } = await ask(workers[0]!, (id) => ({ kind: 'part', id, ...subject }));
      if (layers === undefined) throw new TypeError('expected the layers of the subject');
      await Promise.all(workers.map((worker) => ask(worker, (id) => ({ kind: 'layers', id, layers }))));
    }
  } catch (error) {
    await close();
    throw error;
  }

  return {
    async shoot(picture, shot, signal) {
      if (signal?.aborted === true) throw new LumiereError('job.cancelled');
      next = (next + 1) % workers.length;
      const seen = subject === undefined ? leaning(shot) : shot;
      const { pixels } = await ask(workers[next]!, (id) => ({ kind: 'look', id, picture, shot: seen, size }));
      if (pixels === undefined) throw new TypeError('expected the pixels of a look');
      return { ...size, data: pixels };
    },
    close,
  };
}

function leaning({ view, background }: Shot): Shot {
  if (background === undefined) return { view };
  return { view: { ...view, x: (view.x + background.x) / 2, lean: background.x - view.x } };
}
