/** Puts a painted face back into the picture where its crop was cut out, fading out towards the crop's edge. */
import type { Crop } from '../face/crop.ts';
import type { Picture } from '../../picture.ts';
import { smoothStep } from '../smooth-step.ts';
import { paintedSide } from './signature.ts';

/** Share of the crop's side over which it fades: nothing at the edge, all of it from here on. */
const feather = 0.15;
/** Samples a side for each pixel of the picture, where the crop shrinks, at most. */
const mostSamples = 4;

/** How much of the painted face a place shows; `u` and `v` 0 to 1 across the crop. */
function shareOfPainted(u: number, v: number): number {
  return smoothStep(0, feather, Math.min(u, 1 - u, v, 1 - v));
}

/**
 * Writes the painted face over `picture`, in place. Pixels outside the crop are not touched.
 * @param painted 3 x 512 x 512, RGB in 0..1; what is outside is clipped.
 */
export function pasteBack(picture: Picture, crop: Crop, painted: Float32Array): void {
  const { width, height, data } = picture;
  const [cos, sin] = [Math.cos(crop.angle) / crop.size, Math.sin(crop.angle) / crop.size];
  const reach = (crop.size / 2) * (Math.abs(Math.cos(crop.angle)) + Math.abs(Math.sin(crop.angle)));
  const left = Math.max(0, Math.floor(crop.x - reach));
  const right = Math.min(width - 1, Math.ceil(crop.x + reach));
  const top = Math.max(0, Math.floor(crop.y - reach));
  const bottom = Math.min(height - 1, Math.ceil(crop.y + reach));
  const samples = Math.max(1, Math.min(mostSamples, Math.round(paintedSide / crop.size)));
  const plane = paintedSide * paintedSide;
  const colour = [0, 0, 0];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) {
      const [dx, dy] = [column - crop.x, row - crop.y];
      const share = shareOfPainted(0.5 + dx * cos + dy * sin, 0.5 + dy * cos - dx * sin);
      if (share === 0) continue;
      colour.fill(0);
      for (let j = 0; j < samples; j += 1) {
        for (let i = 0; i < samples; i += 1) {
          const [ax, ay] = [dx + (i + 0.5) / samples - 0.5, dy + (j + 0.5) / samples - 0.5];
          addSample(painted, plane, 0.5 + ax * cos + ay * sin, 0.5 + ay * cos - ax * sin, colour);
        }
      }
      const at = (row * width + column) * 3;
      for (let k = 0; k < 3; k += 1) {
        const value = 255 * Math.max(0, Math.min(1, colour[k]! / (samples * samples)));
        data[at + k] = Math.round(data[at + k]! * (1 - share) + value * share);
      }
    }
  }
}

function addSample(painted: Float32Array, plane: number, u: number, v: number, colour: number[]): void {
  const last = paintedSide - 1;
  const x = Math.max(0, Math.min(last, u * paintedSide - 0.5));
  const y = Math.max(0, Math.min(last, v * paintedSide - 0.5));
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - column, y - row];
  const a = row * paintedSide + column;
  const b = column < last ? a + 1 : a;
  const down = row < last ? paintedSide : 0;
  for (let k = 0; k < 3; k += 1) {
    const at = k * plane;
    const upper = painted[at + a]! * (1 - fx) + painted[at + b]! * fx;
    const lower = painted[at + a + down]! * (1 - fx) + painted[at + b + down]! * fx;
    colour[k]! += upper * (1 - fy) + lower * fy;
  }
}
