/** Looks through a camera against what geometry says they show. */
import { describe, expect, it } from 'vitest';

import { look, type View } from '../../../../src/engine/animate/camera/resample.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { centre, dot, drawn } from './made-pictures.ts';

const size = { width: 120, height: 80 };
const still: View = { x: 60, y: 40, zoom: 1, roll: 0 };
const seen = (picture: Picture, view: Partial<View>): Picture => ({
  ...size,
  data: look(picture, { ...still, ...view }, size),
});

describe('a look through the camera', () => {
  it('from straight before the picture is the picture, to the byte', () => {
    const picture = drawn(size.width, size.height, (x, y) => (x * 31 + y * 57 + ((x * y) % 13) * 9) % 256);
    expect(seen(picture, {}).data).toEqual(picture.data);
  });

  it('moves by fractions of a pixel, each step as long as the last', () => {
    const picture = dot(size.width, size.height, { x: 60, y: 40 });
    const places = Array.from({ length: 21 }, (_, step) => centre(seen(picture, { x: 60 - step * 0.13 })).x);
    places.forEach((place, step) => {
      expect(Math.abs(place - (60 + step * 0.13))).toBeLessThan(0.04);
    });
  });

  it('a crop to whole pixels would be seen as jitter by the same measure', () => {
    const picture = dot(size.width, size.height, { x: 60, y: 40 });
    const places = Array.from(
      { length: 21 },
      (_, step) => centre(seen(picture, { x: Math.round(60 - step * 0.13) })).x,
    );
    expect(Math.max(...places.map((place, step) => Math.abs(place - (60 + step * 0.13))))).toBeGreaterThan(0.3);
  });

  it('zooms about the point it looks at', () => {
    const picture = dot(size.width, size.height, { x: 70, y: 45 });
    const place = centre(seen(picture, { x: 62, y: 41, zoom: 1.5 }));
    expect(place.x).toBeCloseTo(60 + (70 - 62) * 1.5, 1);
    expect(place.y).toBeCloseTo(40 + (45 - 41) * 1.5, 1);
  });

  it('a camera that rolls clockwise turns the picture the other way', () => {
    const picture = dot(size.width, size.height, { x: 80, y: 40 });
    const angle = (6 * Math.PI) / 180;
    const place = centre(seen(picture, { roll: 6 }));
    expect(place.x).toBeCloseTo(60 + 20 * Math.cos(angle), 1);
    expect(place.y).toBeCloseTo(40 - 20 * Math.sin(angle), 1);
  });

  it('leans: the foot of the picture goes to the right against the sky', () => {
    const at = (y: number): number => centre(seen(dot(size.width, size.height, { x: 60, y }, 2), { lean: 8 })).x - 60;
    expect(at(10)).toBeCloseTo(-4, 0);
    expect(at(75)).toBeGreaterThan(3.5);
  });

  it('keeps more of fine detail than a picture mixed from two', () => {
    const picture = drawn(size.width, size.height, (x) => (Math.floor(x / 3) % 2 === 0 ? 60 : 190));
    const spread = ({ data }: Picture): number => {
      const row = [...data.subarray(40 * 360 + 60, 40 * 360 + 300)].filter((_, i) => i % 3 === 0);
      return Math.max(...row) - Math.min(...row);
    };
    const mixed = drawn(size.width, size.height, (x, y) => {
      const value = (at: number): number => picture.data[(y * size.width + Math.min(119, at)) * 3]!;
      return (value(x) + value(x + 1)) / 2;
    });
    expect(spread(seen(picture, { x: 60.5 }))).toBeGreaterThan(spread(mixed) * 0.99);
    expect(spread(seen(picture, { x: 60.5 }))).toBeGreaterThan(110);
  });

  it('cuts off what overshoots black and white, and never wraps around', () => {
    const picture = drawn(size.width, size.height, (x) => (Math.floor(x / 8) % 2 === 0 ? 0 : 255));
    const { data } = seen(picture, { x: 60.4, zoom: 1.07 });
    for (let u = 10; u < size.width - 10; u += 1) {
      const x = 60.4 + (u + 0.5 - 60) / 1.07;
      const inStripe = x % 8;
      if (inStripe < 1 || inStripe > 7) continue;
      const value = data[(40 * size.width + u) * 3]!;
      const isDark = Math.floor(x / 8) % 2 === 0;
      expect(isDark ? value : 255 - value).toBeLessThan(40);
    }
  });
});
