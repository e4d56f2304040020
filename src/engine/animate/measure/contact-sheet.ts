/** A picture grid of frames by time, so that a person can look at a whole clip at a glance. */
import sharp from 'sharp';

import type { Box } from '../face/face.ts';
import type { Picture } from '../../picture.ts';

export interface ContactSheetOptions {
  /** Pictures in a row. */
  readonly columns: number;
  readonly rows: number;
  /** Frames that will come. */
  readonly frames: number;
  /** Side of each picture in the grid, in pixels; 240 when left out. */
  readonly cell?: number;
  /** The part of the frames that is shown; all of it when left out. */
  readonly part?: Box;
}

export interface ContactSheet {
  /** Takes a frame when it is one of those shown. */
  see(index: number, picture: Picture): Promise<void>;
  /** Writes the grid as PNG or JPEG, by the ending of `path`, from left to right and top to bottom in time. */
  write(path: string): Promise<void>;
}

/** Frames evenly over the clip, the first among them. */
export function createContactSheet(options: ContactSheetOptions): ContactSheet {
  const { columns, rows, frames, cell = 240, part } = options;
  const count = Math.min(columns * rows, frames);
  const shown = new Map(Array.from({ length: count }, (_, place) => [Math.floor((place * frames) / count), place]));
  const cells: { input: Buffer; left: number; top: number }[] = [];
  return {
    async see(index, { width, height, data }) {
      const place = shown.get(index);
      if (place === undefined) return;
      let image = sharp(data, { raw: { width, height, channels: 3 } });
      if (part !== undefined) {
        image = image.extract({ left: part.x, top: part.y, width: part.width, height: part.height });
      }
      const input = await image.resize(cell, cell, { fit: 'contain', background: '#222' }).png().toBuffer();
      cells.push({ input, left: (place % columns) * cell, top: Math.floor(place / columns) * cell });
    },
    async write(path) {
      const size = { width: columns * cell, height: Math.ceil(count / columns) * cell };
      await sharp({ create: { ...size, channels: 3, background: '#222' } })
        .composite(cells)
        .toFile(path);
    },
  };
}
