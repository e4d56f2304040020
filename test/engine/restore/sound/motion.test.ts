import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/engine/frame.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { motionCadence, motionEnvelope } from '../../../../src/engine/restore/sound/motion-envelope.ts';
import { motionMeter, motionTap, motionThumbnail, retimed } from '../../../../src/engine/restore/sound/motion-track.ts';
import { picture, range, square, trackOf } from './pictures.ts';

const rate = 16;

function series<T>(count: number, make: (i: number) => T): T[] {
  return [...range(count)].map(make);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the motion of a picture', () => {
  const left = (i: number): number => 30 + (100 * i) / 47;

  it('follows a square from left to right', () => {
    const envelope = motionEnvelope(trackOf(series(48, (i) => square(i, rate, left(i), 60, 36))));
    const pans = series(12, (i) => envelope.at(0.2 + i * 0.22).pan);
    expect(pans[0]).toBeLessThan(-0.35);
    expect(pans.at(-1)).toBeGreaterThan(0.35);
    for (let i = 1; i < pans.length; i++) expect(pans[i]).toBeGreaterThan(pans[i - 1]!);
    // 100 of 160 pixels in 47/16 s.
    expect(Math.abs(envelope.at(1.5).flow - 0.213)).toBeLessThan(0.05);
    expect(envelope.cuts).toEqual([]);
  });

  it('measures a speed below a pixel of its thumbnails', () => {
    const track = trackOf(series(32, (i) => square(i, rate, 60 + 0.5 * i, 60, 60)));
    const flows = track.slice(1).map(({ flow }) => flow);
    // Half a pixel of 160, a quarter of one of 80, at 16 frames a second: 0.05. Smoothing takes some of it.
    expect(mean(flows)).toBeGreaterThan(0.025);
    expect(mean(flows)).toBeLessThan(0.07);
  });

  it('tells coming near from going away', () => {
    const side = (i: number): number => 24 * 1.03 ** i;
    const nearing = motionEnvelope(trackOf(series(40, (i) => square(i, rate, 80, 60, side(i)))));
    const leaving = motionEnvelope(trackOf(series(40, (i) => square(i, rate, 80, 60, side(39 - i)))));
    expect(nearing.at(1.2).approach).toBeGreaterThan(0.3);
    expect(leaving.at(1.2).approach).toBeLessThan(-0.3);
    expect(nearing.at(2.2).nearness).toBeGreaterThan(nearing.at(0.8).nearness);
    expect(Math.abs(nearing.at(1.2).pan)).toBeLessThan(0.15);
  });

  it('sees more motion in a faster picture, and none in a still one', () => {
    const amountAt = (step: number): number =>
      motionEnvelope(trackOf(series(24, (i) => square(i, rate, 40 + step * i, 60, 40)))).at(0.7).amount;
    expect(amountAt(0)).toBe(0);
    expect(amountAt(1)).toBeGreaterThan(0.05);
    expect(amountAt(3)).toBeGreaterThan(1.5 * amountAt(1));
  });

  it('takes flicker and grain for no motion', () => {
    let seed = 1;
    const grain = (): number => ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5) * 16;
    const flickering = series(32, (i) => {
      const gain = 1 + 0.15 * Math.sin(i * 2.1);
      return picture(i, rate, (x, y) => gain * (110 + 60 * Math.sin(x / 11) * Math.cos(y / 8)) + grain());
    });
    expect(motionEnvelope(trackOf(flickering)).at(1).amount).toBeLessThan(0.05);
  });

  it('marks a cut once, where it is, and keeps the shots apart', () => {
    const frames = series(40, (i) =>
      i < 20
        ? square(i, rate, 30 + i, 40, 30)
        : picture(i, rate, (x, y) => 128 + 100 * Math.sin((x + 3 * (i - 20)) / 6) * Math.cos(y / 5)),
    );
    const envelope = motionEnvelope(trackOf(frames));
    expect(envelope.cuts).toEqual([20 / rate]);
    // A small square, then all of the picture moves: no trace of the second shot just before the cut.
    expect(envelope.at(20 / rate - 0.01).amount).toBeLessThan(0.6 * envelope.at(20 / rate + 0.01).amount);
  });

  it('believes the cuts that another stage has marked, and its word that there is none', () => {
    const frames = series(12, (i): Frame => ({
      ...(i < 6 ? square(i, rate, 40, 60, 40) : picture(i, rate, (x) => (x * 7) % 256)),
      startsShot: i === 9,
    }));
    expect(motionEnvelope(trackOf(frames)).cuts).toEqual([9 / rate]);
  });

  it('is not misled by held frames', () => {
    const moving = (i: number): Frame => square(i, rate, 40 + 2 * i, 60, 40);
    const plain = motionEnvelope(trackOf(series(24, moving)));
    const held = motionEnvelope(
      trackOf(series(48, (i) => ({ ...moving(Math.floor(i / 2)), time: rational(i, 2 * rate) }))),
    );
    expect(Math.abs(held.at(0.7).flow - plain.at(0.7).flow)).toBeLessThan(0.01);
    expect(Math.abs(held.at(0.7).amount - plain.at(0.7).amount)).toBeLessThan(0.02);
  });

  it('finds the cadence of a walk and when a foot comes down', () => {
    // Legs swing: what changes from frame to frame is least at each step, 1.9 times a second.
    let x = 40;
    const frames = series(60, (i) => {
      x += 2.2 * (1 - Math.cos(2 * Math.PI * 1.9 * (i / 20 - 0.1)));
      return square(i, 20, 20 + (x % 120), 60, 24);
    });
    const cadence = motionCadence(trackOf(frames).filter(({ cut }) => !cut));
    expect(cadence).toBeDefined();
    expect(Math.abs(cadence!.hz - 1.9)).toBeLessThan(0.08);
    const offBeat = ((((cadence!.phaseSeconds - 0.1) * 1.9) % 1) + 1) % 1;
    expect(Math.min(offBeat, 1 - offBeat)).toBeLessThan(0.2);
  });

  it('finds no cadence in steady motion', () => {
    expect(motionCadence(trackOf(series(48, (i) => square(i, rate, left(i), 60, 36))))).toBeUndefined();
  });

  it('stretches with slow motion', () => {
    const track = trackOf(series(24, (i) => square(i, rate, 40 + 2 * i, 60, 40)));
    const slow = motionEnvelope(retimed(track, 4));
    expect(slow.at(2.8).flow).toBeCloseTo(motionEnvelope(track).at(0.7).flow / 4, 2);
  });

  it('lets every frame through as it is', async () => {
    const frames = series(5, (i) => square(i, rate, 60, 60, 30));
    const meter = motionMeter();
    const out: Frame[] = [];
    async function* given(): AsyncGenerator<Frame> {
      for (const frame of frames) yield await Promise.resolve(frame);
    }
    for await (const frame of motionTap(meter)(given(), { signal: new AbortController().signal })) out.push(frame);
    expect(out).toHaveLength(frames.length);
    expect(out.every((frame, i) => frame === frames[i])).toBe(true);
    expect(meter.track.length).toBeGreaterThan(0);
  });

  it('reduces any frame to a small thumbnail of the same brightness', () => {
    for (const [width, height] of [
      [1920, 1080],
      [33, 500],
      [16, 16],
    ] as const) {
      const data = new Uint8Array(width * height * 3).map((_, i) => [200, 100, 50][i % 3]!);
      const luma = motionThumbnail({ format: 'rgb24', data, width, height, time: rational(0) });
      expect(luma.width).toBeLessThanOrEqual(80);
      expect(luma.height).toBeLessThanOrEqual(60);
      for (const value of luma.data) expect(value).toBeCloseTo(0.2126 * 200 + 0.7152 * 100 + 0.0722 * 50, 2);
    }
  });
});
