/**
 * Warps pictures on worker threads, each a band of rows. Pictures and planes lie in shared memory that is used again:
 * fresh memory of a 2160-line frame costs more in page faults than the copy into it.
 */
import type { Worker } from 'node:worker_threads';
import type { Frame } from '../../frame.ts';
import { physicalCores } from '../../model/processor.ts';
import { startThread } from '../../thread.ts';
import type { PackedPicture } from './warp-kernel.ts';
import type { WarpDone, WarpTask } from './warp-thread.ts';

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

type Bands = (from: number, to: number, id: number) => WarpTask;

/** Starts `threads` workers (the physical cores when left out), which keep the process alive only while they work. */
export function createWarper(threads = Math.min(maxThreads, physicalCores())): Warper {
  const pending = new Map<number, { resolve: (done: WarpDone) => void; reject: (error: Error) => void }>();
  const packedOf = new Map<Frame, PackedPicture>();
  const spares: PackedPicture[] = [];
  let bytesRoom = new Uint8Array(new SharedArrayBuffer(0));
  let planesRoom = new Float32Array(new SharedArrayBuffer(0));
  let queue: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let threadMs = 0;
  let closed = false;

  function fail(error: Error): void {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  function start(): Worker {
    const worker = startThread(new URL('./warp-thread.ts', import.meta.url));
    worker.unref();
    worker.on('message', (done: WarpDone) => {
      const waiting = pending.get(done.id);
      pending.delete(done.id);
      if (pending.size === 0) for (const each of workers) each.unref();
      threadMs += done.ms;
      waiting?.resolve(done);
    });
    worker.on('error', fail);
    return worker;
  }
  const workers: Worker[] = Array.from({ length: threads }, start);

  async function inBands(height: number, task: Bands): Promise<void> {
    if (closed) throw new Error('the warper is closed');
    const rows = Math.ceil(height / workers.length);
    const busy = workers.slice(0, Math.ceil(height / rows));
    await Promise.all(
      busy.map(
        (worker, index) =>
          new Promise<WarpDone>((resolve, reject) => {
            lastId += 1;
            pending.set(lastId, { resolve, reject });
            worker.ref();
            worker.postMessage(task(index * rows, Math.min(height, (index + 1) * rows), lastId));
          }),
      ),
    );
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
    await inBands(height, (from, to, id) => ({ kind: 'pack', id, from, to, bytes, packed, width }));
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
    await inBands(height, (from, to, id) => ({ kind: 'warp', id, from, to, job, out }));
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
      await Promise.all(workers.map((worker) => worker.terminate()));
      packedOf.clear();
      spares.length = 0;
    },
  };
}
