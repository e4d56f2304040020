/** Our tensors and settings in ONNX Runtime's terms. Imported only where inference runs: never by the main thread. */
import * as ort from 'onnxruntime-node';
import type { DeviceSettings } from './session-protocol.ts';
import type { ModelSource, Tensor } from './session.ts';

/**
 * Settings of a session. The memory arena stays on and the memory pattern is off: for general-x4v3 at 640x480 the resident
 * peak was 502 MB so, against 679 MB with both (the pattern plans a second arena per input size) and 363 MB with neither,
 * which was up to twice slower, since every run then faults its pages in again. Idle threads do not spin: the decoder and
 * the encoder want the cores.
 */
export function sessionOptions(settings: DeviceSettings, source: ModelSource): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    enableMemPattern: false,
    // Fatal only: what goes wrong is thrown, and standard error belongs to the command line.
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(source.freeDimensions === undefined ? {} : { freeDimensionOverrides: source.freeDimensions }),
  };
}

export function toRuntime(tensor: Tensor): ort.Tensor {
  return new ort.Tensor(tensor.type, tensor.data, tensor.dims);
}

/** Throws a TypeError for an output of a type that cannot cross to JavaScript on every Node version. */
export function fromRuntime(name: string, value: ort.OnnxValue): Tensor {
  const { type, data, dims } = value;
  if (type === 'float32' && data instanceof Float32Array) return { type, data, dims };
  if (type === 'uint8' && data instanceof Uint8Array) return { type, data, dims };
  if (type === 'int32' && data instanceof Int32Array) return { type, data, dims };
  throw new TypeError(`expected output ${name} to be float32, uint8 or int32 but received ${type}`);
}
