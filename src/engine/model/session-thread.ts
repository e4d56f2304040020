/**
 * Worker thread that holds the ONNX Runtime sessions of one device. `InferenceSession.run` blocks its thread for the whole
 * of the inference (onnxruntime-node 1.30), which is why no other thread ever calls it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type * as ort from 'onnxruntime-node';
import { leaveGate, throughGate } from './inference-gate.ts';
import { reasonOf } from './reason.ts';
import { createSession, describe, fromRuntime, toRuntime } from './runtime.ts';
import type { Reply, Request, ThreadData } from './session-protocol.ts';
import { buffersOf } from './session-protocol.ts';
import type { Tensors } from './session.ts';

const port = parentPort;
if (port === null) throw new Error('session-thread runs as a worker thread only');
const { settings, gate } = workerData as ThreadData;

const sessions = new Map<number, ort.InferenceSession>();
type Task = Extract<Request, { kind: 'open' | 'run' | 'close' }>;
const queue: Task[] = [];
let working = false;
let stopping = false;

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port!.postMessage(message, transfer);
}

async function run(request: Extract<Request, { kind: 'run' }>): Promise<void> {
  const { id, feeds } = request;
  try {
    const session = sessions.get(request.session);
    if (session === undefined) throw new Error('the session is closed');
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toRuntime(tensor)]));
    const began = performance.now();
    const results = await throughGate(gate, () => session.run(inputs, request.outputs ?? session.outputNames));
    const modelMs = performance.now() - began;
    const outputs: Tensors = Object.fromEntries(
      Object.entries(results).map(([name, value]) => [name, fromRuntime(name, value)]),
    );
    reply({ kind: 'ran', id, outputs, feeds, modelMs }, [...buffersOf(outputs), ...buffersOf(feeds)]);
  } catch (error) {
    reply({ kind: 'failed', id, reason: reasonOf(error), feeds }, buffersOf(feeds));
  }
}

async function carryOut(request: Task): Promise<void> {
  if (request.kind === 'run') {
    await run(request);
    return;
  }
  try {
    if (request.kind === 'open') {
      const session = await throughGate(gate, () => createSession(settings, request.source));
      sessions.set(request.id, session);
      reply({ kind: 'opened', id: request.id, signature: describe(session) });
    } else {
      await throughGate(gate, async () => sessions.get(request.session)?.release());
      sessions.delete(request.session);
      reply({ kind: 'closed', id: request.id });
    }
  } catch (error) {
    reply({ kind: 'failed', id: request.id, reason: reasonOf(error) });
  }
}

async function end(): Promise<void> {
  for (const session of sessions.values()) await throughGate(gate, () => session.release());
  process.exit();
}

async function work(): Promise<void> {
  working = true;
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    await carryOut(task);
    // Lets a message that came in during the run drop what is still queued.
    await new Promise(setImmediate);
  }
  working = false;
  if (stopping) await end();
}

function cancel(id: number): void {
  const place = queue.findIndex((task) => task.kind === 'run' && task.id === id);
  const [dropped] = place === -1 ? [] : queue.splice(place, 1);
  if (dropped?.kind === 'run') reply({ kind: 'dropped', id, feeds: dropped.feeds }, buffersOf(dropped.feeds));
}

port.on('message', (request: Request) => {
  if (request.kind === 'cancel') {
    cancel(request.id);
  } else if (request.kind === 'stop') {
    stopping = true;
    queue.length = 0;
    if (!working) void end();
  } else {
    queue.push(request);
    if (!working) void work();
  }
});
leaveGate(gate);
