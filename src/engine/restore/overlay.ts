/** The line of text in the corner of a result: what the person asked for, and that a sound was added. */
import { join } from 'node:path';

import { drawLabel } from '../label-picture.ts';
import type { Overlay } from '../media/encode-options.ts';
import { writeWhole } from '../media/partial-file.ts';
import type { RestorePlan } from './plan/plan.ts';

/** Share of the picture's height that the plate takes, and its distance from the edges as a share of its own height. */
const plateShare = 0.05;
const distance = 0.5;

/** Draws the label into `folder`, as an option for the encoder; nothing when there is nothing to say. Rejects as `writeWhole`. */
export async function drawOverlay(
  plan: Pick<RestorePlan, 'label' | 'output'>,
  soundLabel: string | undefined,
  folder: string,
): Promise<{ overlay?: Overlay }> {
  const text = [plan.label, soundLabel].filter((part) => part !== undefined && part.trim() !== '').join(' · ');
  if (text === '') return {};
  const { png, height } = await drawLabel(text, plan.output.height * plateShare);
  const path = join(folder, 'label.png');
  await writeWhole(path, png);
  const away = Math.round(height * distance);
  return { overlay: { png: path, x: away, y: -away } };
}
