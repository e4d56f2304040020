/**
 * The plan of a restoration: what will be done to a clip, in which sizes, with which networks, for how long, and what will
 * not be done and why. A pure function over what is known, so that it can be printed (`--dry-run`), shown in a message and
 * tested without a model; the pipeline carries out what stands here and decides nothing itself.
 */
import { LumiereError } from '../../errors.ts';
import { refuseUnreachable } from '../../media/fit-plan.ts';
import type { Probe } from '../../media/probe-result.ts';
import { compare, divide, formatRational, multiply, type Rational, rational, toNumber } from '../../rational.ts';
import type { DeviceCosts } from './device-costs.ts';
import { drawingsOf } from '../cleaning/held-frames.ts';
import type { Cadence, ClipInspection, FieldOrder } from '../inspection/inspection.ts';

import { listStages, type PlannedStage } from './plan-stages.ts';
import { type Deinterlacing, denoiseFilters } from '../cleaning/repair-filters.ts';
import { maxOutputHeight, maxSlowMotion, rateRange, type Repair, type RestoreRequest } from '../request.ts';
import { outputFrameCount } from '../between/timeline.ts';
import { chooseUpscaling, type UpscalingChoice } from './upscaling-choice.ts';
import type { Size } from '../../size.ts';
import { outputSize, scaled, workingScale } from './working-size.ts';

/** Something that is done differently from what was asked, or not at all; sentence under `plan.note.<code>`. */
export interface PlanNote {
  readonly code: PlanNoteCode;
  readonly params: Readonly<Record<string, string | number>>;
}

export const planNoteCodes = [
  'size-capped',
  'size-kept',
  'reduced-first',
  'rate-kept',
  'held-dropped',
  'weave-left',
  'noise-left',
  'repairs-need-video',
  'flicker-left',
  'interlacing-left',
  'slow-motion-silent',
  'network-needs-gpu',
  'network-not-installed',
  'second-encode',
  'long-job',
] as const;
export type PlanNoteCode = (typeof planNoteCodes)[number];

/** What the planner must know about the machine. */
export interface PlanDevice {
  /** Name of the execution provider that will run the networks. */
  readonly provider: string;
  /** True when the provider is a GPU: networks that would take hours on a CPU become sensible. */
  readonly gpu: boolean;
  readonly costs: DeviceCosts;
  /** Catalog ids of the networks that are installed. */
  readonly installed: readonly string[];
}

export interface RestorePlan {
  readonly source: Size & { readonly rate: Rational; readonly frames: number; readonly duration: Rational };
  /** Size the frames are decoded to: the picture's real resolution. */
  readonly working: Size;
  readonly output: Size & { readonly rate: Rational; readonly frames: number; readonly duration: Rational };
  readonly deinterlacing: Deinterlacing;
  /** Measured faults to remove in the decoder, or undefined when they are left alone. */
  readonly denoise?: { readonly noise: number; readonly blockiness: number };
  /** Standard deviation of the noise that is left when the networks see the pictures, in levels. */
  readonly remainingNoise: number;
  /** Present when repeated frames are dropped. */
  readonly cadence?: Cadence;
  readonly deflicker: boolean;
  readonly stabilise: boolean;
  readonly upscaling: UpscalingChoice;
  /** Catalog id of the network that makes frames between, or undefined when none are made. */
  readonly interpolation?: string;
  readonly between: RestoreRequest['between'];
  readonly slowMotion: number;
  /** Standard deviation of the grain to give back, in levels. */
  readonly grain?: number;
  readonly label?: string;
  readonly maxBytes?: number;
  readonly stages: readonly PlannedStage[];
  readonly notes: readonly PlanNote[];
  /** Wall seconds from start to finished file. */
  readonly predictedSeconds: number;
  /** False while the prediction rests on another machine's figures. */
  readonly predictionMeasured: boolean;
}

export interface PlanInput {
  readonly probe: Probe;
  readonly inspection: ClipInspection;
  readonly request: RestoreRequest;
  readonly device: PlanDevice;
  /** True when the result will carry a sound of the clip's own. */
  readonly ownSound: boolean;
}

/** From here on a fault is worth removing or a word: below, the cure shows more than the fault. */
const faultThresholds = { flicker: 0.8, weave: 0.12 } as const;

/** Share of the noise that the filters leave: hqdn3d gains 3.5 to 5.3 dB (`repair-filters.ts`). */
const noiseLeft = 0.6;

