/**
 * Worker thread that holds the ONNX Runtime sessions of one device. `InferenceSession.run` blocks its thread for the whole
 * of the inference (onnxruntime-node 1.30), which is why no other thread ever calls it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type * as ort from 'onnxruntime-node';
import { reasonOf } from './reason.ts';
import { createSession, fromRuntime, toRuntime } from './runtime.ts';
import type { DeviceSettings, Reply, Request } from './session-protocol.ts';
import { buffersOf } from './session-protocol.ts';
import type { Tensors } from './session.ts';

const port = parentPort;
if (port === null) throw new Error('session-thread runs as a worker thread only');
const settings = workerData as DeviceSettings;

const sessions = new Map<number, ort.InferenceSession>();
const queue: Request[] = [];
let working = false;

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
    const results = await session.run(inputs, request.outputs ?? session.outputNames);
    const modelMs = performance.now() - began;
    const outputs: Tensors = Object.fromEntries(
      Object.entries(results).map(([name, value]) => [name, fromRuntime(name, value)]),
    );
    reply({ kind: 'ran', id, outputs, feeds, modelMs }, [...buffersOf(outputs), ...buffersOf(feeds)]);
  } catch (error) {
    reply({ kind: 'failed', id, reason: reasonOf(error), feeds }, buffersOf(feeds));
  }
}

async function carryOut(request: Exclude<Request, { kind: 'cancel' }>): Promise<void> {
  if (request.kind === 'run') {
    await run(request);
    return;
  }
  try {
    if (request.kind === 'open') {
      const session = await createSession(settings, request.source);
      sessions.set(request.id, session);
      reply({ kind: 'opened', id: request.id, inputs: session.inputNames, outputs: session.outputNames });
    } else {
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      reply({ kind: 'closed', id: request.id });
    }
  } catch (error) {
    reply({ kind: 'failed', id: request.id, reason: reasonOf(error) });
  }
}

async function work(): Promise<void> {
  working = true;
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    if (request.kind !== 'cancel') await carryOut(request);
    // Lets a cancellation that came in during the run drop what is still queued.
    await new Promise(setImmediate);
  }
  working = false;
}

port.on('message', (request: Request) => {
  if (request.kind === 'cancel') {
    const place = queue.findIndex((queued) => queued.kind === 'run' && queued.id === request.id);
    const [dropped] = place === -1 ? [] : queue.splice(place, 1);
    if (dropped?.kind === 'run') {
      reply({ kind: 'dropped', id: dropped.id, feeds: dropped.feeds }, buffersOf(dropped.feeds));
    }
    return;
  }
  queue.push(request);
  if (!working) void work();
});
