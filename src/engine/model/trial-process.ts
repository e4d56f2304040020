/**
 * Child process that tries one network on one execution provider. A process of its own, because a bad driver does not
 * throw: it aborts whoever loaded it. ONNX Runtime's profile names the provider that ran each node.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { reasonOf } from './reason.ts';
import { createSession, fromRuntime, toRuntime } from './runtime.ts';
import type { ListRequest, TrialReply, TrialRequest } from './trial.ts';

async function attempt(request: TrialRequest, folder: string): Promise<TrialReply> {
  const began = performance.now();
  const session = await createSession(request, request.source, join(folder, 'profile'));
  const openMs = performance.now() - began;

  const feeds = Object.fromEntries(Object.entries(request.feeds).map(([name, tensor]) => [name, toRuntime(tensor)]));
  const runMs: number[] = [];
  let results: ort.InferenceSession.ReturnType = {};
  for (let run = 0; run < request.runs; run += 1) {
    const runBegan = performance.now();
    results = await session.run(feeds);
    runMs.push(performance.now() - runBegan);
  }
  const outputs = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromRuntime(name, value)]));
  session.endProfiling();
  const [profile] = await readdir(folder);
  return {
    kind: 'tried',
    outputs,
    openMs,
    runMs,
    profile: profile === undefined ? '[]' : await readFile(join(folder, profile), 'utf8'),
  };
}

async function tryOut(request: TrialRequest): Promise<TrialReply> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-trial-'));
  try {
    return await attempt(request, folder);
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Nobody is left to answer.
process.once('disconnect', () => {
  process.exit();
});
process.once('message', (request: TrialRequest | ListRequest) => {
  const answer: Promise<TrialReply> =
    request.kind === 'try'
      ? tryOut(request)
      : Promise.resolve({ kind: 'offered', backends: ort.listSupportedBackends().map(({ name }) => name) });
  void answer.then((reply) => process.send?.(reply));
  // The parent ends this process once it has the answer: drivers have been seen to hang while they unload.
});
