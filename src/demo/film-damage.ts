/**
 * What age and early cameras do to a film, as plain arithmetic on small grey frames: uneven light, falling-off corners,
 * grain, dust and scratches. Everything comes from one seeded generator, so the same seed gives the same film.
 */

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, good enough for dust. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed numbers, mean 0 and deviation 1 (Box and Muller, 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A value that wanders around 0 with deviation `deviation` and forgets by the factor `memory` each step. */
export function createDrift(random: Random, deviation: number, memory: number): () => number {
  let value = 0;
  const step = deviation * Math.sqrt(1 - memory * memory);
  return () => (value = memory * value + step * normal(random));
}

/** A scratch runs through many frames at nearly the same place; it wanders and fades. */
interface Scratch {
  x: number;
  framesLeft: number;
  readonly strength: number;
}

/**
 * Ages frames in order. Each call takes one grey frame of `width * height` bytes and returns the same size: exposure
 * flicker of about 7%, a vignette of a quarter stop or so, grain that is strongest in the mid-tones, dust, scratches.
 */
export function createFilmDamage(width: number, height: number, random: Random): (grey: Uint8Array) => Uint8Array {
  const flicker = createDrift(random, 0.07, 0.35);
  const vignette = vignetteOf(width, height);
  const scratches: Scratch[] = [];

  return (grey) => {
    const light = Math.max(0.75, 1 + flicker());
    const aged = new Float32Array(width * height);
    let before = 0;
    for (let i = 0; i < aged.length; i += 1) {
      const exposed = grey[i]! * light * vignette[i]!;
      // Old stock: lifted blacks, compressed whites.
      const toned = 18 + exposed * 0.86;
      const midTone = 1 - Math.abs(toned - 120) / 180;
      // A little of the neighbour's grain: clumps larger than a pixel, as a scan of a print shows them.
      const grain = normal(random);
      aged[i] = toned + (0.8 * grain + 0.45 * before) * 7.5 * midTone;
      before = grain;
    }
    scratch(aged, width, height, scratches, random);
    dust(aged, width, height, random);
    return Uint8Array.from(aged, (value) => Math.min(255, Math.max(0, Math.round(value))));
  };
}

function vignetteOf(width: number, height: number): Float32Array {
  const factors = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const dx = (x + 0.5) / width - 0.5;
      const dy = (y + 0.5) / height - 0.5;
      factors[y * width + x] = 1 - 0.55 * Math.max(0, Math.hypot(dx, dy) - 0.2);
    }
  }
  return factors;
}

function scratch(frame: Float32Array, width: number, height: number, scratches: Scratch[], random: Random): void {
  if (scratches.length < 2 && random() < 0.15) {
    scratches.push({ x: random() * width, framesLeft: 3 + Math.floor(random() * 12), strength: 30 + random() * 50 });
  }
  for (const line of scratches) {
    line.x += normal(random) * 0.4;
    line.framesLeft -= 1;
    const x = Math.round(line.x);
    if (x < 0 || x >= width) continue;
    for (let y = 0; y < height; y += 1) {
      if (random() < 0.93) frame[y * width + x]! += line.strength * (0.6 + 0.4 * random());
    }
  }
  for (let i = scratches.length - 1; i >= 0; i -= 1) if (scratches[i]!.framesLeft <= 0) scratches.splice(i, 1);
}

function dust(frame: Float32Array, width: number, height: number, random: Random): void {
  const specks = random() < 0.7 ? Math.floor(random() * 4) : 0;
  for (let speck = 0; speck < specks; speck += 1) {
    const [centreX, centreY] = [random() * width, random() * height];
    const [radiusX, radiusY] = [0.6 + random() * 1.6, 0.6 + random() * 1.6];
    const change = random() < 0.6 ? 110 : -70;
    for (let y = Math.max(0, Math.floor(centreY - 3)); y < Math.min(height, centreY + 3); y += 1) {
      for (let x = Math.max(0, Math.floor(centreX - 3)); x < Math.min(width, centreX + 3); x += 1) {
        const inside = 1 - Math.hypot((x - centreX) / radiusX, (y - centreY) / radiusY);
        if (inside > 0) frame[y * width + x]! += change * Math.min(1, inside * 2);
      }
    }
  }
}
