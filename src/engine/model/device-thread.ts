/**
 * The main thread's end of one device's thread: sends requests, settles promises, and owns the memory that inputs are
 * copied into. That memory is used again for the next frame: copying a 2160-line frame (25 MB) into warm memory takes
 * 2 ms, into fresh memory 30 to 130 ms on a virtual machine where page faults are dear.
 */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startThread } from '../thread.ts';
import { createGate, shutGate } from './inference-gate.ts';
import type { DeviceSettings, Reply, Request, ThreadData } from './session-protocol.ts';
import { buffersOf, toSent } from './session-protocol.ts';
import type { ModelSource, Signature, Tensor, Tensors } from './session.ts';

/** The provider failed, or its thread died; the message is its own reason. */
export class DeviceFailure extends Error {
  override readonly name = 'DeviceFailure';
}

export interface RunResult {
  readonly outputs: Tensors;
  /** Milliseconds inside the network, measured in the device's thread. */
  readonly modelMs: number;
}

export interface OpenedSession {
  readonly id: number;
  readonly signature: Signature;
}

export interface DeviceThread {
  /** Why the thread is gone; undefined while it lives. */
  readonly failure: string | undefined;
  open(source: ModelSource): Promise<OpenedSession>;
  /** `feeds` must own their buffers, and are given away. Use {@link DeviceThread.copy} to make them. */
  run(
    session: number,
    feeds: Tensors,
    outputs: readonly string[] | undefined,
    signal?: AbortSignal,
  ): Promise<RunResult>;
  /** Copies tensors into memory that {@link DeviceThread.run} may give away. The sources must not change meanwhile. */
  copy(tensors: Tensors): Promise<Tensors>;
  closeSession(session: number): Promise<void>;
  /** Rejects what is pending, and resolves once the thread has ended: after the run under way. */
  stop(): Promise<void>;
}

/** Fresh memory is filled in pieces of this many bytes, one a turn of the event loop: page faults make it slow. */
const pieceBytes = 1 << 20;
/** How long a process that exits waits for an inference to end: whoever wants it to end in good order closes the pool. */
const patienceMs = 20_000;
/** Spare buffers kept for inputs to come. A network has at most a handful of inputs, of two or three sizes. */
const maxSpares = 6;

interface Pending {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

const sessionThread = new URL('./session-thread.ts', import.meta.url);

/** Starts the thread of one device, `entry` being its module. It keeps the process alive only while something is asked of it. */
export function startDeviceThread(settings: DeviceSettings, entry = sessionThread): DeviceThread {
  const gate = createGate();
  const worker = startThread(entry, { workerData: { settings, gate } satisfies ThreadData });
  const pending = new Map<number, Pending>();
  const spares: ArrayBuffer[] = [];
  let lastId = 0;
  let failure: string | undefined;
  let stopping = false;

  function keepSpares(tensors: Tensors): void {
    spares.unshift(...buffersOf(tensors));
    spares.length = Math.min(spares.length, maxSpares);
  }

  function settle(id: number): Pending | undefined {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0 && !stopping) worker.unref();
    return waiting;
  }

  function die(reason: string): void {
    failure ??= reason;
    for (const id of [...pending.keys()]) settle(id)?.reject(new DeviceFailure(failure));
    spares.length = 0;
  }

  const onExit = (): void => {
    // Past that, being killed is better than the abort that Node runs into, with its message and core dump.
    if (!shutGate(gate, patienceMs)) process.kill(process.pid, 'SIGKILL');
  };
  process.once('exit', onExit);

  worker.unref();
  worker.on('message', (reply: Reply) => {
    const waiting = settle(reply.id);
    if ('feeds' in reply) keepSpares(reply.feeds);
    if (reply.kind === 'failed') waiting?.reject(new DeviceFailure(reply.reason));
    else waiting?.resolve(reply);
  });
  worker.on('error', (error) => {
    die(error.message);
  });
  worker.on('messageerror', (error) => {
    die(error.message);
  });
  worker.on('exit', (code) => {
    process.off('exit', onExit);
    die(`the device's thread ended with code ${code}`);
  });

  function ask(request: Exclude<Request, { kind: 'stop' }>, transfer: ArrayBuffer[] = []): Promise<Reply> {
    if (failure !== undefined) return Promise.reject(new DeviceFailure(failure));
    return new Promise((resolve, reject) => {
      worker.ref();
      pending.set(request.id, { resolve, reject });
      worker.postMessage(request, transfer);
    });
  }

  async function expect<Kind extends Reply['kind']>(kind: Kind, asked: Promise<Reply>) {
    const reply = await asked;
    if (reply.kind !== kind) throw new Error(`expected a reply ${kind} but received ${reply.kind}`);
    return reply as Extract<Reply, { kind: Kind }>;
  }

  async function copyBytes(source: Uint8Array): Promise<ArrayBuffer> {
    const place = spares.findIndex((spare) => spare.byteLength === source.byteLength);
    const [spare] = place === -1 ? [] : spares.splice(place, 1);
    if (spare !== undefined) {
      new Uint8Array(spare).set(source);
      return spare;
    }
    const fresh = new Uint8Array(source.byteLength);
    for (let at = 0; at < source.byteLength; at += pieceBytes) {
      if (at > 0) await nextTurn();
      fresh.set(source.subarray(at, at + pieceBytes), at);
    }
    return fresh.buffer;
  }

  async function copyTensor(tensor: Tensor): Promise<Tensor> {
    const { dims } = tensor;
    const buffer = await copyBytes(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
    switch (tensor.type) {
      case 'float32':
        return { type: 'float32', dims, data: new Float32Array(buffer) };
      case 'uint8':
        return { type: 'uint8', dims, data: new Uint8Array(buffer) };
      case 'int32':
        return { type: 'int32', dims, data: new Int32Array(buffer) };
    }
  }

  return {
    get failure() {
      return failure;
    },

    async open(source) {
      const sent = toSent(source);
      const bytes = sent.model instanceof Uint8Array ? await copyBytes(sent.model) : undefined;
      const copied = bytes === undefined ? sent : { ...sent, model: new Uint8Array(bytes) };
      const request: Request = { kind: 'open', id: ++lastId, source: copied };
      const { id, signature } = await expect('opened', ask(request, bytes === undefined ? [] : [bytes]));
      return { id, signature };
    },

    async copy(tensors) {
      const copies: [string, Tensor][] = [];
      for (const [name, tensor] of Object.entries(tensors)) copies.push([name, await copyTensor(tensor)]);
      return Object.fromEntries(copies);
    },

    async run(session, feeds, outputs, signal) {
      signal?.throwIfAborted();
      const id = ++lastId;
      const request: Request = { kind: 'run', id, session, feeds, ...(outputs === undefined ? {} : { outputs }) };
      const asked = ask(request, buffersOf(feeds));
      const onAbort = (): void => {
        settle(id)?.reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        if (failure === undefined) worker.postMessage({ kind: 'cancel', id } satisfies Request);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        const reply = await expect('ran', asked);
        return { outputs: reply.outputs, modelMs: reply.modelMs };
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },

    async closeSession(session) {
      if (failure === undefined) await expect('closed', ask({ kind: 'close', id: ++lastId, session }));
    },

    async stop() {
      const gone = failure !== undefined;
      die('the device was closed');
      if (gone) return;
      stopping = true;
      worker.ref();
      const ended = once(worker, 'exit');
      worker.postMessage({ kind: 'stop' } satisfies Request);
      await ended;
    },
  };
}
