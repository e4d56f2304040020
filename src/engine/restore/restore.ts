/** Carries out a plan: frames stream from the decoder through the stages to the encoder, then the sound joins them. */
import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { decodeFrames } from '../media/decode.ts';
import { encodeWithin, type Fitted, type GivenUp } from '../media/fit.ts';
import { refuseUnreachable } from '../media/fit-plan.ts';
import { refuseSameFile } from '../media/output-place.ts';
import { makeScratchFolder } from '../media/partial-file.ts';
import type { MediaWarning } from '../media/warnings.ts';
import { smallMark } from '../provenance/small-mark.ts';
import { createSessionPool } from '../model/session-pool.ts';
import type { SessionPool } from '../model/session.ts';
import { watermarkLayer } from '../provenance/watermark/mark-frames.ts';
import type { Watermark } from '../provenance/watermark/watermark.ts';
import { type Rational, rational } from '../rational.ts';
import { learnDeviceCosts, loadDeviceCosts, type MeasuredCosts } from './plan/device-costs.ts';
import { changeFrameRate, type FrameCounts } from './between/frame-rate.ts';
import { grainFilter } from './grain.ts';
import { costsFile, type Machine, providerOptions } from './plan/machine.ts';
import { measureCosts } from './measured-costs.ts';
import { cleaningStages, decoderFilters } from './cleaning/cleaning.ts';
import { drawOverlay } from './overlay.ts';
import type { RestorePlan } from './plan/plan.ts';
import type { PreparedRestore } from './prepare.ts';
import { begun } from './read-ahead.ts';
import { addSound, chooseSound } from './result-sound.ts';
import { addedSound, type AddedSound } from './sound/added-sound.ts';
import { type MotionMeter, motionMeter, motionTap } from './sound/motion-track.ts';
import { openWorkshop } from './workshop.ts';

/** What a job is busy with; sentences stand in the locale under `stage.<name>`. */
export type JobStage = 'restore' | 'fit' | 'sound';

export interface RestoreOptions {
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** `done` of `total` frames, or of 100 where frames are not what is counted. */
  readonly onProgress?: (stage: JobStage, done: number, total: number) => void;
  /** Text laid over a corner of the picture when a sound was added to it; nothing when left out. */
  readonly soundLabel?: string;
  /** Marks every frame invisibly; none when left out. */
  readonly watermark?: Watermark;
  /** Where files lie that only last as long as the job; the system's temporary folder when left out. */
  readonly scratchFolder?: string;
  /** Runs the networks; a pool of the job's own when left out. A pool that is given stays open. */
  readonly pool?: SessionPool;
}

export interface RestoreReport {
  readonly plan: RestorePlan;
  readonly output: {
    readonly path: string;
    readonly bytes: number;
    readonly width: number;
    readonly height: number;
    readonly rate: Rational;
    readonly frames: number;
    readonly duration: Rational;
  };
  readonly frames: Readonly<FrameCounts>;
  /** What the size limit cost, in the order it was given up. */
  readonly givenUp: readonly GivenUp[];
  readonly warnings: readonly MediaWarning[];
  /** What is heard that the film did not have. */
  readonly addedSound?: AddedSound;
  /** Wall seconds of the whole job, and seconds inside networks. */
  readonly seconds: number;
  readonly modelSeconds: number;
  /** Execution provider of the networks; absent when none ran. */
  readonly provider?: string;
}

/**
 * Restores a prepared clip to `output`, which appears whole or not at all.
 *
 * Rejects with `output.unwritable`, `output.disk-full`, `output.size-unreachable`, `input.corrupt` and the decoder's other
 * codes, `model.not-installed`, `model.hash-mismatch`, `device.failed`, the codes of `makeSound`, or `job.cancelled`; then
 * nothing is left behind: no file, no process, no thread.
 */
export async function restoreClip(
  prepared: PreparedRestore,
  output: string,
  options: RestoreOptions,
): Promise<RestoreReport> {
  await refuseSameFile([prepared.probe.path], output);
  const { plan } = prepared;
  if (plan.maxBytes !== undefined) refuseUnreachable(plan.maxBytes, plan.output);
  const { machine, signal } = options;
  // Every process, thread and run in flight listens to it: some dozen at a time, more would be a leak.
  setMaxListeners(64, signal);
  const scratch = await makeScratchFolder('lumiere-', options.scratchFolder);
  const pool = options.pool ?? createSessionPool({ ...providerOptions(machine), ...threadsOf(machine) });
  try {
    return await run(prepared, output, options, pool, scratch);
  } catch (error) {
    throw signal.aborted && !(error instanceof LumiereError)
      ? new LumiereError('job.cancelled', {}, { cause: error })
      : error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
    if (options.pool === undefined) await pool.close();
  }
}

const threadsOf = ({ threads }: Machine): { threads?: number } => (threads === undefined ? {} : { threads });

