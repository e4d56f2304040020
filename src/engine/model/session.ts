/** A loaded network as the rest of the engine sees it: named tensors in, named tensors out, somewhere off this thread. */

/** ONNX Runtime execution providers, by the names it gives them. */
export const executionProviders = ['tensorrt', 'cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** `dims` row-major; `data.length` is their product. Only types that cross from JavaScript safely on every Node version. */
export type Tensor =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'uint8'; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array };

export type Tensors = Readonly<Record<string, Tensor>>;

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Fetch only these outputs; all of them when left out. */
  readonly outputs?: readonly string[];
}

/** One input or output as the loaded file describes it. A name stands for a size that is free; no dims for a scalar. */
export interface TensorDescription {
  readonly name: string;
  /** By ONNX Runtime's name, such as `float32`; other types than those of {@link Tensor} are possible. */
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

export interface Signature {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

/** A network ready to run. Runs of one session are carried out one after another in the order they were asked for. */
export interface Session {
  /** Where it runs now: a session moves to the next provider when its own fails in the middle of a job. */
  readonly provider: ExecutionProvider;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What the loaded file says of them, in the same order. */
  readonly signature: Signature;
  /** Milliseconds spent inside the network so far, as measured where it runs. */
  readonly modelMs: number;
  /**
   * Runs the network. Inputs are copied to the device's thread, so the caller keeps its buffers, but must not write to
   * them until the run has settled; outputs are the caller's own. Rejects with LumiereError `device.failed` when the last
   * provider fails, with `job.cancelled` at once when the signal is aborted (the inference under way ends unseen), and
   * with a TypeError for inputs that do not fit the network.
   */
  run(feeds: Tensors, options?: RunOptions): Promise<Tensors>;
  close(): Promise<void>;
}

/**
 * A graph that is built where it runs: encoding one of 20 MB takes 35 to 100 ms, longer than an event loop may be blocked,
 * and the form that runs fastest may depend on the provider.
 */
export interface ModelRecipe {
  /** Given as `new URL('./name.ts', import.meta.url)`; it exports a function `buildModel` of the type {@link BuildModel}. */
  readonly module: URL;
  /** Handed to `buildModel`; must survive `structuredClone`. */
  readonly options: unknown;
}

/** Makes the encoded model for the provider it is about to be opened on. Runs in the provider's thread. */
export type BuildModel = (options: unknown, provider: ExecutionProvider) => Uint8Array | Promise<Uint8Array>;

/** A network to load: an `.onnx` file, the encoded model itself for small graphs, or how to make it. */
export interface ModelSource {
  /** Names the network in errors, reports and the memory of which provider worked. */
  readonly id: string;
  readonly model: string | Uint8Array | ModelRecipe;
  /** Sizes for the symbolic dimensions of its inputs, where the caller knows them: lets a provider plan its memory. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
}

export interface SessionPool {
  open(source: ModelSource): Promise<Session>;
  close(): Promise<void>;
}
