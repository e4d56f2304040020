/**
 * Keeps a process from ending while one of its threads is inside ONNX Runtime: Node ends its threads first, and when the
 * native call then returns to a thread that is no more, it aborts the process (onnxruntime-node 1.30, "terminate called
 * after throwing an instance of 'Napi::Error'").
 */

const open = 0;
const inside = 1;
const shut = 2;

/** Shared by a device's thread and the one that started it. */
export type Gate = Int32Array<SharedArrayBuffer>;

/** A gate that something is inside of: the thread that is about to start, until it calls {@link leaveGate}. */
export function createGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(inside);
}

/** Called in the device's thread once it has loaded the runtime. */
export function leaveGate(gate: Gate): void {
  Atomics.store(gate, 0, open);
  Atomics.notify(gate, 0);
}

/** Called in the device's thread: carries out `work`, unless the gate was shut; then it never settles, as nobody waits. */
export async function throughGate<Result>(gate: Gate, work: () => Promise<Result>): Promise<Result> {
  if (Atomics.compareExchange(gate, 0, open, inside) !== open) return new Promise(() => undefined);
  try {
    return await work();
  } finally {
    leaveGate(gate);
  }
}

/**
 * Called as the process exits: lets nothing in any more, and blocks until what is inside has come out, at most `timeoutMs`.
 * Returns whether the gate is shut.
 */
export function shutGate(gate: Gate, timeoutMs: number): boolean {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const before = Atomics.compareExchange(gate, 0, open, shut);
    if (before !== inside) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(gate, 0, inside, left);
  }
}
