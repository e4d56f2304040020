/** Speech to motion, on sounds whose loudness is known and, where the shared media are, on a spoken sentence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { MotionFrame, MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { heardRate } from '../../../../src/engine/animate/speech/cepstrum.ts';
import { hearFile } from '../../../../src/engine/animate/speech/hear.ts';
import { type SpeechOptions, speechTrack } from '../../../../src/engine/animate/speech/speech-track.ts';
import { toNumber } from '../../../../src/engine/rational.ts';
import { h264, makeClip, makeFile, picture, scratchFolder } from '../../../clips.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { sharedMedia } from '../../../media.ts';
import { installForTest, testModelCache } from '../../../models.ts';
import { canonicalForTest } from '../rig/rig-test.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
let canonical: CanonicalFace;
beforeAll(async () => {
  await installForTest('visemes-en');
  canonical = await canonicalForTest();
});

const options: SpeechOptions = {
  style: 'speak',
  rate: { num: 25, den: 1 },
  signal: new AbortController().signal,
  modelsDir: testModelCache,
  seed: 1,
};

const wav = (seconds: number, source: string): Promise<string> =>
  makeClip('wav', [...picture(source), '-t', String(seconds), '-ac', '1', '-ar', '22050']);

/** A voice of sorts: a buzz of 120 Hz, on and off; each syllable as loud as the wave of its time says. */
const syllables = (seconds: number): Promise<string> =>
  wav(
    seconds,
    `aevalsrc='0.5*(mod(t*120,1)-0.5)*pow(max(0,sin(2*PI*2.1*t)),2)*(1-0.6*between(mod(t,1.9),0.95,1.9))*not(between(t,2.2,3.1))':s=22050`,
  );

