/** The line of text in the corner of a result: what the person asked for, and that a sound was added. */
import { join } from 'node:path';

import { drawFittingLabel } from '../label-picture.ts';
import { labelPlace, leastReadableScale } from '../label-size.ts';
import type { Overlay } from '../media/encode-options.ts';
import { writeWhole } from '../media/partial-file.ts';
import type { RestorePlan } from './plan/plan.ts';

/** Draws the label into `folder`, as an option for the encoder; nothing when there is nothing to say. Rejects as `writeWhole`. */
export async function drawOverlay(
  plan: Pick<RestorePlan, 'label' | 'output'>,
  soundLabel: string | undefined,
  folder: string,
): Promise<{ overlay?: Overlay; leastScale?: number }> {
  const text = [plan.label, soundLabel].filter((part) => part !== undefined && part.trim() !== '').join(' · ');
  if (text === '') return {};
  const { away } = labelPlace(plan.output);
  const { png, height } = await drawFittingLabel(text, plan.output);
  const path = join(folder, 'label.png');
  await writeWhole(path, png);
  return { overlay: { png: path, x: away, y: -away }, leastScale: leastReadableScale(height) };
}
