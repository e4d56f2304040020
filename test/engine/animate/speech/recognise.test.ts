/** The ear: the model's format, the front end against the definitions, and the path through made-up prototypes. */
import { describe, expect, it } from 'vitest';

import { cepstra, featureStep, heardRate } from '../../../../src/engine/animate/speech/cepstrum.ts';
import { normalised } from '../../../../src/engine/animate/speech/normalise.ts';
import { recognise } from '../../../../src/engine/animate/speech/recognise.ts';
import {
  distanceTo,
  featureCount,
  loadVisemeModel,
  readVisemeModel,
  type VisemePrototype,
} from '../../../../src/engine/animate/speech/viseme-model.ts';
import { visemes, type Viseme } from '../../../../src/engine/animate/speech/viseme-poses.ts';
import { randomStream } from '../../../../src/engine/restore/sound/synth/noise.ts';
import { installForTest, testModelCache } from '../../../models.ts';

const recordBytes = 368;

/** One record: means all `mean`, and a diagonal inverse covariance of `precision`. */
function record(viseme: number, mean: number, precision: number): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.writeUInt16BE('a'.codePointAt(0)!, 0);
  bytes.writeUInt8(viseme, 7);
  for (let i = 0; i < featureCount; i++) bytes.writeFloatLE(mean, 8 + 4 * i);
  let at = 8 + 4 * featureCount;
  for (let i = 0; i < featureCount; i++)
    for (let j = 0; j <= i; j++, at += 4) bytes.writeFloatLE(i === j ? precision : 0, at);
  return bytes;
}

const prototype = (viseme: Viseme, mean: number): VisemePrototype =>
  readVisemeModel(record(visemes.indexOf(viseme), mean, 4))[0]!;
const vector = (value: number): Float32Array => new Float32Array(featureCount).fill(value);

describe('the viseme model', () => {
  it('is read record by record', () => {
    const [first, second] = readVisemeModel(Buffer.concat([record(3, 0.5, 1), record(14, -0.25, 4)]));
    expect([first!.viseme, second!.viseme]).toEqual([3, 14]);
    expect(second!.mean[11]).toBe(-0.25);
    // With a diagonal the squared distance is precision times squares; the determinant is their product.
    expect(distanceTo(first!, vector(1))).toBeCloseTo(12 * 0.25, 5);
    expect(distanceTo(second!, vector(0))).toBeCloseTo(12 * 4 * 0.0625, 5);
    expect(first!.breadth).toBeCloseTo(0, 5);
    expect(second!.breadth).toBeCloseTo(-12 * Math.log(4), 4);
  });

  it('takes what two coordinates have in common into account', () => {
    const bytes = record(0, 0, 1);
    // The triangle's second row begins after one number: element (1, 0).
    bytes.writeFloatLE(0.5, 8 + 4 * featureCount + 4);
    const [one] = readVisemeModel(bytes);
    const features = vector(0);
    features[0] = 2;
    features[1] = 3;
    expect(distanceTo(one!, features)).toBeCloseTo(4 + 9 + 2 * 0.5 * 6, 5);
    expect(one!.breadth).toBeCloseTo(-Math.log(1 - 0.25), 5);
  });

  it.each<[string, Buffer]>([
    ['half a record', record(0, 0, 1).subarray(0, 200)],
    ['nothing', Buffer.alloc(0)],
    ['a viseme that there is none of', record(15, 0, 1)],
    ['numbers that are none', record(0, NaN, 1)],
    ['a covariance that is none', record(0, 0, -1)],
  ])('is refused for %s', (_, bytes) => {
    expect(() => readVisemeModel(bytes)).toThrow(expect.objectContaining({ code: 'model.malformed' }));
  });

  it('of the catalogue has 39 prototypes, of every viseme', async () => {
    await installForTest('visemes-en');
    const model = await loadVisemeModel(testModelCache);
    expect(model).toHaveLength(39);
    expect(new Set(model.map(({ viseme }) => viseme)).size).toBe(15);
  });
});

