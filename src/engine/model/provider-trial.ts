/**
 * Tries one execution provider, in processes of its own: does it load, does it compute rightly and by itself, and is it
 * any faster than the processor? WebGPU also runs on software that imitates a GPU, such as Mesa's lavapipe or Chromium's
 * SwiftShader, a hundred times slower than the CPU provider and with nothing but its speed to tell.
 */
import { encodeModel } from './import/onnx-codec.ts';
import { addFloats, addInput, addNode, addOutput, createGraph } from './import/onnx-graph.ts';
import { isWhole } from './placement.ts';
import { faultOfAnswer, makeProbe } from './probe.ts';
import { physicalCores } from './processor.ts';
import { reasonOf } from './reason.ts';
import type { ExecutionProvider, ModelSource, Tensors } from './session.ts';
import { TrialTimeout, tryNetwork } from './trial.ts';

/** What a trial found; with neither, the provider is good. */
export interface Verdict {
  /** Why it cannot be used. */
  readonly reason?: string;
  /** That it can be used, but why it should not be, unless the operator asks for it. */
  readonly slow?: string;
}

/** Loads and runs the probe there. Returns why the provider is no good, or undefined. */
export async function faultOfProvider(provider: ExecutionProvider): Promise<string | undefined> {
  const probe = makeProbe();
  try {
    const trial = await tryNetwork({ provider, threads: 1, source: probe.source, feeds: probe.feeds, runs: 1 });
    const strays = trial.placement.strays.map(({ op }) => op).join(', ');
    return (
      faultOfAnswer(probe, trial.outputs[probe.output]) ??
      (isWhole(trial.placement) ? undefined : `it leaves ${strays} to the CPU`)
    );
  } catch (error) {
    return reasonOf(error);
  }
}

const channels = 64;
const side = 80;

/** Two convolutions of the size that most of our work is: 0.94 thousand million operations, 20 to 40 ms on two cores. */
function speedTest(): { source: ModelSource; feeds: Tensors } {
  const graph = createGraph('speed test');
  const x = addInput(graph, 'x', 'float32', [1, channels, side, side]);
  const kernel = addFloats(graph, 'kernel', new Float32Array(channels * channels * 9).fill(1 / (channels * 9)), [
    channels,
    channels,
    3,
    3,
  ]);
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  addNode(graph, 'Conv', [addNode(graph, 'Conv', [x, kernel], attributes), kernel], attributes, 'y');
  addOutput(graph, 'y', 'float32', [1, channels, side, side]);
  const data = new Float32Array(channels * side * side).fill(0.5);
  return {
    source: { id: 'speed test', model: encodeModel(graph) },
    feeds: { x: { type: 'float32', dims: [1, channels, side, side], data } },
  };
}

/** Long enough for TensorRT to build its engine; a software GPU may take it all. */
const speedTimeoutMs = 30_000;

/** Milliseconds of the faster of two runs, once compiled; Infinity when it took too long to tell. */
async function speedOf(provider: ExecutionProvider): Promise<number> {
  const request = { provider, threads: physicalCores(), ...speedTest(), runs: 3 };
  try {
    const { runMs } = await tryNetwork(request, { timeoutMs: speedTimeoutMs });
    return Math.min(...runMs.slice(1));
  } catch (error) {
    if (error instanceof TrialTimeout) return Infinity;
    throw error;
  }
}

/** Says that the provider takes longer than the CPU, or undefined. A GPU is faster by far; twice allows for a busy machine. */
export function slowness(provider: ExecutionProvider, ms: number, cpuMs: number): string | undefined {
  if (ms <= 2 * cpuMs) return undefined;
  const times = `${Number.isFinite(ms) ? ms.toFixed(0) : `over ${speedTimeoutMs}`} ms to ${cpuMs.toFixed(0)} ms`;
  return `slower than the CPU (${times}): ${provider} runs on a software GPU or a very slow one`;
}

/** Takes about half a second for a provider that is missing, three for one that works. */
export async function tryProvider(provider: ExecutionProvider): Promise<Verdict> {
  const reason = await faultOfProvider(provider);
  if (reason !== undefined) return { reason };
  try {
    const slow = slowness(provider, await speedOf(provider), await speedOf('cpu'));
    return slow === undefined ? {} : { slow };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}
