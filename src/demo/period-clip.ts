/**
 * Makes an honest period clip out of a photograph, for a demonstration on a machine that has no old film at hand: the
 * camera pans across it at 12 frames a second, the film sits loosely in its gate, and age has done its work
 * (`film-damage.ts`). 160 lines, as a small early transfer has.
 */
import sharp from 'sharp';

import { startFfmpeg } from '../engine/media/ffmpeg.ts';
import { beginPartialFile } from '../engine/media/partial-file.ts';
import { createDrift, createFilmDamage, createRandom } from './film-damage.ts';

const periodWidth = 214;
const periodHeight = 160;
const periodRate = 12;

const encoding = ['-c:v', 'libx264', '-crf', '21', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', '-f', 'mp4'];

export interface PeriodClipOptions {
  /** Length of the clip in seconds. */
  readonly seconds: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Writes the clip (MP4, H.264) to `path`. `photograph` is any picture of at least 640x480. Rejects with a LumiereError. */
export async function makePeriodClip(photograph: string, path: string, options: PeriodClipOptions): Promise<void> {
  const { signal } = options;
  const partial = await beginPartialFile(path);
  try {
    const size = ['-video_size', `${periodWidth}x${periodHeight}`, '-framerate', `${periodRate}`];
    const ffmpeg = await startFfmpeg(
      [{ kind: 'pipe', options: ['-f', 'rawvideo', '-pixel_format', 'gray', ...size] }],
      [{ target: { file: partial.path }, options: encoding }],
      { side: 'output', ...(signal && { signal }) },
    );
    for await (const frame of periodFrames(photograph, options)) {
      if (!ffmpeg.stdin.write(frame)) await drained(ffmpeg.stdin, ffmpeg.ended);
    }
    ffmpeg.stdin.end();
    await ffmpeg.ended;
    await partial.commit();
  } finally {
    await partial.discard();
  }
}

/** The frames, grey bytes. The camera eases from the right end of the photograph to the left, closing in a little. */
async function* periodFrames(photograph: string, { seconds, seed }: PeriodClipOptions): AsyncGenerator<Uint8Array> {
  const { data, info } = await sharp(photograph).autoOrient().greyscale().raw().toBuffer({ resolveWithObject: true });
  const random = createRandom(seed);
  const damage = createFilmDamage(periodWidth, periodHeight, random);
  const weave = [createDrift(random, 1.6, 0.6), createDrift(random, 1.2, 0.6)] as const;
  const frames = Math.round(seconds * periodRate);
  for (let index = 0; index < frames; index += 1) {
    const way = frames === 1 ? 0 : index / (frames - 1);
    const eased = way * way * (3 - 2 * way);
    const height = Math.round(info.height * (0.66 - 0.1 * eased));
    const width = Math.round((height * periodWidth) / periodHeight);
    const within = (value: number, room: number): number => Math.min(room, Math.max(0, Math.round(value)));
    const left = within((info.width - width) * (0.96 - 0.92 * eased) + weave[0](), info.width - width);
    const top = within((info.height - height) * 0.9 + weave[1](), info.height - height);
    const grey = await sharp(data, { raw: info })
      .extract({ left, top, width, height })
      .resize(periodWidth, periodHeight, { kernel: 'lanczos3', fit: 'fill' })
      .blur(0.6)
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    yield damage(grey);
  }
}

async function drained(stream: NodeJS.WritableStream, ended: Promise<void>): Promise<void> {
  await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), ended]);
}
