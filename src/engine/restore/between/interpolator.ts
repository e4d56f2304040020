/**
 * Frames between two frames: motion is estimated once on the frames as they came, and the picture between is warped from
 * them or from any enlargement of them.
 */
import { LumiereError } from '../../errors.ts';
import type { Frame } from '../../frame.ts';
import type { ExecutionProvider, SessionPool, Tensor } from '../../model/session.ts';
import { motionPlanes, motionSize } from './motion-graph.ts';
import type { MotionRecipe } from './motion-recipe.ts';
import { createWarper } from './warper.ts';

/** What moves where between two frames, at one phase. */
export interface Motion {
  readonly phase: number;
  /** Size of the planes: that of the frames, over `reduce` where that is used. */
  readonly width: number;
  readonly height: number;
  /** Six planes one after another, as `motionPlanes` of `motion-graph.ts` names them. */
  readonly planes: Float32Array;
}

export interface InterpolatorOptions {
  /** Of the frames that motion is estimated on. */
  readonly width: number;
  readonly height: number;
  /** Estimate motion on frames reduced by this whole factor; {@link motionReduction} of the size when left out. */
  readonly reduce?: number;
  /** Worker threads for warping; the physical cores when left out. */
  readonly threads?: number;
}

export interface Interpolator {
  readonly provider: ExecutionProvider;
  /** Size of the planes, and of the mask of what stands still. */
  readonly planes: { readonly width: number; readonly height: number };
  /** Milliseconds in the network and in warping so far. */
  readonly modelMs: number;
  readonly warpMs: number;
  /**
   * Estimates motion between two frames of the size given in the options.
   * @param phase where between left (0) and right (1)
   * @param still 255 where a burnt-in overlay stands, one byte for each pixel of the planes; nothing moves there
   */
  motion(left: Frame, right: Frame, phase: number, options?: MotionOptions): Promise<Motion>;
  /** Warps two pictures of one size, any size, by a motion. Returns R G B bytes. */
  render(left: Frame, right: Frame, motion: Motion, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface MotionOptions {
  readonly still?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Motion is estimated at no more than about this many pixels. */
const motionPixels = 1280 * 720;

/** The whole factor by which frames of this size are reduced before motion is estimated. */
export function motionReduction(width: number, height: number): number {
  return Math.max(1, Math.ceil(Math.sqrt((width * height) / motionPixels) - 0.01));
}

/**
 * Opens the interpolation network for frames of one size.
 * @param rife path of RIFE v4.6's `.onnx` file
 * Rejects as `SessionPool.open` does. `motion` throws a RangeError for frames of another size.
 */
export async function createInterpolator(
  pool: SessionPool,
  rife: string,
  options: InterpolatorOptions,
): Promise<Interpolator> {
  const { width, height, reduce = motionReduction(width, height) } = options;
  const planesSize = motionSize({ width, height, reduce });
  const recipe: MotionRecipe = { rife, size: { width, height, reduce } };
  const session = await pool.open({
    id: 'motion',
    model: { module: new URL('./motion-recipe.ts', import.meta.url), options: recipe },
  });
  const warper = createWarper(options.threads);
  const nothingStill = new Uint8Array(planesSize.width * planesSize.height);

  function picture(frame: Frame): Tensor {
    if (frame.width !== width || frame.height !== height) {
      throw new RangeError(`expected ${width}x${height} but received ${frame.width}x${frame.height}`);
    }
    return { type: 'uint8', dims: [1, height, width, 3], data: frame.data };
  }

  return {
    provider: session.provider,
    planes: planesSize,
    get modelMs() {
      return session.modelMs;
    },
    get warpMs() {
      return warper.wallMs;
    },

    async motion(left, right, phase, { still = nothingStill, signal } = {}) {
      const feeds = {
        left: picture(left),
        right: picture(right),
        still: { type: 'uint8', dims: [1, planesSize.height, planesSize.width, 1], data: still },
        time: { type: 'float32', dims: [1], data: Float32Array.of(phase) },
      } as const;
      const { planes } = await session.run(feeds, signal === undefined ? {} : { signal });
      if (planes?.type !== 'float32') throw new TypeError(`expected ${motionPlanes.length} planes of float32`);
      return { phase, ...planesSize, planes: planes.data };
    },

    async render(left, right, motion, signal) {
      if (signal?.aborted) throw new LumiereError('job.cancelled');
      return warper.warp(left, right, motion, motion.phase);
    },

    async close() {
      await Promise.all([session.close(), warper.close()]);
    },
  };
}
