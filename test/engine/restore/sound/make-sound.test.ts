import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { encodeFrames } from '../../../../src/engine/media/encode.ts';
import { probe } from '../../../../src/engine/media/probe.ts';
import { clipSound, type SoundSource } from '../../../../src/engine/media/sound-source.ts';
import { rational, toNumber } from '../../../../src/engine/rational.ts';
import { findSound } from '../../../../src/engine/restore/sound/find-sound.ts';
import {
  makeSound,
  samplesOf,
  type MadeSound,
  type SoundJob,
} from '../../../../src/engine/restore/sound/make-sound.ts';
import { wavHeader } from '../../../../src/engine/restore/sound/pcm-file.ts';
import { mixSound } from '../../../../src/engine/restore/sound/mix.ts';
import { packTrack } from '../../../../src/engine/restore/sound/motion-track.ts';
import { ambienceNames, parseSound } from '../../../../src/engine/restore/sound/request.ts';
import { type Stereo, sampleRate } from '../../../../src/engine/restore/sound/synth/block.ts';
import { h264, makeClip, makeFile, picture, scratchFolder } from '../../../clips.ts';
import { correlation, decibels, ebur128, identical, power, samplesOfFile } from './listening.ts';
import { range, square, trackOf } from './pictures.ts';

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: folder, remove } = await scratchFolder());
});
afterAll(() => remove());

/** A train's picture: 3.7 s at 24.67 frames a second, something that crosses it and comes nearer. */
const rate = rational(74, 3);
const duration = rational(91 * 3, 74);
const track = trackOf(
  [...range(91)].map((i) => ({ ...square(i, 1, 30 + i, 60, 16 + i / 2), time: rational(i * 3, 74) })),
);

async function make(sound: string, more: Partial<SoundJob> = {}): Promise<MadeSound> {
  const request = parseSound(sound);
  if (request.kind === 'keep' || request.kind === 'none') throw new Error(`${sound} adds nothing`);
  return await makeSound({ request, duration, frameRate: rate, motion: track, folder, ...more });
}

async function ownSound(clip: string): Promise<SoundSource> {
  const { sound } = clipSound(await probe(clip));
  if (!sound) throw new Error('the clip has no sound');
  return sound;
}

/** A clip of 4 s with a sound of its own, given as an ffmpeg source. */
function clipWith(source: string, ...more: string[]): Promise<string> {
  const inputs = [...picture('testsrc2=size=64x48:rate=25:duration=4'), ...picture(source)];
  return makeClip('mkv', [...inputs, ...more, ...h264, '-c:a', 'flac', '-t', '4']);
}

/** The code and params with which something is refused. */
async function refusal(attempt: Promise<unknown>): Promise<{ code: string; params: unknown }> {
  const error: unknown = await attempt.then(
    () => new Error('was taken'),
    (reason: unknown) => reason,
  );
  if (error instanceof LumiereError) return { code: error.code, params: error.params };
  throw error;
}

