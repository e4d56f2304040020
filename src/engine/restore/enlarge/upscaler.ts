/**
 * Enlarges frames: a network in tiles of bounded memory, then a Lanczos resampling where the size wanted is not a power
 * of two. Motion between frames is somebody else's business.
 */
import sharp from 'sharp';
import { LumiereError } from '../../errors.ts';
import type { Frame } from '../../frame.ts';
import type { ExecutionProvider, Session, SessionPool } from '../../model/session.ts';
import { guardReach } from './enlarge-graph.ts';
import type { EnlargeRecipe, EnlargingModel } from './enlarge-recipe.ts';
import { type Tile, tilePicture } from './tiles.ts';
import type { Size } from '../../size.ts';

export interface UpscalerOptions {
  /** Of the frames that come in. */
  readonly width: number;
  readonly height: number;
  /** Of the frames that come out. */
  readonly outputWidth: number;
  readonly outputHeight: number;
  /** Gives the look. Without it frames are resampled with Lanczos. */
  readonly network?: EnlargingModel;
  /** Keeps `network` close to the source; see `enlarge-graph.ts`. */
  readonly faithful?: EnlargingModel;
  /** Tempers how much noise `network` takes out; see `enlarge-recipe.ts`. */
  readonly twin?: NonNullable<EnlargeRecipe['twin']>;
  /** How much of `network` is shown where it agrees with the source, 0..1. 1 when left out. */
  readonly share?: number;
  /** Standard deviation of noise still in the frames, in levels. 0 when left out. */
  readonly noise?: number;
  /** Largest tile, in source pixels; {@link tilePixels} of the provider when left out. */
  readonly tilePixels?: number;
}

export interface Upscaler {
  readonly width: number;
  readonly height: number;
  /** Undefined when no network runs. */
  readonly provider: ExecutionProvider | undefined;
  /** Milliseconds in the network so far. */
  readonly modelMs: number;
  /** Source pixels that the network has seen so far, those in overlaps more than once. */
  readonly modelPixels: number;
  /**
   * The frame enlarged, with its time and its cut mark. At equal sizes, the frame itself.
   * Throws a RangeError for a frame of another size; rejects with `job.cancelled` when the signal is aborted.
   */
  upscale(frame: Frame, signal?: AbortSignal): Promise<Frame>;
  close(): Promise<void>;
}

/**
 * Source pixels in a tile. On the CPU general-x4v3 with its guard takes 3.4 KB of memory for each, 420 MB here, and its
 * speed does not depend on the size (18 to 20 us of one core a pixel from 96x96 to 640x264).
 */
export function tilePixels(provider: ExecutionProvider): number {
  return provider === 'cpu' ? 128_000 : 512_000;
}

/**
 * Source pixels that a tile sees beyond what it gives. The field of general-x4v3 is 34 pixels and the guard's 8, but on a
 * street scene no byte changed by more than 1 level further than 22 pixels from a tile's edge.
 */
const tileMargin = 16 + guardReach;

/** The larger of the ratios of the two sides: what the network must at least reach. */
function wantedFactor({ width, height, outputWidth, outputHeight }: UpscalerOptions): number {
  return Math.max(outputWidth / width, outputHeight / height);
}

async function openNetwork(pool: SessionPool, options: EnlargeRecipe): Promise<Session> {
  const id = [options.network.id, options.faithful?.id].filter((name) => name !== undefined).join('+');
  return pool.open({ id, model: { module: new URL('./enlarge-recipe.ts', import.meta.url), options } });
}

function copyRows(
  from: Uint8Array,
  to: Uint8Array,
  rows: number,
  row: (index: number) => [number, number, number],
): void {
  for (let index = 0; index < rows; index += 1) {
    const [source, target, bytes] = row(index);
    to.set(from.subarray(source, source + bytes), target);
  }
}

/** The window of `picture` that a tile sees. */
function cutTile(picture: Frame, tile: Tile, width: number, height: number): Uint8Array {
  const window = new Uint8Array(width * height * 3);
  copyRows(picture.data, window, height, (y) => [
    ((tile.y + y) * picture.width + tile.x) * 3,
    y * width * 3,
    width * 3,
  ]);
  return window;
}

async function resample(data: Uint8Array, from: Size, to: Size): Promise<Uint8Array> {
  const { width, height } = from;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
}

/** Opens an upscaler for frames of one size. Rejects as `SessionPool.open` does. */
export async function createUpscaler(pool: SessionPool, options: UpscalerOptions): Promise<Upscaler> {
  const { width, height, outputWidth, outputHeight, network, faithful, twin, share = 1, noise = 0 } = options;
  const output = { width: outputWidth, height: outputHeight };
  const factor = wantedFactor(options);
  const scale = factor <= 2 ? 2 : 4;
  const session =
    network === undefined || factor <= 1
      ? undefined
      : await openNetwork(pool, { network, share, scale, noise, ...(faithful && { faithful }), ...(twin && { twin }) });
  let modelPixels = 0;

  async function enlarge(frame: Frame, running: Session, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const tiling = tilePicture(width, height, options.tilePixels ?? tilePixels(running.provider), tileMargin);
    const whole = tiling.tiles.length === 1;
    const wide = width * scale;
    const picture = new Uint8Array(whole ? 0 : wide * height * scale * 3);
    for (const tile of tiling.tiles) {
      const data = whole ? frame.data : cutTile(frame, tile, tiling.width, tiling.height);
      const feeds = { picture: { type: 'uint8', dims: [1, tiling.height, tiling.width, 3], data } } as const;
      const { enlarged } = await running.run(feeds, signal === undefined ? {} : { signal });
      if (enlarged?.type !== 'uint8') throw new TypeError('expected an enlarged picture of bytes');
      modelPixels += tiling.width * tiling.height;
      if (whole) return enlarged.data;
      const { left, right, top, bottom, x, y } = tile;
      copyRows(enlarged.data, picture, (bottom - top) * scale, (row) => [
        (((top - y) * scale + row) * tiling.width + (left - x)) * scale * 3,
        ((top * scale + row) * wide + left * scale) * 3,
        (right - left) * scale * 3,
      ]);
    }
    return picture;
  }

  return {
    ...output,
    provider: session?.provider,
    get modelMs() {
      return session?.modelMs ?? 0;
    },
    get modelPixels() {
      return modelPixels;
    },

    async upscale(frame, signal) {
      if (signal?.aborted) throw new LumiereError('job.cancelled');
      if (frame.width !== width || frame.height !== height) {
        throw new RangeError(`expected ${width}x${height} but received ${frame.width}x${frame.height}`);
      }
      if (outputWidth === width && outputHeight === height) return frame;
      let data = frame.data;
      let size: Size = frame;
      if (session !== undefined) {
        data = await enlarge(frame, session, signal);
        size = { width: width * scale, height: height * scale };
      }
      if (size.width !== outputWidth || size.height !== outputHeight) data = await resample(data, size, output);
      return { ...frame, ...output, data };
    },

    async close() {
      await session?.close();
    },
  };
}
