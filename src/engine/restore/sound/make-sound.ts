/** The sound of a restored clip when something is added to it: decoded by ffmpeg, synthesised and mixed in a thread of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LumiereError } from '../../errors.ts';
import { startFfmpeg } from '../../media/ffmpeg.ts';
import { soundInputOptions } from '../../media/encode-options.ts';
import type { SoundSource } from '../../media/sound-source.ts';
import { multiply, rational, type Rational, toNumber } from '../../rational.ts';
import { runThread } from '../../thread.ts';
import { aboutTheSound, findSound } from './find-sound.ts';
import { type MotionTrack, packTrack } from './motion-track.ts';
import type { SoundRequest } from './request.ts';
import type { AddedWork, SoundMix, SoundReply, SoundWork } from './sound-work.ts';
import { sampleRate } from './synth/block.ts';

export interface SoundJob {
  readonly request: Extract<SoundRequest, { kind: 'file' | 'ambience' }>;
  /** The clip's own sound, as `clipSound` gives it; left out when there is none or it is not to be heard. */
  readonly own?: SoundSource;
  /** Exact length of the restored clip in seconds. */
  readonly duration: Rational;
  /** Pictures a second of the film itself: what a projector would run at. */
  readonly frameRate: Rational;
  /** How the picture moves, in times of the restored clip; empty for a picture at rest. */
  readonly motion: MotionTrack;
  /** A folder for the result and, while it is made, twice its size beside it. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** Called with 0..1. */
  readonly onProgress?: (done: number) => void;
}

export interface MadeSound extends SoundMix {
  /** For `encodeFrames`: a WAV that begins with the first frame and ends with the last. Its file is the caller's to remove. */
  readonly source: SoundSource;
  readonly samples: number;
}

/** Samples of a clip of so many seconds, to the nearest. */
export function samplesOf(duration: Rational): number {
  return Math.round(toNumber(multiply(duration, rational(sampleRate))));
}

/**
 * Makes the sound. Rejects with the codes of `findSound`, with `input.…` codes (`path`) for a sound file that cannot be
 * decoded, `output.disk-full`, `tool.missing` or `job.cancelled`; then it leaves nothing behind.
 */
export async function makeSound(job: SoundJob): Promise<MadeSound> {
  const samples = samplesOf(job.duration);
  const folder = await mkdtemp(join(job.folder, 'sound-'));
  const output = join(folder, 'sound.wav');
  const [ownPath, addedPath] = [join(folder, 'own.f32'), join(folder, 'added.f32')];
  try {
    const added = await prepareAdded(job, addedPath);
    if (job.own) await decode(job.own, toNumber(job.duration) + 1, ownPath, job.signal);
    const work: SoundWork = { samples, added, output, ...(job.own && { own: ownPath }) };
    const mix = await mixInThread(work, job);
    await Promise.all([ownPath, addedPath].map((path) => rm(path, { force: true })));
    const source: SoundSource = {
      path: output,
      stream: 0,
      shift: rational(0),
      end: job.duration,
      copy: false,
      channels: 2,
    };
    return { ...mix, source, samples };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function prepareAdded(
  { request, duration, frameRate, motion, signal }: SoundJob,
  path: string,
): Promise<AddedWork> {
  if (request.kind === 'ambience') {
    return {
      kind: 'ambience',
      name: request.name,
      seed: request.seed,
      path,
      frameRate: toNumber(frameRate),
      motion: packTrack(motion),
    };
  }
  const found = await findSound(request.path, signal);
  const source: SoundSource = { path: found.path, stream: found.stream, shift: rational(0), copy: false, channels: 2 };
  await decode(source, toNumber(duration) + 1, path, signal).catch((error: unknown) => {
    throw aboutTheSound(error, request.path);
  });
  return { kind: 'file', path };
}

/** Decodes the first `seconds` of a track to raw 48 kHz stereo float32, laid on the clock of the picture from 0 on. */
async function decode(
  source: SoundSource,
  seconds: number,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // What is missing becomes silence, what comes before zero is cut; a gap of 10 ms is heard, a shorter one is rounding.
  const chain = `aresample=${sampleRate}:async=1:min_hard_comp=0.01:first_pts=0,atrim=end=${seconds.toFixed(6)}`;
  const tool = await startFfmpeg(
    [{ kind: 'file', path: source.path, options: soundInputOptions(source) }],
    [
      {
        target: { file: path },
        options: ['-map', `0:${source.stream}`, '-filter:a', chain, '-ac', '2', '-c:a', 'pcm_f32le', '-f', 'f32le'],
      },
    ],
    { side: 'input', signal },
  );
  await tool.ended;
}

/** Mixes in a thread, which a cancelled job ends at once. */
function mixInThread(work: SoundWork, { signal, onProgress }: SoundJob): Promise<SoundMix> {
  return runThread(new URL('./sound-thread.ts', import.meta.url), {
    name: 'the sound',
    workerData: work,
    signal,
    answerIn: (message: SoundReply) => {
      if (message.kind === 'made') return message.mix;
      if (message.kind === 'failed') {
        throw message.code ? new LumiereError(message.code, message.params) : new Error(message.reason);
      }
      onProgress?.(message.done);
      return undefined;
    },
  });
}
