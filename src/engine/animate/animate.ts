/** Animates a prepared photograph into a file: motion, faces, camera and encoder, all of them at work at once. */
import { setMaxListeners } from 'node:events';
import { rm } from 'node:fs/promises';

import { LumiereError } from '../errors.ts';
import { leastReadableScale } from '../label-size.ts';
import { encodeWithin, type Fitted } from '../media/fit.ts';
import { refuseSameFile } from '../media/output-place.ts';
import { beginPartialFile, makeScratchFolder, type PartialFile } from '../media/partial-file.ts';
import type { SessionPool } from '../model/session.ts';
import { watermarkLayer } from '../provenance/watermark/mark-frames.ts';
import type { Watermark } from '../provenance/watermark/watermark.ts';
import { multiply, rational, type Rational, toNumber } from '../rational.ts';
import { smallMark } from '../provenance/small-mark.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import type { ContactSheet } from './measure/contact-sheet.ts';
import { drawOverlay } from './output/overlay.ts';
import { writeLooping } from './output/looping-picture.ts';
import type { Picture } from '../picture.ts';
import type { PreparedAnimation } from './prepare.ts';
import type { AnimationReport, AnimationWarning } from './report.ts';
import { inputsOf } from './request.ts';
import { type Move, openMove } from './work-camera.ts';
import { enlargePhoto } from './work-enlarge.ts';
import { drawnPictures, shotPictures, timed } from './work-frames.ts';
import { moveFace } from './work-geometry.ts';
import { openLook, openSheet } from './work-look.ts';
import { makeMotion } from './work-motion.ts';
import { openPortrait } from './work-portrait.ts';
import { smoothed } from './work-smooth.ts';

/** What the work is busy with; sentences stand in the locale under `stage.<name>`. */
export type AnimationStage = 'follow' | 'listen' | 'enlarge' | 'animate' | 'write' | 'fit';

export interface AnimateOptions {
  readonly signal: AbortSignal;
  /** `done` of `total` frames, or of 100 where frames are not what is counted (`listen`, `enlarge`, `fit`). */
  readonly onProgress?: (stage: AnimationStage, done: number, total: number) => void;
  /** Where files lie that only last as long as the work; the system's temporary folder when left out. */
  readonly scratchFolder?: string;
  /** Runs the networks; that of `prepared` when left out. A pool that is given stays open. */
  readonly pool?: SessionPool;
  /** Where a picture grid of frames by time is written (PNG), with the result or not at all; nowhere when left out. */
  readonly contactSheet?: string;
  /** Marks every frame invisibly, once it is measured; none when left out. */
  readonly watermark?: Watermark;
}

/** Everything that one job holds. */
interface Job {
  readonly prepared: PreparedAnimation;
  readonly output: string;
  readonly options: AnimateOptions;
  readonly pool: SessionPool;
  readonly scratch: string;
  /** The contact sheet's. */
  readonly sheet?: PartialFile;
  readonly warnings: AnimationWarning[];
  readonly modelMs: Record<string, number>;
}

/**
 * Writes the animation to `output`, which appears whole or not at all; its ending does not matter, `request.format` does.
 * Rejects with `output.unwritable`, `output.disk-full`, `output.size-unreachable`, `request.invalid` when `output` or the
 * contact sheet is one of the inputs, the codes of the driving clip and the speech, `model.not-installed`, `device.failed` or
 * `job.cancelled`; then nothing is left behind.
 */
