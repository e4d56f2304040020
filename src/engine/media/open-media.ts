/** A file of a picture or of a clip, whichever it is. */
import sharp from 'sharp';

import { LumiereError } from '../errors.ts';
import type { Size } from '../size.ts';
import { probe, type Probe } from './probe.ts';

export type Media =
  | { readonly kind: 'clip'; readonly probe: Probe }
  | { readonly kind: 'still'; readonly path: string; readonly size: Size };

const pictureFormats = new Set(['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif']);

/**
 * Looks at a file: a still picture when sharp reads it as one page, else a clip. Throws `input.neither` with `path`, and whatever
 * else `probe` throws.
 */
export async function openMedia(path: string, signal?: AbortSignal): Promise<Media> {
  const picture = await sharp(path)
    .metadata()
    .catch(() => undefined);
  if (picture && pictureFormats.has(picture.format) && (picture.pages ?? 1) === 1) {
    return { kind: 'still', path, size: picture.autoOrient };
  }
  try {
    return { kind: 'clip', probe: await probe(path, signal ? { signal } : {}) };
  } catch (error) {
    if (!(error instanceof LumiereError) || error.code !== 'input.not-media') throw error;
    throw new LumiereError('input.neither', { path }, { cause: error });
  }
}

/** The file that it was read from. */
export const pathOf = (media: Media): string => (media.kind === 'still' ? media.path : media.probe.path);