/** How far the inner lips are apart beyond rest, centimetres. */
function openings(track: MotionTrack): number[] {
  const expressions = makeExpressions(canonical, canonical.points);
  return track.frames.map((frame) => {
    const { displacements } = expressions.of(frame);
    return displacements[3 * 14 + 1]! - displacements[3 * 13 + 1]!;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

/** Correlation of the mouth's opening with the sound's own RMS, and the lag in seconds at which it is best. */
async function against(path: string, track: MotionTrack, shift = 0): Promise<{ now: number; lag: number }> {
  const { samples } = await hearFile(path, { signal: options.signal, maxSeconds: 60 });
  const rms = (time: number): number => {
    const middle = Math.round(time * heardRate);
    let sum = 0;
    for (let i = middle - 480; i < middle + 480; i++) sum += (samples[i] ?? 0) ** 2;
    return Math.sqrt(sum / 960);
  };
  const mouth = openings(track);
  const at = (lag: number): number =>
    correlation(
      mouth,
      mouth.map((_, k) => Math.sqrt(rms(k / toNumber(track.rate) - lag - shift))),
    );
  let best = { lag: 0, value: -1 };
  for (let lag = -0.3; lag <= 0.3; lag += 0.01) if (at(lag) > best.value) best = { lag, value: at(lag) };
  return { now: at(0), lag: best.lag };
}

const blinks = ({ frames }: MotionTrack): number[] =>
  frames.flatMap(({ blendshapes }, k) => (blendshapes?.eyeBlinkLeft === 1 ? [k] : []));

describe('a voice', () => {
  it('opens the mouth in time with it, and keeps it shut in pauses', async () => {
    const path = await syllables(6);
    const { track, warnings } = await speechTrack(path, options);
    expect(warnings).toEqual([]);
    expect(track).toMatchObject({ relativeTo: 'photo', loops: false, source: 'speech', rate: options.rate });
    expect(track.frames).toHaveLength(150);
    const { now, lag } = await against(path, track);
    expect(now).toBeGreaterThan(0.7);
    expect(Math.abs(lag)).toBeLessThanOrEqual(0.06);
    const mouth = openings(track);
    expect(Math.max(...mouth)).toBeGreaterThan(0.3);
    expect(Math.max(...mouth.slice(60, 74))).toBeLessThan(0.03);
    // A voice that comes a fifth of a second later fits less well, and the lag shows it.
    const late = await against(path, track, 0.2);
    expect(late.now).toBeLessThan(now - 0.3);
    expect(Math.abs(late.lag + 0.2)).toBeLessThanOrEqual(0.07);
  });

  it('blinks in the pause, nods, and is the same each time', async () => {
    const path = await syllables(6);
    const [{ track }, again, other] = await Promise.all([
      speechTrack(path, options),
      speechTrack(path, options),
      speechTrack(path, { ...options, seed: 2 }),
    ]);
    expect(again.track).toEqual(track);
    expect(other.track).not.toEqual(track);
    for (const seed of [3, 4, 5, 6]) {
      const shut = blinks((await speechTrack(path, { ...options, seed })).track);
      expect(shut.some((k) => k >= 56 && k <= 76)).toBe(true);
      expect(shut.length).toBeLessThan(6);
    }
    const lowest = Math.min(...track.frames.map(({ head }) => head?.pitch ?? 0));
    expect(lowest).toBeLessThan(-0.8);
    for (const { blendshapes = {} } of track.frames)
      for (const weight of Object.values(blendshapes)) expect(weight >= 0 && weight <= 1).toBe(true);
  });

  it('follows the rate, the strength and the end that are asked for', async () => {
    const path = await syllables(6);
    const rate = { num: 30_000, den: 1001 };
    const { track } = await speechTrack(path, { ...options, rate });
    expect(track.frames).toHaveLength(180);
    const half = openings((await speechTrack(path, { ...options, strength: 0.5 })).track);
    const whole = openings((await speechTrack(path, options)).track);
    expect(Math.max(...half) / Math.max(...whole)).toBeCloseTo(0.5, 1);
    const short = await speechTrack(path, { ...options, maxSeconds: 2 });
    expect(short.track.frames).toHaveLength(50);
    expect(short.warnings).toEqual([{ code: 'speech.shortened', params: { seconds: 6, limit: 2 } }]);
  });

  it('that sings bobs on the beats', async () => {
    // A click and a tone, twice a second.
    const path = await wav(4, `aevalsrc='0.6*sin(2*PI*330*t)*exp(-7*mod(t,0.5))':s=22050`);
    const { track } = await speechTrack(path, { ...options, style: 'sing' });
    const pitch = track.frames.map(({ head }) => head?.pitch ?? 0);
    const beats = [1, 1.5, 2, 2.5, 3].map((time) => {
      const k = Math.round(time * 25);
      const around = Math.max(...pitch.slice(k - 7, k - 3));
      return around - Math.min(...pitch.slice(k - 1, k + 4));
    });
    expect(Math.min(...beats)).toBeGreaterThan(0.8);
  });

  it('is heard without holding the event loop', async () => {
    const path = await syllables(20);
    const blocking = await longestBlock(() => speechTrack(path, options), { except: /\bspawn\b/ });
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });
});

describe.each<{ what: string; make: () => Promise<string>; code: string }>([
  { what: 'silent audio', make: () => wav(2, 'anullsrc=r=22050:cl=mono'), code: 'speech.silent' },
  {
    what: 'text as audio',
    make: () => makeFile('wav', 'It was a dark and stormy night.\n'.repeat(40)),
    code: 'input.not-media',
  },
  { what: 'an empty file', make: () => makeFile('mp3', ''), code: 'input.empty' },
  { what: 'a file that is not there', make: () => Promise.resolve('/nowhere/at/all.wav'), code: 'input.not-found' },
  {
    what: 'a clip without sound',
    make: () => makeClip('mp4', [...picture('testsrc2=s=64x48:r=25:d=1'), '-pix_fmt', 'yuv420p']),
    code: 'speech.no-sound',
  },
])('$what', ({ make, code }) => {
  it(`is refused with ${code}`, async () => {
    await expect(speechTrack(await make(), options)).rejects.toMatchObject({ code });
  });
});

describe('a sound that is always there', () => {
  it.each([
    ['noise', 'anoisesrc=r=22050:a=0.3:seed=4'],
    ['a hum', 'sine=f=100:r=22050'],
  ])('as %s is, leaves the mouth shut and is told', async (_, source) => {
    const { track, warnings } = await speechTrack(await wav(3, source), options);
    expect(Math.max(...openings(track))).toBeLessThan(0.01);
    expect(warnings).toEqual([{ code: 'speech.steady', params: {} }]);
  });

  it('does not keep a voice over it from being heard', async () => {
    const voice = `0.5*(mod(t*120,1)-0.5)*pow(max(0,sin(2*PI*2.1*t)),2)*not(between(t,2.2,3.1))`;
    const { track, warnings } = await speechTrack(
      await wav(6, `aevalsrc='${voice}+0.02*(random(0)-0.5)':s=22050`),
      options,
    );
    const mouth = openings(track);
    expect(warnings).toEqual([]);
    expect(Math.max(...mouth)).toBeGreaterThan(0.3);
    expect(Math.max(...mouth.slice(60, 74))).toBeLessThan(0.03);
  });
});

describe('a clip', () => {
  it('speaks with its sound', async () => {
    const voice = `aevalsrc='0.5*(mod(t*120,1)-0.5)*pow(max(0,sin(2*PI*2.1*t)),2)':s=44100:d=1`;
    const clip = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=25:d=1'), ...picture(voice), ...h264]);
    const { track } = await speechTrack(clip, options);
    expect(track.frames).toHaveLength(25);
    expect(Math.max(...openings(track))).toBeGreaterThan(0.1);
  });

  it('is cancelled when nobody waits for it', async () => {
    await expect(
      speechTrack(await syllables(20), { ...options, signal: AbortSignal.timeout(30) }),
    ).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});

const sentence = sharedMedia('speech/grid-bbaf2n.mpg');
describe.skipIf(sentence === undefined)('a spoken sentence (needs ../shared/media/speech)', () => {
  it('"bin blue at f two now" moves the mouth with the voice, round on "blue", open on "now"', async () => {
    const { track } = await speechTrack(sentence!, options);
    const { now, lag } = await against(sentence!, track);
    expect(now).toBeGreaterThan(0.7);
    expect(Math.abs(lag)).toBeLessThanOrEqual(0.06);
    const at = (time: number): MotionFrame => track.frames[Math.round(time * 25)]!;
    expect(at(1.16).blendshapes?.mouthPucker ?? 0).toBeGreaterThan(0.1);
    expect(at(2.04).blendshapes?.jawOpen ?? 0).toBeGreaterThan(0.2);
    expect(
      openings(track)
        .slice(0, 12)
        .every((gap) => gap < 0.03),
    ).toBe(true);
  });
});
