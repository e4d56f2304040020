/**
 * How a picture is cut into tiles for a network that sees only so much of it: every tile has the same size, so that the
 * network's memory is planned once, and the part of each that is kept lies at least a margin away from the tile's own
 * edges, except where these are the picture's. Nothing here knows the network.
 */

/** A window of the source, and the part of it that is kept. All in source pixels. */
export interface Tile {
  readonly x: number;
  readonly y: number;
  /** Kept: columns `left` up to `right`, rows `top` up to `bottom` of the picture. The kept parts cover it exactly once. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Tiling {
  /** Size of every window. */
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly Tile[];
}

interface Span {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Windows of `size` along a side: neighbours overlap by at least two margins and meet in the middle of the overlap. */
function spans(side: number, size: number, margin: number): Span[] {
  const count = size >= side ? 1 : Math.ceil((side - 2 * margin) / (size - 2 * margin));
  const starts = Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * (side - size)) / (count - 1)),
  );
  const borders = starts.slice(1).map((start, index) => Math.floor((start + starts[index]! + size) / 2));
  return starts.map((start, index) => ({ start, from: borders[index - 1] ?? 0, to: borders[index] ?? side }));
}

/**
 * Tiles of at most `pixels` for a picture of `width` x `height`, wide rather than square (rows lie together in memory,
 * and a full-width tile has no seams at its sides).
 * @param margin source pixels by which tiles see beyond what they give; at least what one output pixel depends on
 */
export function tilePicture(width: number, height: number, pixels: number, margin: number): Tiling {
  const smallest = 4 * margin;
  const columns = Math.min(width, Math.max(smallest, Math.floor(pixels / Math.min(height, smallest))));
  // As many columns as are needed, of equal width, rather than one that is almost empty.
  const across = spans(width, columns, margin).length;
  const tileWidth = Math.min(width, Math.ceil((width - 2 * margin) / across) + 2 * margin);
  const rows = Math.min(height, Math.max(smallest, Math.floor(pixels / tileWidth)));
  const down = spans(height, rows, margin).length;
  const tileHeight = Math.min(height, Math.ceil((height - 2 * margin) / down) + 2 * margin);
  const tiles = spans(height, tileHeight, margin).flatMap((row) =>
    spans(width, tileWidth, margin).map((column): Tile => ({
      x: column.start,
      y: row.start,
      left: column.from,
      right: column.to,
      top: row.from,
      bottom: row.to,
    })),
  );
  return { width: tileWidth, height: tileHeight, tiles };
}