describe('an ambience for a silent clip', () => {
  it.each(ambienceNames)('%s comes to -16 LUFS, peaks held, exact to the sample', async (name) => {
    const place = await mkdtemp(join(folder, 'mix-'));
    const output = join(place, 'sound.wav');
    const samples = samplesOf(duration);
    const added = {
      kind: 'ambience',
      name,
      seed: 3,
      path: join(place, 'added'),
      frameRate: 74 / 3,
      motion: packTrack(track),
    } as const;
    const mix = mixSound({ samples, added, output }, () => undefined);
    const { lufs, peak } = await ebur128(output);
    expect(Math.abs(lufs + 16)).toBeLessThan(1);
    expect(Math.abs(mix.loudness - lufs)).toBeLessThan(0.15);
    expect(peak).toBeLessThanOrEqual(-1);
    expect(mix.own).toBe('absent');
    const heard = await samplesOfFile(output);
    // 91 frames at 24.67 a second.
    expect(heard.left.length).toBe(177_081);
    expect(heard.left.every(Number.isFinite)).toBe(true);
    // It comes and goes at the ends without a click.
    for (const at of [0, heard.left.length - 1]) expect(Math.abs(heard.left[at]!)).toBeLessThan(0.001);
  });

  it('is made in its thread, byte for byte the same each time, and goes into the film', async () => {
    const progress: number[] = [];
    const made = await make('ambience:rain@9', {
      onProgress: (done) => {
        progress.push(done);
      },
    });
    const again = await make('ambience:rain@9');
    const other = await make('ambience:rain@10');
    const [a, b, c] = await Promise.all([made, again, other].map(({ source }) => readFile(source.path)));
    expect(a!.equals(b!)).toBe(true);
    expect(a!.equals(c!)).toBe(false);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((x, y) => x - y));
    // Nothing but the result is left.
    expect(await readdir(join(made.source.path, '..'))).toEqual(['sound.wav']);

    const film = join(folder, 'film.mp4');
    async function* frames() {
      for (const i of range(91))
        yield await Promise.resolve({ ...square(i, 1, 60, 60, 30), time: rational(i * 3, 74) });
    }
    await encodeFrames(frames(), { path: film, rate, width: 160, height: 120, sound: made.source });
    const { audio, video } = await probe(film);
    expect(video.duration).toEqual(duration);
    expect(Math.abs(toNumber(audio[0]!.duration!) - toNumber(duration))).toBeLessThan(0.011);
    const { lufs, peak } = await ebur128(film);
    expect(Math.abs(lufs + 16)).toBeLessThan(1);
    expect(peak).toBeLessThan(-0.5);
  });
});

describe('a clip that has sound', () => {
  const speechLike = 'aevalsrc=0.2*sin(2*PI*440*t)*(0.6+0.4*sin(2*PI*3*t)):sample_rate=48000:duration=4';

  it('keeps it 12 LU or more above the ambience', async () => {
    const clip = await clipWith(speechLike);
    const made = await make('ambience:street', { own: await ownSound(clip) });
    expect(made.own).toBe('real');
    expect(made.below).toBeGreaterThanOrEqual(12);
    // By ear: what is left of the mix when the clip's own sound is taken away.
    const [mixed, own] = [await samplesOfFile(made.source.path), await samplesOfFile(clip)];
    const count = mixed.left.length;
    const gain =
      correlation(mixed.left, own.left.subarray(0, count)) *
      Math.sqrt(power(mixed.left) / power(own.left.subarray(0, count)));
    const rest = join(folder, 'rest.f32');
    const interleaved = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) {
      interleaved[2 * i] = mixed.left[i]! - gain * own.left[i]!;
      interleaved[2 * i + 1] = mixed.right[i]! - gain * own.right[i]!;
    }
    await writeFile(rest, new Uint8Array(interleaved.buffer));
    const restWav = await makeWav(rest);
    const [whole, added] = [await ebur128(made.source.path), await ebur128(restWav)];
    expect(Math.abs(whole.lufs + 16)).toBeLessThan(1);
    expect(whole.peak).toBeLessThanOrEqual(-1);
    const ownLoudness = (await ebur128(clip, ['atrim=end=3.689'])).lufs + 20 * Math.log10(gain);
    expect(ownLoudness - added.lufs).toBeGreaterThanOrEqual(12);
    expect(ownLoudness - added.lufs).toBeLessThan(15);
  });

  it.each([
    ['after', 1.6],
    ['before', 0.8],
  ] as const)('whose track begins %s the picture keeps it in place, to the sample', async (when, seconds) => {
    // A click 1.2 s into a track that starts 0.4 s after the picture, or before it.
    const click = 'aevalsrc=0.5*eq(n\\,57600)+0.05*sin(2*PI*300*t)*gt(t\\,1.5):sample_rate=48000:duration=3.5';
    const clip = await makeClip('mkv', [
      ...(when === 'before' ? ['-itsoffset', '0.4'] : []),
      ...picture('testsrc2=size=64x48:rate=25:duration=4'),
      ...(when === 'after' ? ['-itsoffset', '0.4'] : []),
      ...picture(click),
      ...[...h264, '-c:a', 'flac', '-t', '4.4'],
    ]);
    const made = await make('ambience:vinyl', { own: await ownSound(clip) });
    expect(made.own).toBe('real');
    const { left } = await samplesOfFile(made.source.path);
    const loudest = left.reduce((best, value, i) => (Math.abs(value) > Math.abs(left[best]!) ? i : best), 0);
    expect(Math.abs(loudest - seconds * sampleRate)).toBeLessThanOrEqual(1);
  });

  it('that is near silence is taken for none', async () => {
    const clip = await clipWith('anoisesrc=amplitude=0.0003:color=white:sample_rate=48000:duration=4');
    const made = await make('ambience:wind', { own: await ownSound(clip) });
    expect(made.own).toBe('silent');
    expect(made.below).toBeUndefined();
    expect(Math.abs((await ebur128(made.source.path)).lufs + 16)).toBeLessThan(1);
  });
});

