/** Reads the invisible mark of a clip or a still, if it has one that was made with the key. */
import { LumiereError } from '../../errors.ts';
import { runThread } from '../../thread.ts';
import type { ReadWork } from './read-shots.ts';
import type { ReadAnswer } from './read-thread.ts';
import { sampleShots } from './sampled-shots.ts';
import type { WatermarkReading } from './watermark.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Seconds that decoding and searching may take together; default 90. */
  readonly seconds?: number;
}

/**
 * What the file at `path` carries under `key` (32 bytes): MP4, WebM, GIF and every other clip that `probe` takes, an animated
 * WebP, or a still picture that `loadPhoto` takes. Undefined where no mark is found. The search runs in a thread: 0.5 s for most
 * clips, some 3 s where there is nothing.
 *
 * Rejects as `probe`, `decodeFrames` and `loadPhoto` do, with `input.timeout` when `seconds` are over (then it is not known
 * whether there is a mark), and with `job.cancelled`. Throws a RangeError for a key of another length.
 */
export async function readWatermark(
  path: string,
  key: Uint8Array,
  { signal, seconds = 90 }: ReadOptions = {},
): Promise<WatermarkReading | undefined> {
  if (key.length !== 32) throw new RangeError(`expected a key of 32 bytes but received ${key.length}`);
  const deadline = AbortSignal.timeout(Math.round(seconds * 1000));
  const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  try {
    const { reading } = await search({ key, shots: await sampleShots(path, ended) }, ended);
    return reading;
  } catch (error) {
    if (!deadline.aborted || signal?.aborted === true) throw error;
    throw new LumiereError('input.timeout', { seconds }, { cause: error });
  }
}

/** Searches in a thread of its own, which a cancelled job or the deadline ends at once. */
const search = (work: ReadWork, signal: AbortSignal): Promise<ReadAnswer> =>
  runThread(new URL('./read-thread.ts', import.meta.url), {
    name: 'reading marks',
    workerData: work,
    signal,
    answerIn: (answer: ReadAnswer) => answer,
  });
