/** Fills polygons in small masks. */

/** Sets the pixels whose middle lies inside to `value`; even-odd, so the outline may be given either way round. */
export function fillPolygon(
  mask: Uint8Array,
  width: number,
  height: number,
  points: readonly (readonly [number, number])[],
  value: number,
): void {
  for (let y = 0; y < height; y += 1) {
    const crossings: number[] = [];
    for (const [i, [x0, y0]] of points.entries()) {
      const [x1, y1] = points[(i + 1) % points.length]!;
      if (y0 <= y === y1 <= y) continue;
      crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k]!));
      const to = Math.min(width - 1, Math.floor(crossings[k + 1]!));
      if (to >= from) mask.fill(value, y * width + from, y * width + to + 1);
    }
  }
}
