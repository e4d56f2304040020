/** Puts a sound that was made after the picture beside it: the picture's packets are copied, the sound becomes AAC. */
import { stat } from 'node:fs/promises';

import { LumiereError } from '../errors.ts';
import { toNumber, type Rational } from '../rational.ts';
import { containerOptions, soundInputOptions, soundOptions } from './encode-options.ts';
import { startFfmpeg } from './ffmpeg.ts';
import { beginPartialFile } from './partial-file.ts';
import type { SoundSource } from './sound-source.ts';

export interface JoinOptions {
  /** An MP4 with a picture; its own sound, if it has any, is left out. */
  readonly picture: string;
  readonly sound: SoundSource;
  readonly rate: Rational;
  readonly path: string;
  /** Said in the file's comment field, so that a player can tell what was added. */
  readonly comment?: string;
  /** Bits a second of the sound; what suits its channels when left out. */
  readonly bitRate?: number;
  /** The result has at most so many bytes, whatever the encoder makes of the bit rate. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Resolves to the bytes written. Rejects with `output.unwritable`, `output.disk-full`, `output.size-unreachable`,
 * `output.encoder-failed` or `job.cancelled`; then no file is left.
 */
export async function joinSound(options: JoinOptions): Promise<number> {
  const { picture, sound, rate, path, comment, bitRate, maxBytes, signal } = options;
  const file = await beginPartialFile(path);
  try {
    const tool = await startFfmpeg(
      [
        { kind: 'file', path: picture, options: [] },
        { kind: 'file', path: sound.path, options: soundInputOptions(sound) },
      ],
      [
        {
          target: { file: file.path },
          options: [
            ...['-map', '0:v:0', '-c:v', 'copy', '-map', `1:${sound.stream}`, ...soundOptions(sound, bitRate)],
            ...containerOptions(rate),
            ...(comment === undefined ? [] : ['-metadata', `comment=${comment}`]),
          ],
        },
      ],
      { side: 'output', signal },
    );
    await tool.ended;
    const { size } = await stat(file.path);
    if (maxBytes !== undefined && size > maxBytes) {
      throw new LumiereError('output.size-unreachable', { limit: maxBytes, smallest: size });
    }
    return await file.commit();
  } finally {
    await file.discard();
  }
}

/** Bytes that `seconds` of sound take at `bitRate`, with the container's tables and some room: AAC keeps its rate only on average. */
export function soundBytes(duration: Rational, bitRate: number): number {
  const seconds = toNumber(duration);
  return Math.ceil((seconds * bitRate * 1.08) / 8 + seconds * 300 + 4096);
}
