/** Pictures whose look from any view is known without drawing it. */
import type { Picture } from '../../../../src/engine/picture.ts';

/** A picture of one formula for all three colours, 0 to 255. */
export function drawn(width: number, height: number, level: (x: number, y: number) => number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.fill(Math.round(level(x, y)), (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  return { width, height, data };
}

/** A soft white dot on black. */
export function dot(width: number, height: number, middle: { x: number; y: number }, radius = 4): Picture {
  return drawn(width, height, (x, y) => {
    const away = (x + 0.5 - middle.x) ** 2 + (y + 0.5 - middle.y) ** 2;
    return 250 * Math.exp(-away / (2 * radius * radius));
  });
}

/** Where the light of a picture is, on average. */
export function centre({ width, height, data }: Picture): { x: number; y: number } {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = data[(y * width + x) * 3 + 1]!;
      sum += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  return { x: sumX / sum, y: sumY / sum };
}
