/** What the main thread and a device's thread say to each other. Tensor data always travels by transfer, never by copy. */
import type { Gate } from './inference-gate.ts';
import type { ExecutionProvider, ModelSource, Signature, Tensors } from './session.ts';

/** How a device's thread is set up; the same for every session in it. */
export interface DeviceSettings {
  readonly provider: ExecutionProvider;
  /** Threads that share one operator. */
  readonly threads: number;
}

/** A {@link ModelSource} as it travels: a URL does not survive a message. */
export type SentSource = Omit<ModelSource, 'model'> & {
  readonly model: string | Uint8Array | { readonly module: string; readonly options: unknown };
};

export function toSent(source: ModelSource): SentSource {
  const { model } = source;
  if (typeof model === 'string' || model instanceof Uint8Array) return { ...source, model };
  return { ...source, model: { module: model.module.href, options: model.options } };
}

/** What a device's thread is started with. */
export interface ThreadData {
  readonly settings: DeviceSettings;
  readonly gate: Gate;
}

export type Request =
  | { readonly kind: 'open'; readonly id: number; readonly source: SentSource }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly session: number;
      readonly feeds: Tensors;
      readonly outputs?: readonly string[];
    }
  /** A run that has not begun is dropped; one that has begun ends, and its answer is ignored. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number; readonly session: number }
  /** The thread ends as soon as the run under way has ended. */
  | { readonly kind: 'stop' };

/** `feeds` come back with the answer, so that their memory is used again instead of being allocated for every frame. */
export type Reply =
  | {
      readonly kind: 'opened';
      readonly id: number;
      readonly signature: Signature;
    }
  | {
      readonly kind: 'ran';
      readonly id: number;
      readonly outputs: Tensors;
      readonly feeds: Tensors;
      readonly modelMs: number;
    }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'dropped'; readonly id: number; readonly feeds: Tensors }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string; readonly feeds?: Tensors };

/** The memory behind tensors, for `postMessage`'s transfer list. Each tensor must own the whole of its buffer. */
export function buffersOf(tensors: Tensors): ArrayBuffer[] {
  const buffers = Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer);
  return [...new Set(buffers)];
}