describe('the front end', () => {
  /** HeadAudio's chain step by step, as slow as it reads: pre-emphasis, an accumulator that resamples, Fourier sums. */
  function byDefinition(sound: Float32Array, block: number): number[] {
    const [n, rate, bands, taps] = [512, 16_000, 40, 32];
    const ring: number[] = Array<number>(taps).fill(0);
    const samples: number[] = [];
    let [before, accumulated] = [0, 0];
    for (const value of sound) {
      ring.shift();
      ring.push(value - 0.97 * before);
      before = value;
      accumulated += rate / heardRate;
      if (accumulated < 1 - 1e-9) continue;
      const phase = Math.floor((accumulated - 1) * 64 + 1e-6) / 64;
      const sinc = (x: number): number => (x === 0 ? 0.9 : Math.sin(2 * Math.PI * 0.45 * x) / (Math.PI * x));
      samples.push(
        ring.reduce((sum, one, i) => {
          const window = 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (taps - 1));
          return sum + one * window * sinc(i - (taps - 1) / 2 - phase);
        }, 0),
      );
      accumulated -= 1;
    }
    const power = Array.from({ length: n / 2 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let i = 0; i < n; i++) {
        const x = samples[256 * block + i]! * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (n - 1)));
        re += x * Math.cos((2 * Math.PI * k * i) / n);
        im -= x * Math.sin((2 * Math.PI * k * i) / n);
      }
      return (re * re + im * im) / n;
    });
    const mel = (f: number): number => 2595 * Math.log10(1 + f / 700);
    const back = (m: number): number => 700 * (10 ** (m / 2595) - 1);
    const edge = (i: number): number =>
      Math.floor((back(mel(30) + ((mel(7800) - mel(30)) * i) / (bands + 1)) / rate) * n);
    const energies = Array.from({ length: bands }, (_, b) => {
      const [from, middle, to] = [edge(b), edge(b + 1), edge(b + 2)];
      let sum = 0;
      for (let k = from; k < middle; k++) sum += (power[k]! * (k - from)) / (middle - from);
      for (let k = middle; k < to; k++) sum += (power[k]! * (to - k)) / (to - middle);
      return Math.log10(sum + 1e-10);
    });
    return Array.from({ length: 12 }, (_, i) => {
      const part = (energy: number, b: number): number => energy * Math.cos((Math.PI * (i + 1) * (b + 0.5)) / bands);
      const sum = energies.reduce((total, energy, b) => total + part(energy, b), 0);
      return Math.sqrt(2 / bands) * sum * (1 + 11 * Math.sin((Math.PI * (i + 1)) / 22));
    });
  }

  it('gives what its definition gives, every 16 ms', async () => {
    const random = randomStream(5, 'noise');
    const sound = Float32Array.from({ length: 6000 }, (_, i) => random() - 0.5 + Math.sin(0.03 * i));
    const vectors = await cepstra(sound);
    expect(vectors).toHaveLength(Math.floor((4000 - 512) / (16_000 * featureStep)) + 1);
    for (const block of [0, 3, 12]) {
      byDefinition(sound, block).forEach((value, i) => {
        expect(vectors[block]![i]!).toBeCloseTo(value, 2);
      });
    }
  });
});

describe('recognising', () => {
  const prototypes = [prototype('aa', 0.8), prototype('I', -0.8), prototype('PP', 0)];
  const name = (path: Uint8Array): string[] => [...path].map((viseme) => visemes[viseme]!);

  it('finds what is spoken when, passes over a slip, and is silent where nothing is heard', async () => {
    const values = [...Array<number>(10).fill(0.8), ...Array<number>(10).fill(-0.8), ...Array<number>(10).fill(0.8)];
    values[5] = 0.35;
    const levels = values.map((_, k) => (k >= 24 ? 0 : 1));
    const path = name(await recognise(values.map(vector), levels, prototypes));
    expect(path.slice(0, 10)).toEqual(Array(10).fill('aa'));
    expect(path.slice(10, 20)).toEqual(Array(10).fill('I'));
    expect(path.slice(24)).toEqual(Array(6).fill('sil'));
  });

  it('takes a microphone out that colours everything', async () => {
    const spoken = Array.from({ length: 60 }, (_, k) => [0.8, -0.8, 0][Math.floor(k / 5) % 3]!);
    const levels = spoken.map(() => 1);
    const through = (colour: number): Float32Array[] =>
      spoken.map((value) => vector(Math.atanh(0.99 * value) + colour));
    const clean = name(await recognise(await normalised(through(0), levels, prototypes), levels, prototypes));
    const coloured = name(await recognise(await normalised(through(2.5), levels, prototypes), levels, prototypes));
    expect(clean.slice(0, 15)).toEqual([
      ...Array<string>(5).fill('aa'),
      ...Array<string>(5).fill('I'),
      ...Array<string>(5).fill('PP'),
    ]);
    expect(coloured).toEqual(clean);
  });
});
