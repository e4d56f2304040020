/** The stages of a plan in order, each with what it does in numbers and the seconds it is predicted to take. */
import { formatRational, type Rational } from '../../rational.ts';
import type { DeviceCosts } from './device-costs.ts';
import type { Cadence, ClipInspection, FieldOrder } from '../inspection/inspection.ts';
import type { RestoreRequest } from '../request.ts';
import type { UpscalingChoice } from './upscaling-choice.ts';
import type { Size } from '../../size.ts';

export const stageNames = [
  'decode',
  'deinterlace',
  'denoise',
  'reduce',
  'scene-cuts',
  'held-frames',
  'deflicker',
  'stabilise',
  'upscale',
  'interpolate',
  'grain',
  'label',
  'encode',
] as const;
export type StageName = (typeof stageNames)[number];

/** One line of the printed plan; its sentence stands in the locale under `plan.stage.<stage>`. */
export interface PlannedStage {
  readonly stage: StageName;
  readonly params: Readonly<Record<string, string | number>>;
  /** Catalog ids of the networks it runs. */
  readonly networks: readonly string[];
  readonly seconds: number;
}

export interface StageFacts {
  readonly request: RestoreRequest;
  readonly inspection: ClipInspection;
  readonly costs: DeviceCosts;
  readonly fact: {
    readonly source: Size;
    readonly working: Size;
    readonly output: Size;
    /** Frames that are decoded, frames that are left when repeats are dropped, frames that come out. */
    readonly decoded: number;
    readonly drawings: number;
    readonly frames: number;
    /** Frames of the output that have to be made between two real ones. */
    readonly between: number;
  };
  readonly rate: Rational;
  readonly repairs: {
    readonly fields: FieldOrder;
    readonly denoise: boolean;
    readonly deflicker: boolean;
    readonly cadence?: Cadence;
  };
  readonly upscaling: UpscalingChoice;
  readonly interpolation: string | undefined;
}

const megapixels = ({ width, height }: Size): number => (width * height) / 1e6;
const sizeText = ({ width, height }: Size): string => `${width}x${height}`;
const oneDecimal = (value: number): number => Math.round(value * 10) / 10;

/** Share of a network's cost for a size: 0 for a network nobody has measured. */
function networkSeconds(costs: DeviceCosts, networks: readonly string[], input: Size, runs: number): number {
  const perMegapixel = networks.reduce((sum, id) => sum + (costs.networks[id] ?? 0), 0);
  return (perMegapixel * megapixels(input) * runs) / 1000;
}

/** Everything that will run, in order. Stages that are folded into the decoder cost nothing of their own here. */
export function listStages(facts: StageFacts): PlannedStage[] {
  const { request, inspection, costs, fact, rate, repairs, upscaling, interpolation } = facts;
  const { source, working, output } = fact;
  const stages: PlannedStage[] = [];
  const plan = (
    stage: StageName,
    params: PlannedStage['params'],
    seconds = 0,
    networks: readonly string[] = [],
  ): void => void stages.push({ stage, params, networks, seconds });

  plan(
    'decode',
    { frames: fact.decoded, size: sizeText(source) },
    (costs.decode * megapixels(source) * fact.decoded) / 1000,
  );
  if (repairs.fields !== 'progressive') plan('deinterlace', { fields: repairs.fields });
  if (repairs.denoise) {
    plan('denoise', { noise: oneDecimal(inspection.noise), blocks: Math.round(inspection.blockiness * 100) });
  }
  if (working.height !== source.height) plan('reduce', { size: sizeText(working) });
  plan('scene-cuts', { perMinute: oneDecimal(inspection.cutsPerMinute) });
  if (repairs.cadence) plan('held-frames', { frames: fact.decoded, drawings: fact.drawings });
  if (repairs.deflicker) plan('deflicker', { flicker: oneDecimal(inspection.flicker) });
  if (request.stabilise) plan('stabilise', { weave: oneDecimal(inspection.weave) });
  if (output.height !== working.height) {
    const networks = [upscaling.network, upscaling.share < 1 || upscaling.faithful ? upscaling.faithful : undefined];
    const run = networks.filter((id) => id !== undefined);
    plan(
      'upscale',
      { from: sizeText(working), to: sizeText(output) },
      networkSeconds(costs, run, working, fact.drawings),
      run,
    );
  }
  if (interpolation !== undefined) {
    const input = request.between === 'interpolate' ? output : working;
    const warp = (costs.warp * megapixels(output) * fact.between) / 1000;
    plan(
      'interpolate',
      { rate: formatRational(rate), between: fact.between, mode: request.between },
      networkSeconds(costs, [interpolation], input, fact.between) + warp,
      [interpolation],
    );
  }
  if (request.grain) plan('grain', {});
  if (request.label !== undefined) plan('label', {});
  const encode = (costs.encode * megapixels(output) * fact.frames) / 1000;
  plan(
    'encode',
    { frames: fact.frames, size: sizeText(output), rate: formatRational(rate) },
    encode * (request.maxBytes === undefined ? 1 : 2),
  );
  return stages;
}
