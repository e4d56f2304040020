/**
 * Warps pictures on worker threads, each a band of rows. Pictures and planes lie in shared memory that is used again:
 * fresh memory of a 2160-line frame costs more in page faults than the copy into it.
 */
import type { Frame } from '../../frame.ts';
import { physicalCores } from '../../model/processor.ts';
import { type CalledThread, callThread } from '../../thread-calls.ts';
import type { PackedPicture } from './warp-kernel.ts';
import type { WarpCalls } from './warp-thread.ts';

export interface WarpPlanes {
  /** As `motionPlanes` of `motion-graph.ts`. */
  readonly planes: Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface Warper {
  /** Milliseconds of work so far, all threads side by side. */
  readonly wallMs: number;
  /**
   * The picture at `phase` between `left` and `right`, which have the same size: R G B bytes. Calls are carried out one
   * after another. A picture used in one of the last calls is not packed again.
   */
  warp(left: Frame, right: Frame, motion: WarpPlanes, phase: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The two neighbours, and the next that is about to replace one of them. */
const keptPictures = 3;
/** More threads than this wait for memory rather than work. */
const maxThreads = 8;

type WarpThread = CalledThread<WarpCalls>;

const entry = new URL('./warp-thread.ts', import.meta.url);

/** Starts `threads` workers (the physical cores when left out), which keep the process alive only while they work. */
export function createWarper(threads = Math.min(maxThreads, physicalCores())): Warper {
  const packedOf = new Map<Frame, PackedPicture>();
  const spares: PackedPicture[] = [];
  let bytesRoom = new Uint8Array(new SharedArrayBuffer(0));
  let planesRoom = new Float32Array(new SharedArrayBuffer(0));
  let queue: Promise<unknown> = Promise.resolve();
  let threadMs = 0;
  let closed = false;

  const workers = Array.from({ length: threads }, () => callThread<WarpCalls>(entry, { name: 'warping' }));

  async function inBands(
    height: number,
    work: (worker: WarpThread, from: number, to: number) => Promise<number>,
  ): Promise<void> {
    if (closed) throw new Error('the warper is closed');
    const rows = Math.ceil(height / workers.length);
    const busy = workers.slice(0, Math.ceil(height / rows));
    const spent = await Promise.all(
      busy.map((worker, index) => work(worker, index * rows, Math.min(height, (index + 1) * rows))),
    );
    threadMs += spent.reduce((sum, ms) => sum + ms, 0);
  }

  async function pack(frame: Frame): Promise<PackedPicture> {
    const known = packedOf.get(frame);
    if (known !== undefined) {
      // Moves it to the end: the first of the map is the one not used for longest.
      packedOf.delete(frame);
      packedOf.set(frame, known);
      return known;
    }
    const { width, height, data } = frame;
    if (packedOf.size >= keptPictures) {
      const [oldest] = packedOf.keys();
      spares.push(packedOf.get(oldest!)!);
      packedOf.delete(oldest!);
    }
    const spare = spares.pop();
    const packed = spare?.length === width * height ? spare : new Int32Array(new SharedArrayBuffer(width * height * 4));
    let bytes = data;
    if (!(data.buffer instanceof SharedArrayBuffer)) {
      if (bytesRoom.length !== data.length) bytesRoom = new Uint8Array(new SharedArrayBuffer(data.length));
      bytesRoom.set(data);
      bytes = bytesRoom;
    }
    await inBands(height, (worker, from, to) => worker.call('pack', { from, to, bytes, packed, width }));
    packedOf.set(frame, packed);
    return packed;
  }

  async function warpNow(left: Frame, right: Frame, motion: WarpPlanes, phase: number): Promise<Uint8Array> {
    const { width, height } = left;
    if (right.width !== width || right.height !== height) {
      throw new RangeError(`expected ${width}x${height} but received ${right.width}x${right.height}`);
    }
    const packed = { left: await pack(left), right: await pack(right) };
    if (planesRoom.length !== motion.planes.length) {
      planesRoom = new Float32Array(new SharedArrayBuffer(motion.planes.byteLength));
    }
    planesRoom.set(motion.planes);
    const size = { width, height, planesWidth: motion.width, planesHeight: motion.height };
    const job = { ...packed, ...size, planes: planesRoom, phase };
    const out = new Uint8Array(new SharedArrayBuffer(width * height * 3));
    await inBands(height, (worker, from, to) => worker.call('warp', { from, to, job, out }));
    return out;
  }

  return {
    get wallMs() {
      return threadMs / threads;
    },

    warp(left, right, motion, phase) {
      const result = queue.then(() => warpNow(left, right, motion, phase));
      queue = result.catch(() => undefined);
      return result;
    },

    async close() {
      closed = true;
      await queue;
      await Promise.all(workers.map((worker) => worker.close()));
      packedOf.clear();
      spares.length = 0;
    },
  };
}
