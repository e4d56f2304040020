/** What a restoration did, in the words of its manifest: English, and for programs and archivists as much as for people. */
import type { Edit } from '../provenance/c2pa/manifest.ts';
import { compare, toNumber } from '../rational.ts';
import type { RestorePlan } from './plan/plan.ts';

export function restoreEdits(
  plan: Pick<
    RestorePlan,
    'source' | 'output' | 'upscaling' | 'interpolation' | 'denoise' | 'deflicker' | 'stabilise' | 'deinterlacing'
  >,
  { hasAddedSound }: { readonly hasAddedSound: boolean },
): readonly Edit[] {
  const { source, output, upscaling, interpolation } = plan;
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
  if (hasAddedSound) edits.push({ action: 'sound-added', description: 'A sound was added that the film did not have' });
  return edits.length > 0 ? edits : [{ action: 'transcoded', description: 'Encoded again' }];
}

const fps = (rate: Parameters<typeof toNumber>[0]): string =>
  toNumber(rate)
    .toFixed(2)
    .replace(/\.?0+$/, '');
