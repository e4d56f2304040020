/** A picture file, of any kind that sharp reads, in the one form that ffmpeg and the comparison of pictures both take. */
import sharp from 'sharp';

import { LumiereError } from '../errors.ts';

/** A picture file as PNG: turned as it says, on white, in sRGB. Rejects with `input.corrupt` when it cannot be decoded. */
export async function readStill(path: string): Promise<Buffer> {
  try {
    return await sharp(path)
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .png({ compressionLevel: 1 })
      .toBuffer();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.split('\n', 1)[0]!.slice(0, 200) : '';
    throw new LumiereError('input.corrupt', { detail }, { cause });
  }
}
