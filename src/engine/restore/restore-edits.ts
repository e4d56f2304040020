/** What a restoration did, in the words of its manifest: English, and for programs and archivists as much as for people. */
import type { Edit } from '../provenance/c2pa/manifest.ts';
import { compare, toNumber } from '../rational.ts';
import type { RestorePlan } from './plan/plan.ts';
import type { RestoreReport } from './restore.ts';

/** @param report of the finished clip: a size limit may have made it smaller, or slower, than was planned. */
export function restoreEdits({
  plan,
  output,
  addedSound,
}: {
  readonly plan: Pick<
    RestorePlan,
    | 'source'
    | 'upscaling'
    | 'interpolation'
    | 'denoise'
    | 'deflicker'
    | 'stabilise'
    | 'deinterlacing'
    | 'grain'
    | 'label'
  >;
  readonly output: Pick<RestoreReport['output'], 'width' | 'height' | 'rate'>;
  readonly addedSound?: RestoreReport['addedSound'];
}): readonly Edit[] {
  const { source, upscaling, interpolation } = plan;
  const repairs = [
    ...(plan.deinterlacing.fields === 'progressive' ? [] : ['fields woven into frames']),
    ...(plan.denoise ? ['noise and coding blocks removed'] : []),
    ...(plan.deflicker ? ['flicker evened out'] : []),
    ...(plan.stabilise ? ['picture held still'] : []),
  ];
  const edits: Edit[] = [];
  if (repairs.length > 0) edits.push({ action: 'cleaned', description: `Cleaned: ${repairs.join(', ')}` });
  if (upscaling.network !== undefined || output.height !== source.height) {
    const by = upscaling.network === undefined ? '' : ` by a neural network (${upscaling.network})`;
    const sizes = `from ${source.width}x${source.height} to ${output.width}x${output.height}`;
    edits.push({
      action: upscaling.network === undefined ? 'resized' : 'enlarged',
      description: `Resized ${sizes}${by}`,
    });
  }
  if (interpolation !== undefined && compare(output.rate, source.rate) !== 0) {
    const rates = `from ${fps(source.rate)} to ${fps(output.rate)} a second`;
    const description = `Frames between made by a neural network (${interpolation}), ${rates}`;
    edits.push({ action: 'interpolated', description });
  }
  if (plan.grain !== undefined) edits.push({ action: 'added', description: 'Grain like that of the source was added' });
  if (addedSound !== undefined) {
    edits.push({ action: 'added', description: 'A sound was added that the film did not have' });
  }
  if (plan.label !== undefined) edits.push({ action: 'added', description: 'A line of text was drawn in a corner' });
  return edits.length > 0 ? edits : [{ action: 'transcoded', description: 'Encoded again' }];
}

const fps = (rate: Parameters<typeof toNumber>[0]): string =>
  toNumber(rate)
    .toFixed(2)
    .replace(/\.?0+$/, '');