async function run(
  prepared: PreparedRestore,
  output: string,
  options: RestoreOptions,
  pool: SessionPool,
  scratch: string,
): Promise<RestoreReport> {
  const started = performance.now();
  const { probe, plan, sound } = prepared;
  const { signal, onProgress } = options;
  const warnings: MediaWarning[] = [...probe.warnings];
  const choice = chooseSound(probe, plan, sound);
  warnings.push(...choice.warnings);
  const meter = choice.kind === 'made' ? motionMeter() : undefined;
  let counts: Readonly<FrameCounts> = { real: 0, between: 0, held: 0, enlarged: 0 };
  let work: WorkDone = { modelMs: 0, provider: undefined, measured: undefined };
  const frames = restoredFrames(prepared, pool, options.machine, {
    signal,
    meter,
    onDone: (done) => {
      work = done;
    },
    onWarning: (warning) => void warnings.push(warning),
    onCounts: (now) => {
      counts = now;
      onProgress?.('restore', now.real + now.between + now.held, plan.output.frames);
    },
  });
  const fitting = {
    width: plan.output.width,
    height: plan.output.height,
    rate: plan.output.rate,
    signal,
    ...(await drawOverlay(plan, options.soundLabel, scratch)),
    ...grainOf(plan),
    ...(options.watermark && { luma: watermarkLayer(options.watermark, plan.output, plan.output.rate) }),
    onFitting: ({ done }: { done: number }): void => onProgress?.('fit', Math.round(done * 100), 100),
  };
  let fitted: Fitted;
  if (choice.kind === 'made') {
    fitted = await addSound(frames, output, {
      ...fitting,
      plan,
      request: choice.request,
      own: choice.own,
      motion: meter!.track,
      folder: scratch,
      onSound: (done) => onProgress?.('sound', Math.round(done * 100), 100),
    });
  } else {
    const own = choice.own === undefined ? {} : { sound: choice.own };
    const limit = plan.maxBytes === undefined ? {} : { maxBytes: plan.maxBytes };
    fitted = await encodeWithin(frames, { ...fitting, path: output, ...own, ...limit });
  }
  const seconds = (performance.now() - started) / 1000;
  const { modelMs, provider, measured } = work;
  if (provider !== undefined && measured !== undefined) {
    // A folder that cannot be written to costs the next plan its precision, not this job its result.
    await learnDeviceCosts(costsFile(options.machine), provider, measured).catch(() => undefined);
  }
  const added = addedSound(sound);
  const { path, bytes, width, height, rate, duration } = fitted;
  return {
    plan,
    output: { path, bytes, width, height, rate, frames: fitted.frames, duration },
    frames: counts,
    givenUp: fitted.givenUp,
    warnings: [...warnings, ...smallMark({ width, height }, options.watermark)],
    ...(added && { addedSound: added }),
    seconds,
    modelSeconds: modelMs / 1000,
    ...(provider !== undefined && { provider }),
  };
}

/** What is known when the last frame has come. */
interface WorkDone {
  readonly modelMs: number;
  readonly provider: string | undefined;
  readonly measured: MeasuredCosts | undefined;
}

/** Grain is the same every time: a clip that is restored again looks the same. */
const grainSeed = 1;

function grainOf({ grain, output }: RestorePlan): { filter?: string } {
  const filter = grain === undefined ? undefined : grainFilter({ strength: grain, seed: grainSeed }, output.height);
  return filter === undefined ? {} : { filter };
}

interface StreamOptions {
  readonly signal: AbortSignal;
  readonly meter: MotionMeter | undefined;
  readonly onWarning: (warning: MediaWarning) => void;
  readonly onCounts: (counts: Readonly<FrameCounts>) => void;
  readonly onDone: (work: WorkDone) => void;
}

/**
 * The clip's frames as they go into the encoder: everything between is one chain of stages that pull from each other.
 * The decoder is started before the networks are opened, and the encoder before the first frame is asked for: starting a
 * process copies this one's tables of memory, 3 ms while it is small and 20 ms with the networks in it.
 */
async function* restoredFrames(
  { probe, plan }: PreparedRestore,
  pool: SessionPool,
  machine: Machine,
  { signal, meter, onWarning, onCounts, onDone }: StreamOptions,
): AsyncGenerator<Frame> {
  const reduced = plan.working.width !== plan.source.width || plan.working.height !== plan.source.height;
  const decoded = begun(
    decodeFrames(probe, { filters: decoderFilters(plan), ...(reduced && { scale: plan.working }), signal, onWarning }),
  );
  let counts: Readonly<FrameCounts> = { real: 0, between: 0, held: 0, enlarged: 0 };
  const workshop = await openWorkshop(plan, pool, machine);
  try {
    const stages = [
      ...cleaningStages(plan),
      ...(meter === undefined ? [] : [motionTap(meter)]),
      changeFrameRate({
        rate: plan.output.rate,
        slowdown: rational(plan.slowMotion),
        duration: plan.source.duration,
        upscaler: workshop.upscaler,
        ...workshop.between,
        motionFrom: plan.between === 'interpolate' ? 'enlarged' : 'source',
        onCounts: (now) => {
          counts = now;
          onCounts(now);
        },
      }),
    ];
    yield* stages.reduce<AsyncIterable<Frame>>((frames, stage) => stage(frames, { signal }), decoded);
    const { provider } = workshop;
    const known = await loadDeviceCosts(costsFile(machine), provider ?? 'cpu');
    onDone({ modelMs: workshop.modelMs(), provider, measured: measureCosts(plan, workshop, counts, known) });
  } finally {
    await workshop.close();
  }
}
