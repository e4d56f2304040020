/** A picture of a result for those who moderate: one frame of its middle, small, as a JPEG. */
import { join } from 'node:path';
import sharp from 'sharp';

import { pictureOf } from '../engine/compare/still-frame.ts';
import { openMedia } from '../engine/media/open-media.ts';
import type { Processors } from './processor.ts';

/** Pixels of the longer side: what a phone shows in a message. */
const longestSide = 640;

export const pictureProcessor: Processors['picture'] = async ({ result, folder, signal }) => {
  const frame = await pictureOf(await openMedia(result, signal), undefined, signal);
  const path = join(folder, 'picture.jpg');
  await sharp(frame)
    .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 80 })
    .toFile(path);
  return { path, mediaType: 'image/jpeg' };
};
