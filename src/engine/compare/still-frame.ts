/** One frame of a clip as a picture, for a comparison that can be printed or posted. */
import { LumiereError } from '../errors.ts';
import { startFfmpeg } from '../media/ffmpeg.ts';
import { toNumber } from '../rational.ts';
import type { Side } from './compare-clips.ts';

/** One side as a picture: the still itself, or the clip's frame at `seconds` (its middle when left out). */
export async function pictureOf(side: Side, seconds?: number, signal?: AbortSignal): Promise<Buffer | string> {
  if (side.kind === 'still') return side.path;
  return grabFrame(side.probe.path, seconds ?? toNumber(side.probe.video.duration) / 2, signal);
}

/**
 * The frame of `path` shown at `seconds`, as PNG, turned as the file says. Rejects with `request.invalid` when the clip
 * has ended by then, and with what ffmpeg's door throws.
 */
export async function grabFrame(path: string, seconds: number, signal?: AbortSignal): Promise<Buffer> {
  const ffmpeg = await startFfmpeg(
    [{ kind: 'file', path, options: ['-ss', seconds.toFixed(3)] }],
    [
      {
        target: 'pipe',
        options: [
          '-map',
          '0:V:0',
          '-frames:v',
          '1',
          '-vf',
          'scale=iw*sar:ih,setsar=1',
          '-c:v',
          'png',
          '-f',
          'image2pipe',
        ],
      },
    ],
    { side: 'input', ...(signal && { signal }) },
  );
  const chunks: Buffer[] = [];
  for await (const chunk of ffmpeg.stdout) chunks.push(chunk as Buffer);
  await ffmpeg.ended;
  if (chunks.length === 0) {
    throw new LumiereError('request.invalid', {
      option: 'at',
      value: seconds,
      expected: 'a moment of the clip, in seconds',
    });
  }
  return Buffer.concat(chunks);
}
