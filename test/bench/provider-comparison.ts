/**
 * Runs one network on an execution provider and on the CPU, with the same small pictures, and says how far apart the
 * answers are and whether the network stayed whole.
 */
import type { OnnxGraph } from '../../src/engine/model/import/onnx-graph.ts';
import { isWhole, type Placement } from '../../src/engine/model/placement.ts';
import type { ExecutionProvider, ModelSource, Tensor, Tensors } from '../../src/engine/model/session.ts';
import { tryNetwork } from '../../src/engine/model/trial.ts';

/** Outputs further apart than this do not come from the same network: 60 dB is a fifth of an 8-bit level, root mean square. */
export const requiredPsnr = 60;

export interface OutputComparison {
  readonly name: string;
  /** Largest difference, in the output's own unit. */
  readonly maxError: number;
  /** In dB, against the largest magnitude in the CPU's output; Infinity when equal. */
  readonly psnr: number;
}

export interface ProviderComparison {
  readonly network: string;
  readonly provider: ExecutionProvider;
  readonly outputs: readonly OutputComparison[];
  readonly placement: Placement;
  /** Milliseconds of the first run, which compiles shaders, and of the last. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly cpuMs: number;
  readonly agrees: boolean;
  readonly whole: boolean;
}

function compareOutputs(name: string, reference: Tensor, answer: Tensor | undefined): OutputComparison {
  if (answer?.data.length !== reference.data.length) return { name, maxError: Infinity, psnr: -Infinity };
  let [maxError, squares, peak] = [0, 0, 0];
  for (const [index, value] of reference.data.entries()) {
    const error = Math.abs(value - answer.data[index]!);
    squares += error * error;
    if (!(error <= maxError)) maxError = error;
    peak = Math.max(peak, Math.abs(value));
  }
  const mean = squares / reference.data.length;
  return { name, maxError, psnr: mean === 0 ? Infinity : 10 * Math.log10((peak * peak) / mean) };
}

export interface ComparisonOptions {
  readonly provider?: ExecutionProvider;
  readonly runs?: number;
  /** Of each of the two trials: a software GPU takes its time. */
  readonly timeoutMs?: number;
}

export async function compareProviders(
  source: ModelSource,
  feeds: Tensors,
  { provider = 'webgpu', runs = 2, timeoutMs = 300_000 }: ComparisonOptions = {},
): Promise<ProviderComparison> {
  const request = { source, feeds, runs, threads: 2 };
  const reference = await tryNetwork({ ...request, provider: 'cpu' }, { timeoutMs });
  const trial = await tryNetwork({ ...request, provider }, { timeoutMs });
  const outputs = Object.entries(reference.outputs).map(([name, tensor]) =>
    compareOutputs(name, tensor, trial.outputs[name]),
  );
  return {
    network: source.id,
    provider,
    outputs,
    placement: trial.placement,
    firstMs: trial.runMs[0] ?? 0,
    lastMs: trial.runMs.at(-1) ?? 0,
    cpuMs: reference.runMs.at(-1) ?? 0,
    agrees: outputs.every(({ psnr }) => psnr >= requiredPsnr),
    whole: isWhole(trial.placement),
  };
}

/** Waves of a few pixels, moved by `shift` pixels: enough structure for motion to be found, nothing for noise to amplify. */
function wave(x: number, y: number, channel: number, shift: number): number {
  const moved = x - shift;
  return 0.5 + 0.25 * Math.sin(moved / 3 + channel) + 0.2 * Math.cos(y / 4 + moved / 9 - channel);
}

/**
 * Inputs for a graph as the catalogue and the stages build them: pictures as float planes (N x C x H x W) or bytes
 * (N x H x W x C), free sides set to `side`. The pictures of one graph show the same scene, each moved by two pixels.
 */
export function picturesFor(graph: OnnxGraph, side: number): Tensors {
  let shift = -2;
  return Object.fromEntries(
    graph.inputs.map(({ name, type, dims }) => {
      const sizes = dims.map((size) => (typeof size === 'number' ? size : side));
      const count = sizes.reduce((product, size) => product * size, 1);
      if (type !== 'float32' && type !== 'uint8') throw new TypeError(`input ${name} is ${type}: no picture`);
      const [, second = 1, third = 1, fourth = 1] = sizes;
      const [channels, height, width] = type === 'uint8' ? [fourth, second, third] : [second, third, fourth];
      if (channels >= 3) shift += 2;
      const sample = (index: number): number => {
        const [x, y, channel] =
          type === 'uint8'
            ? [Math.floor(index / channels) % width, Math.floor(index / channels / width), index % channels]
            : [index % width, Math.floor(index / width) % height, Math.floor(index / width / height)];
        // A single plane is RIFE's moment in time.
        return channels === 1 ? 0.5 : wave(x, y, channel, shift);
      };
      const tensor: Tensor =
        type === 'uint8'
          ? {
              type,
              dims: sizes,
              data: Uint8Array.from({ length: count }, (_, index) => Math.round(255 * sample(index))),
            }
          : { type, dims: sizes, data: Float32Array.from({ length: count }, (_, index) => sample(index)) };
      return [name, tensor];
    }),
  );
}

/** Columns: network, outputs with largest error and PSNR, whole or the nodes that strayed, nodes by provider, times. */
export function formatComparison(comparison: ProviderComparison): string {
  const outputs = comparison.outputs.map(
    ({ name, maxError, psnr }) => `${name} max error ${maxError.toPrecision(2)}, ${psnr.toFixed(1)} dB`,
  );
  const { strays, counts } = comparison.placement;
  const stray = strays.map(({ op, name, provider }) => `${op} ${name} on ${provider}`).join(', ');
  const placed = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  const verdict = comparison.agrees && comparison.whole ? 'ok  ' : 'FAIL';
  return [
    `${verdict} ${comparison.network}: ${outputs.join('; ')}`,
    `     ${comparison.whole ? 'whole' : `falls apart: ${stray}`} (${placed.join(', ')} nodes)`,
    `     ${comparison.provider} ${comparison.lastMs.toFixed(0)} ms (first ${comparison.firstMs.toFixed(0)}), cpu ${comparison.cpuMs.toFixed(0)} ms`,
  ].join('\n');
}