export async function animatePhoto(
  prepared: PreparedAnimation,
  output: string,
  options: AnimateOptions,
): Promise<AnimationReport> {
  const { signal, contactSheet } = options;
  const inputs = inputsOf(prepared.photoPath, prepared.request);
  await refuseSameFile(inputs, output);
  if (contactSheet !== undefined) await refuseSameFile([...inputs, output], contactSheet);
  // Every process, thread and run in flight listens to it: some dozen at a time, more would be a leak.
  setMaxListeners(64, signal);
  const scratch = await makeScratchFolder('lumiere-', options.scratchFolder);
  let sheet: PartialFile | undefined;
  try {
    const pool = options.pool ?? prepared.pool;
    // A place that takes no sheet is found before the work, and not when the result stands.
    if (contactSheet !== undefined) sheet = await beginPartialFile(contactSheet);
    const warnings = [...prepared.warnings];
    return await work({ prepared, output, options, pool, scratch, warnings, modelMs: {}, ...(sheet && { sheet }) });
  } catch (error) {
    throw signal.aborted && !(error instanceof LumiereError)
      ? new LumiereError('job.cancelled', {}, { cause: error })
      : error;
  } finally {
    await sheet?.discard();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function work(job: Job): Promise<AnimationReport> {
  const started = performance.now();
  const before = faceMs(job.prepared.networks);
  const { prepared, options, warnings } = job;
  const { request, machine, networks } = prepared;
  const { signal, onProgress } = options;
  const { photo, chosen, faces } = await enlarged(job);
  const made = await makeMotion(chosen, request, prepared.motion, {
    networks,
    modelsDir: machine.modelsDir,
    signal,
    ...(onProgress && { onProgress }),
  });
  warnings.push(...made.warnings);
  const [track] = made.tracks;
  const frames = track?.frames.length ?? prepared.motion.frames;
  const loops = track?.loops ?? prepared.motion.loops;
  const rate = multiply(track?.rate ?? prepared.motion.rate, rational(prepared.smoothing));
  const onWarning = (warning: AnimationWarning): void => void warnings.push(warning);
  const portrait = await openPortrait({
    photo,
    faces,
    chosen,
    tracks: made.tracks,
    lenders: prepared.lenders,
    request,
    machine,
    networks,
    pool: job.pool,
    signal,
  });
  let move: Move | undefined;
  try {
    const { loudness } = prepared.motion;
    const look = await openLook({ portrait, tracks: made.tracks, networks, signal, ...(loudness && { loudness }) });
    let pictures: AsyncIterable<Picture> = drawnPictures({
      portrait,
      tracks: made.tracks,
      frames: made.tracks.length > 0 ? frames : frames * prepared.smoothing,
      signal,
      onDrawn: (index, rendered) => look.see(index, rendered),
    });
    const count = frames * prepared.smoothing;
    if (prepared.smoothing > 1 && made.tracks.length > 0) {
      const { modelsDir } = machine;
      const onModelMs = (ms: number): void => void (job.modelMs['between'] = ms);
      const smooth = { size: photo, factor: prepared.smoothing, loops, modelsDir, signal, onModelMs };
      pictures = smoothed(pictures, job.pool, smooth);
    }
    const seconds = count / toNumber(rate);
    move = await openMove({ photo, faces: chosen, request, loops, seconds, networks, signal, onWarning });
    if (move !== undefined) pictures = shotPictures(pictures, { ...move, count, loops, signal });
    const { contactSheet } = options;
    const sheet =
      contactSheet === undefined
        ? undefined
        : openSheet({ photo, faces: chosen, frames: count, label: request.label, folder: job.scratch });
    const seen = reported(pictures, count, onProgress, sheet && job.sheet && { drawing: sheet, file: job.sheet });
    const fitted = await encode(job, seen, photo, rate);
    await job.sheet?.commit();
    const { measures, limits } = await look.report();
    const { path: place, bytes, width, height, duration } = fitted;
    return {
      output: {
        path: place,
        format: request.format,
        bytes,
        width,
        height,
        rate: fitted.rate,
        frames: fitted.frames,
        duration,
        loops,
        ...(contactSheet !== undefined && { contactSheet }),
      },
      motion: track?.source ?? 'none',
      faces: faces.map((face) => ({
        number: face.number,
        box: face.box,
        confidence: face.confidence,
        animated: chosen.includes(face) && made.tracks.length > 0,
      })),
      limits,
      measures: measures?.table ?? [],
      ...(measures && { realism: measures.realism }),
      warnings: [...warnings, ...smallMark({ width, height }, options.watermark)],
      givenUp: fitted.givenUp,
      seconds: (performance.now() - started) / 1000,
      modelSeconds: (faceMs(networks) - before + Object.values(job.modelMs).reduce((sum, ms) => sum + ms, 0)) / 1000,
      provider: networks.mesh.provider,
    };
  } finally {
    await Promise.all([portrait.close(), move?.camera.close()]);
  }
}

/** Milliseconds in the networks that look at faces, so far. */
function faceMs({ detector, mesh, attention, segmentation }: FaceNetworks): number {
  return [detector, mesh, attention, segmentation].reduce((sum, { modelMs }) => sum + modelMs, 0);
}

/** The photograph and its faces as large as the result. */
async function enlarged({ prepared, options, pool, modelMs }: Job) {
  const { photo, faces, chosen, enlargement, machine } = prepared;
  if (enlargement <= 1) return { photo, faces, chosen };
  const { signal, onProgress } = options;
  onProgress?.('enlarge', 0, 100);
  const larger = await enlargePhoto(photo, enlargement, pool, { machine, signal });
  onProgress?.('enlarge', 100, 100);
  modelMs['enlarge'] = larger.modelMs;
  const moved = new Map(faces.map((face) => [face, moveFace(face, enlargement, 0, 0)]));
  const those = (list: readonly Face[]): Face[] =>
    list.map((face) => moved.get(face) ?? moveFace(face, enlargement, 0, 0));
  return { photo: larger.photo, faces: those(faces), chosen: those(chosen) };
}

async function* reported(
  pictures: AsyncIterable<Picture>,
  total: number,
  onProgress: AnimateOptions['onProgress'],
  sheet: { readonly drawing: ContactSheet; readonly file: PartialFile } | undefined,
): AsyncGenerator<Picture> {
  let done = 0;
  for await (const picture of pictures) {
    await sheet?.drawing.see(done, picture);
    yield picture;
    done += 1;
    onProgress?.('animate', done, total);
  }
  // Before the encoder ends: a sheet that cannot be drawn leaves no result behind.
  await sheet?.drawing.write(sheet.file.path);
}

async function encode(job: Job, pictures: AsyncIterable<Picture>, photo: Picture, rate: Rational): Promise<Fitted> {
  const { prepared, output, options, scratch } = job;
  const { request, motion } = prepared;
  const { signal, onProgress } = options;
  const { maxBytes, format, caption, label } = request;
  const size = { width: photo.width, height: photo.height };
  const overlay = await drawOverlay({ label, ...caption }, size, scratch);
  const common = {
    path: output,
    rate,
    ...size,
    signal,
    overlay,
    ...(options.watermark && { luma: watermarkLayer(options.watermark, size, rate) }),
    ...(maxBytes !== undefined && { maxBytes, leastScale: leastReadableScale(overlay.labelHeight) }),
  };
  const clip = timed(pictures, rate);
  if (format !== 'mp4') {
    // It is made of a film in any case; under a limit more than once.
    const onWriting = (done: number): void => onProgress?.('write', Math.round(done * 100), 100);
    return await writeLooping(clip, { ...common, format, folder: scratch, onWriting });
  }
  return await encodeWithin(clip, {
    ...common,
    preset: 'veryfast',
    ...(motion.sound && { sound: motion.sound }),
    onFitting: ({ done }) => onProgress?.('fit', Math.round(done * 100), 100),
  });
}
