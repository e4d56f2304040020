/** Small filters over single planes of a picture: blur, distance. Row-major, `width * height` values. */

/** Box blur with a running sum, `passes` times; the border repeats its last value. */
export function boxBlur(
  source: ArrayLike<number>,
  width: number,
  height: number,
  radius: number,
  passes = 1,
): Float32Array {
  const reach = Math.max(1, Math.round(radius));
  const share = 1 / (2 * reach + 1);
  let from = Float32Array.from(source);
  let to = new Float32Array(from.length);
  for (let pass = 0; pass < 2 * passes; pass++) {
    const isRows = pass % 2 === 0;
    const [lines, length, lineStep, step] = isRows ? [height, width, width, 1] : [width, height, 1, width];
    for (let line = 0; line < lines; line++) {
      const start = line * lineStep;
      const last = start + (length - 1) * step;
      let sum = 0;
      for (let i = -reach; i <= reach; i++) sum += from[start + Math.min(length - 1, Math.max(0, i)) * step]!;
      for (let i = 0, at = start; i < length; i++, at += step) {
        to[at] = sum * share;
        const enters = i + reach + 1 < length ? at + (reach + 1) * step : last;
        const leaves = i - reach > 0 ? at - reach * step : start;
        sum += from[enters]! - from[leaves]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Distance in pixels from each pixel to the nearest one whose mask is 0, which is 0 there (chamfer distance of Borgefors
 * 1986, weights 1 and √2). The border of the picture counts for nothing.
 */
export function distanceToZero(mask: ArrayLike<number>, width: number, height: number): Float32Array {
  const far = 1e9;
  const diagonal = Math.SQRT2;
  const distance = Float32Array.from(mask, (value) => (value > 0 ? far : 0));
  const near = (at: number, other: number, step: number): void => {
    const through = distance[other]! + step;
    if (through < distance[at]!) distance[at] = through;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (distance[at] === 0) continue;
      if (x > 0) near(at, at - 1, 1);
      if (y === 0) continue;
      near(at, at - width, 1);
      if (x > 0) near(at, at - width - 1, diagonal);
      if (x < width - 1) near(at, at - width + 1, diagonal);
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const at = y * width + x;
      if (distance[at] === 0) continue;
      if (x < width - 1) near(at, at + 1, 1);
      if (y === height - 1) continue;
      near(at, at + width, 1);
      if (x < width - 1) near(at, at + width + 1, diagonal);
      if (x > 0) near(at, at + width - 1, diagonal);
    }
  }
  return distance;
}
