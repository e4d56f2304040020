/** Turns whole frames into what a moving camera sees of them, several at once, in threads. */
import { LumiereError } from '../../errors.ts';
import type { Size } from '../../size.ts';
import { callThread } from '../../thread-calls.ts';
import type { Picture } from '../../picture.ts';
import type { Shot } from './camera-path.ts';
import type { CameraCalls } from './camera-thread.ts';

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
  const entry = new URL('./camera-thread.ts', import.meta.url);
  const workers = Array.from({ length: threads }, () => callThread<CameraCalls>(entry, { name: 'a camera' }));
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.close(new LumiereError('job.cancelled'))));
  };

  let next = 0;
  try {
    if (subject !== undefined) {
      const layers = await workers[0]!.call('part', subject);
      await Promise.all(workers.map((worker) => worker.call('layers', { layers })));
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
      return { ...size, data: await workers[next]!.call('look', { picture, shot: seen, size }) };
    },
    close,
  };
}

function leaning({ view, background }: Shot): Shot {
  if (background === undefined) return { view };
  return { view: { ...view, x: (view.x + background.x) / 2, lean: background.x - view.x } };
}
