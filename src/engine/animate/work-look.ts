/** Looks at the frames while they are drawn: how good they are, how often they were held back, and a grid of some of them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

import { drawLabel } from '../label-picture.ts';
import { writeWhole } from '../media/partial-file.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import { type ContactSheet, createContactSheet } from './measure/contact-sheet.ts';
import { createMeasurer, type Measures } from './measure/measurer.ts';
import type { MotionTrack } from './motion/track.ts';
import type { Picture } from '../picture.ts';
import { squareAround } from './prepare-photo.ts';
import type { Portrait, RenderedFrame } from './render/portrait.ts';
import type { ReportedLimit } from './report.ts';
import { countLimits } from './work-frames.ts';

export interface FrameLook {
  /** A frame as it was drawn. Frames come in order; nobody writes to them until the promise settles. */
  see(index: number, rendered: RenderedFrame): Promise<void>;
  /** Once all were seen. No measures where no face moved. */
  report(): Promise<{ readonly measures?: Measures; readonly limits: readonly ReportedLimit[] }>;
}

export interface LookOptions {
  readonly portrait: Portrait;
  readonly tracks: readonly MotionTrack[];
  readonly networks: FaceNetworks;
  /** How loud the speech is in each frame. */
  readonly loudness?: readonly number[];
  readonly signal: AbortSignal;
}

/** Rejects as `createMeasurer` does. */
export async function openLook(options: LookOptions): Promise<FrameLook> {
  const limits = countLimits();
  const measurer = options.tracks.length > 0 ? await createMeasurer(options) : undefined;
  return {
    async see(index, rendered) {
      limits.see(rendered.limits);
      await measurer?.see(index, rendered);
    },
    async report() {
      const measures = await measurer?.report();
      return { limits: limits.report(), ...(measures && { measures }) };
    },
  };
}

export interface SheetOptions {
  readonly photo: Picture;
  readonly faces: readonly Face[];
  /** Frames that will come. */
  readonly frames: number;
  readonly label: string;
  readonly folder: string;
}

/** A face that is smaller than this share of the picture is shown from nearer. */
const smallShare = 0.22;
const grid = { columns: 6, rows: 4 } as const;

/** A grid of frames as they are shown, or of the head where that is small in them; the label is on it as on the clip. */
export function openSheet({ photo, faces, frames, label, folder }: SheetOptions): ContactSheet {
  const largest = Math.max(0, ...faces.map(({ box }) => box.height));
  const isSmall = faces.length > 0 && largest < smallShare * Math.max(photo.width, photo.height);
  const sheet = createContactSheet({ ...grid, frames, ...(isSmall && { part: squareAround(faces, photo) }) });
  return {
    see: (index, picture) => sheet.see(index, picture),
    async write(path) {
      const plain = join(folder, 'sheet.png');
      await sheet.write(plain);
      const plate = await drawLabel(label, 28);
      const labelled = sharp(await readFile(plain)).composite([{ input: plate.png, gravity: 'southwest' }]);
      await writeWhole(path, await labelled.png().toBuffer());
    },
  };
}
