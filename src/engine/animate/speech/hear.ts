/** The sound of a file as mono samples, decoded by the guarded ffmpeg: what speech is read from. */
import { LumiereError } from '../../errors.ts';
import { startFfmpeg } from '../../media/ffmpeg.ts';
import { aboutTheSound, findSound, type FoundSound } from '../../restore/sound/find-sound.ts';
import { heardRate } from './cepstrum.ts';

export interface Heard {
  readonly source: FoundSound;
  /** Mono, `heardRate` samples a second, from the file's own time zero on. */
  readonly samples: Float32Array;
  /** Length of what is heard. */
  readonly seconds: number;
  /** True when there was more than `maxSeconds`. */
  readonly shortened: boolean;
}

export interface HearOptions {
  readonly signal: AbortSignal;
  /** What comes later is not heard. */
  readonly maxSeconds: number;
}

/** Below this peak (of 1) nothing is said: 54 dB under full scale. */
const silence = 0.002;

/**
 * Hears a file. Rejects with `input.not-found`, `input.empty`, `input.not-media`, `speech.no-sound`, `speech.silent`, another
 * `input.…` code, or `job.cancelled`.
 */
export async function hearFile(path: string, { signal, maxSeconds }: HearOptions): Promise<Heard> {
  const source = await findSound(path, signal).catch((error: unknown) => {
    throw ownCode(error, path);
  });
  // A little more than is wanted tells whether there is more; a file that understates its length cannot fill the memory.
  const end = maxSeconds + 0.5;
  const chain = `aresample=${heardRate}:async=1:min_hard_comp=0.01:first_pts=0,atrim=end=${end.toFixed(3)}`;
  const tool = await startFfmpeg(
    [{ kind: 'file', path: source.path, options: ['-vn', '-sn', '-dn'] }],
    [
      {
        target: 'pipe',
        options: ['-map', `0:${source.stream}`, '-filter:a', chain, '-ac', '1', '-c:a', 'pcm_f32le', '-f', 'f32le'],
      },
    ],
    { side: 'input', signal },
  );
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of tool.stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  await tool.ended.catch((error: unknown) => {
    throw aboutTheSound(error, path);
  });
  const length = Math.floor(bytes / 4);
  const shortened = length / heardRate > end - 0.05;
  const samples = new Float32Array(shortened ? Math.round(maxSeconds * heardRate) : length);
  new Uint8Array(samples.buffer).set(Buffer.concat(chunks).subarray(0, samples.byteLength));
  let peak = 0;
  for (let i = 0; i < samples.length; i++) {
    if (!Number.isFinite(samples[i])) samples[i] = 0;
    peak = Math.max(peak, Math.abs(samples[i]!));
  }
  if (peak < silence) throw new LumiereError('speech.silent', { path });
  // Coders pad the end: what the file itself says of its length holds.
  const seconds = Math.min(samples.length / heardRate, source.seconds ?? Infinity);
  return { source, samples, seconds, shortened };
}

/** A missing track or file, said of speech. */
function ownCode(error: unknown, path: string): unknown {
  if (!(error instanceof LumiereError)) return error;
  if (error.code === 'request.sound-without-audio')
    return new LumiereError('speech.no-sound', { path }, { cause: error });
  if (error.code === 'request.sound-not-found') return new LumiereError('input.not-found', { path }, { cause: error });
  return error;
}