/** Noise that is assumed where none is measured and it shall be removed all the same, in levels. */
const assumedNoise = 2;

/** Catalog id of the network that makes frames between. */
const interpolationNetwork = 'rife-v4.6';

/** Grain that is given back to a source whose own could not be measured, in levels. */
const leastGrain = 1.5;

/** Predicted seconds from which the plan suggests a faster way. */
const longJobSeconds = 30 * 60;

/** Seconds to start, look at the clip and load the networks. */
const startSeconds = 2;

const percent = (share: number): number => Math.round(share * 100);

/** A rate as people write it: `60`, `29.97`. */
function shortRate(rate: Rational): string {
  return `${Math.round(toNumber(rate) * 100) / 100}`;
}

/** Field order for a clip that is to be deinterlaced: what was seen, or the commoner order when nothing was. */
function interlacedOrder({ fields }: ClipInspection): FieldOrder {
  return fields === 'progressive' ? 'top-first' : fields;
}

function wanted(repair: Repair, needed: boolean): boolean {
  return repair === 'on' || (repair === 'auto' && needed);
}

/** The rate of the result for a source of `source` drawings a second. */
function outputRate(source: Rational, request: RestoreRequest): Rational {
  const { rate } = request;
  if (rate === 'source') return source;
  if ('multiply' in rate) return multiply(source, rational(rate.multiply));
  const slowed = divide(source, rational(request.slowMotion));
  return rate.atLeast === true && compare(slowed, rate.fps) > 0 ? slowed : rate.fps;
}

function invalid(option: string, value: string | number, expected: string): LumiereError {
  return new LumiereError('request.invalid', { option, value, expected });
}

function checkRequest({ slowMotion, size }: RestoreRequest): void {
  if (!Number.isInteger(slowMotion) || slowMotion < 1 || slowMotion > maxSlowMotion) {
    throw invalid('slow-motion', slowMotion, `1..${maxSlowMotion}`);
  }
  if ('height' in size && (size.height < 16 || size.height > maxOutputHeight)) {
    throw invalid('height', size.height, `16..${maxOutputHeight}`);
  }
}

function checkRate(rate: Rational): void {
  const perSecond = toNumber(rate);
  if (perSecond < rateRange.min || perSecond > rateRange.max) {
    throw invalid('fps', formatRational(rate), `${rateRange.min}..${rateRange.max}`);
  }
}

/**
 * Share of output frames that fall on a source frame when both rates are even: with the ratio of the rates reduced to
 * p/q, output frame k stands at source position k*q/p, a whole number for one k in p.
 */
function shareOfRealFrames(source: Rational, output: Rational, slowMotion: number): number {
  return 1 / divide(multiply(output, rational(slowMotion)), source).num;
}

/**
 * Decides everything about a restoration.
 * Throws `request.invalid` with `option`, `value` and `expected` for a rate, height or slow motion out of range, and
 * `model.not-installed` with `model` when no network is there to enlarge with or to make the frames between, and
 * `output.size-unreachable` with `limit` when no film of that length can be that small.
 */