describe('a file as sound', () => {
  const tone = (seconds: number): Promise<string> =>
    makeClip('flac', [...picture(`sine=frequency=500:sample_rate=44100:duration=${seconds}`), '-ac', '1']);

  it('is cut to the clip and brought to -16 LUFS', async () => {
    const made = await make(await tone(6));
    expect(made.fit).toBe('cut');
    const sound = await samplesOfFile(made.source.path);
    expect(sound.left.length).toBe(samplesOf(duration));
    expect(Math.abs((await ebur128(made.source.path)).lufs + 16)).toBeLessThan(1);
    expect(level(sound, 3.6) - level(sound, 2)).toBeLessThan(-10);
    expect(identical(sound.left, sound.right)).toBe(true);
  });

  it('is repeated when it is too short', async () => {
    const made = await make(await tone(1));
    expect(made.fit).toBe('looped');
    const sound = await samplesOfFile(made.source.path);
    for (const at of range(26)) expect(Math.abs(level(sound, 0.1 + at / 10) - level(sound, 0.05))).toBeLessThan(3.5);
  });

  it('may be a film with sound, of which its sound is taken, under the own sound of the clip', async () => {
    const film = await clipWith('sine=frequency=1500:sample_rate=32000:duration=4');
    const clip = await clipWith('sine=frequency=300:sample_rate=48000:duration=4');
    const made = await make(film, { own: await ownSound(clip) });
    expect(made.below).toBeCloseTo(6, 0);
    expect(Math.abs((await ebur128(made.source.path)).lufs + 16)).toBeLessThan(1);
  });

  it('that cannot be used is refused with a code that names it', async () => {
    const missing = join(folder, 'no-such.wav');
    expect(await refusal(make(missing))).toEqual({ code: 'request.sound-not-found', params: { path: missing } });
    expect(await refusal(findSound(folder))).toMatchObject({ code: 'request.sound-not-found' });
    const mute = await makeClip('mp4', [...picture('testsrc2=size=64x48:rate=25:duration=1'), ...h264]);
    expect(await refusal(make(mute))).toEqual({ code: 'request.sound-without-audio', params: { path: mute } });
    const text = await makeFile('mp3', 'This is no music.\n'.repeat(100));
    const about = await refusal(make(text));
    expect(about.code).toMatch(/^input\./);
    expect(about.params).toMatchObject({ path: text });
    const empty = await makeFile('wav', '');
    expect(await refusal(make(empty))).toEqual({ code: 'input.empty', params: { path: empty } });
    const address = 'http://127.0.0.1:9/a.mp3';
    expect(await refusal(make(address))).toEqual({ code: 'request.sound-not-found', params: { path: address } });
  });
});

it('stops at once when the job is cancelled, and leaves nothing behind', async () => {
  const place = await mkdtemp(join(folder, 'cancel-'));
  const controller = new AbortController();
  const attempt = make('ambience:crowd', {
    folder: place,
    duration: rational(600),
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  });
  expect(await refusal(attempt)).toEqual({ code: 'job.cancelled', params: {} });
  expect(await readdir(place)).toEqual([]);
});

function level(sound: Stereo, at: number): number {
  return decibels(power(sound.left, at, at + 0.05));
}

/** The same samples as a WAV. */
async function makeWav(raw: string): Promise<string> {
  const bytes = await readFile(raw);
  const path = `${raw}.wav`;
  await writeFile(path, Buffer.concat([wavHeader(bytes.length / 8), bytes]));
  return path;
}
