/**
 * Where in a tile's spectrum the mark stands. A ring of frequencies, 8 to 24 cycles a tile: a quarter of them, chosen by the
 * key, have phases that the key alone tells (by them the tile is found); the others carry the code's signs, in an order and
 * turned by phases that the key tells. Nothing of it depends on the payload.
 */
import { openKeyStream } from './key-stream.ts';
import { codeLength } from './payload-code.ts';

/** Cycles a tile. Slower ones would be seen as blotches, faster ones are lost when a clip is made smaller. */
export const ring = { from: 8, to: 24 } as const;
const syncShare = 0.25;

/** One frequency of the ring; that of the opposite sign is its mirror, for the tile is real. */
export interface Frequency {
  readonly kx: number;
  readonly ky: number;
  /** Which band of the ring it falls into, 0 up to but not including `bands`. */
  readonly band: number;
  /** Cosine and sine of the key's phase. */
  readonly cos: number;
  readonly sin: number;
}

export interface DataFrequency extends Frequency {
  /** Which signs of the code its real and its imaginary part carry. */
  readonly signs: readonly [number, number];
}

/** Bands of one cycle's width. */
export const bands = ring.to - ring.from + 1;

export interface Layout {
  readonly sync: readonly Frequency[];
  readonly data: readonly DataFrequency[];
  readonly all: readonly Frequency[];
}

export function layoutOf(key: Uint8Array): Layout {
  const stream = openKeyStream(key, 'watermark layout');
  const places = stream.shuffle(ringPlaces());
  const all = places.map(({ kx, ky }): Frequency => {
    const phase = 2 * Math.PI * stream.unit();
    return { kx, ky, band: Math.round(Math.hypot(kx, ky)) - ring.from, cos: Math.cos(phase), sin: Math.sin(phase) };
  });
  const sync = all.slice(0, Math.round(all.length * syncShare));
  const carriers = all.slice(sync.length);
  const order = stream.shuffle([...Array(carriers.length * 2).keys()]);
  const signOf = new Uint16Array(order.length);
  for (const [index, place] of order.entries()) signOf[place] = index % codeLength;
  const data = carriers.map((frequency, index): DataFrequency => ({
    ...frequency,
    signs: [signOf[2 * index]!, signOf[2 * index + 1]!],
  }));
  return { sync, data, all: [...sync, ...data] };
}

/** Half of the ring's frequencies: one of each pair. */
function ringPlaces(): { kx: number; ky: number }[] {
  const places: { kx: number; ky: number }[] = [];
  for (let ky = 0; ky <= ring.to; ky++) {
    for (let kx = -ring.to; kx <= ring.to; kx++) {
      if (ky === 0 && kx <= 0) continue;
      const radius = Math.hypot(kx, ky);
      if (radius >= ring.from && radius <= ring.to) places.push({ kx, ky });
    }
  }
  return places;
}