export function planRestore({ probe, inspection, request, device, ownSound }: PlanInput): RestorePlan {
  checkRequest(request);
  const { video } = probe;
  const source = { width: video.width, height: video.height };
  const notes: PlanNote[] = [];
  const note = (code: PlanNoteCode, params: PlanNote['params'] = {}): void => void notes.push({ code, params });

  // Repairs that are ffmpeg's work need a format that ffmpeg decodes; an animated WebP is decoded elsewhere.
  const filterable = probe.container !== 'webp';
  const fields =
    filterable && wanted(request.deinterlace, inspection.fields !== 'progressive')
      ? interlacedOrder(inspection)
      : 'progressive';
  const interlaced = fields !== 'progressive';
  // Fields are moments of their own: held frames are not looked for among them.
  const cadence = request.heldFrames === 'auto' && !interlaced ? inspection.held.cadence : undefined;
  const fieldRate = multiply(video.rate, rational(2));
  const doubleRate = interlaced && compare(outputRate(fieldRate, request), video.rate) > 0 && request.rate !== 'source';
  const decoded = video.frameCount.count * (doubleRate ? 2 : 1);
  const drawings = cadence ? drawingsOf(decoded, cadence) : decoded;
  const drawingRate = cadence?.rate ?? (doubleRate ? fieldRate : video.rate);
  const rate = outputRate(request.rate === 'source' ? video.rate : drawingRate, request);
  checkRate(rate);
  if (cadence) note('held-dropped', { share: percent(inspection.held.share), rate: shortRate(drawingRate) });

  const output = outputSize(source, request.size);
  if (output.capped) note('size-capped', { height: output.height });
  const grows = output.height > source.height;
  const reduce = grows && request.workingSize === 'auto' ? workingScale(source, inspection.effectiveScale) : 1;
  const working = scaled(source, reduce);
  if (reduce < 1) note('reduced-first', { percent: percent(inspection.effectiveScale), height: working.height });
  const noisy = denoiseFilters(inspection).length > 0;
  const denoise = filterable && wanted(request.denoise, noisy);
  if (
    !filterable &&
    (request.denoise === 'on' || request.deinterlace === 'on' || (noisy && request.denoise === 'auto'))
  ) {
    note('repairs-need-video');
  }
  const remainingNoise = inspection.noise * reduce * (denoise ? noiseLeft : 1);
  const upscaling = chooseUpscaling(request.look, request.quality, {
    factor: output.height / working.height,
    gpu: device.gpu,
    noise: remainingNoise,
    installed: device.installed,
  });
  if (output.height <= working.height) {
    note('size-kept', output.height === source.height ? {} : { height: output.height });
  } else if (upscaling.network === undefined) {
    throw new LumiereError('model.not-installed', { model: upscaling.instead?.network ?? '' });
  }
  if (upscaling.instead) {
    note(`network-${upscaling.instead.because}`, {
      wanted: upscaling.instead.network,
      used: upscaling.network ?? '',
    });
  }

  const deflicker = wanted(request.deflicker, inspection.flicker >= faultThresholds.flicker);
  if (request.deinterlace === 'off' && inspection.fields !== 'progressive') note('interlacing-left');
  if (request.denoise === 'off' && noisy) note('noise-left');
  if (request.deflicker === 'off' && inspection.flicker >= faultThresholds.flicker) note('flicker-left');
  if (!request.stabilise && inspection.weave >= faultThresholds.weave) note('weave-left');

  const frames = outputFrameCount(video.duration, rate, rational(request.slowMotion));
  const duration = divide(rational(frames), rate);
  const realShare = shareOfRealFrames(drawingRate, rate, request.slowMotion);
  const between = video.variableRate ? frames : Math.round(frames * (1 - realShare));
  const interpolation = between === 0 ? undefined : interpolationNetwork;
  if (interpolation === undefined) note('rate-kept', { rate: shortRate(rate) });
  else if (!device.installed.includes(interpolation))
    throw new LumiereError('model.not-installed', { model: interpolation });
  if (request.slowMotion > 1 && ownSound) note('slow-motion-silent');
  if (request.maxBytes !== undefined) {
    refuseUnreachable(request.maxBytes, { frames, rate });
    note('second-encode', { bytes: request.maxBytes });
  }

  const fact = { source, working, output, decoded, drawings, frames, between };
  const repairs = { fields, denoise, deflicker, ...(cadence ? { cadence } : {}) };
  const stages = listStages({
    request,
    inspection,
    costs: device.costs,
    fact,
    rate,
    repairs,
    upscaling,
    interpolation,
  });
  const predictedSeconds = startSeconds + stages.reduce((sum, { seconds }) => sum + seconds, 0);
  if (predictedSeconds > longJobSeconds && request.quality !== 'fast') {
    note('long-job', { minutes: Math.round(predictedSeconds / 60) });
  }

  return {
    source: { ...source, rate: video.rate, frames: video.frameCount.count, duration: video.duration },
    working,
    output: { width: output.width, height: output.height, rate, frames, duration },
    deinterlacing: { fields, doubleRate },
    ...(denoise && { denoise: { noise: noisy ? inspection.noise : assumedNoise, blockiness: inspection.blockiness } }),
    remainingNoise,
    ...(cadence ? { cadence } : {}),
    deflicker,
    stabilise: request.stabilise,
    upscaling,
    ...(interpolation === undefined ? {} : { interpolation }),
    between: request.between,
    slowMotion: request.slowMotion,
    ...(request.grain ? { grain: Math.max(inspection.noise, leastGrain) } : {}),
    ...(request.label === undefined ? {} : { label: request.label }),
    ...(request.maxBytes === undefined ? {} : { maxBytes: request.maxBytes }),
    stages,
    notes,
    predictedSeconds,
    predictionMeasured: device.costs.measured,
  };
}
