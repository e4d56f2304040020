/** A short animation of known pixels: a bright square that goes round on a still, textured ground and ends where it began. */
import type { Frame } from '../../../../src/engine/frame.ts';
import { divide, multiply, rational, type Rational } from '../../../../src/engine/rational.ts';

export const size = { width: 161, height: 120 };

export async function* goingRound(count: number, rate: Rational): AsyncGenerator<Frame> {
  for (let index = 0; index < count; index += 1) {
    const angle = (2 * Math.PI * index) / count;
    const [left, top] = [Math.round(70 + 40 * Math.cos(angle)), Math.round(45 + 25 * Math.sin(angle))];
    const data = new Uint8Array(size.width * size.height * 3);
    for (let y = 0; y < size.height; y += 1) {
      for (let x = 0; x < size.width; x += 1) {
        const isIn = x >= left && x < left + 20 && y >= top && y < top + 20;
        const ground = 60 + 40 * Math.sin(x / 9) + 30 * Math.cos(y / 7);
        data.set(isIn ? [250, 200, 40] : [ground, ground + 10, ground + 40], (y * size.width + x) * 3);
      }
    }
    const time = multiply(rational(index), divide(rational(1), rate));
    yield await Promise.resolve({ format: 'rgb24', ...size, data, time });
  }
}
