/** Our tensors and settings in ONNX Runtime's terms. Imported only where inference runs: never by the main thread. */
import * as ort from 'onnxruntime-node';
import type { DeviceSettings, SentSource } from './session-protocol.ts';
import type { BuildModel, ExecutionProvider, Signature, Tensor, TensorDescription } from './session.ts';

/**
 * Settings of a session, as measured with general-x4v3 at 320x240, in processor time and resident peak: arena on and
 * pattern off 1.16 s and 213 MB, both on 1.14 s and 257 MB (the pattern plans memory for each input size anew), pattern
 * alone 1.13 s and 265 MB, neither 2.09 s and 378 MB, since every run then faults its pages in again. At 640x480 in one
 * piece the peak is 502 MB. Idle threads do not spin: it cost RIFE at 320x160 on two threads 93 ms of processor time
 * instead of 54, taken from the decoder and the encoder.
 */
function sessionOptions(settings: DeviceSettings, source: SentSource): ort.InferenceSession.SessionOptions {
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

/** The URL of a recipe's module does not survive a message between threads or processes, and in the build it ends otherwise. */
async function buildFrom(module: string, options: unknown, provider: ExecutionProvider): Promise<Uint8Array> {
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const { buildModel } = (await import(module.replace(/\.ts$/, ending))) as { buildModel: BuildModel };
  return buildModel(options, provider);
}

/** Opens the network on the provider; `profiling` is where to write ONNX Runtime's profile, when one is wanted. */
export async function createSession(
  settings: DeviceSettings,
  source: SentSource,
  profiling?: string,
): Promise<ort.InferenceSession> {
  const options = {
    ...sessionOptions(settings, source),
    ...(profiling === undefined ? {} : { enableProfiling: true, profileFilePrefix: profiling }),
  };
  const { model } = source;
  if (typeof model === 'string') return ort.InferenceSession.create(model, options);
  const bytes = model instanceof Uint8Array ? model : await buildFrom(model.module, model.options, settings.provider);
  return ort.InferenceSession.create(bytes, options);
}

/** What the loaded network says of its inputs and outputs. */
export function describe({ inputMetadata, outputMetadata }: ort.InferenceSession): Signature {
  const one = (value: ort.InferenceSession.ValueMetadata): TensorDescription =>
    value.isTensor
      ? { name: value.name, type: value.type, dims: [...value.shape] }
      : { name: value.name, type: 'no tensor', dims: [] };
  return { inputs: inputMetadata.map(one), outputs: outputMetadata.map(one) };
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
