/**
 * Why the queue itself ended a request, where the engine has no code for it. Each has a sentence in the locales, under
 * `errors.<code>` like the engine's own.
 */
import { LumiereError, type ErrorCode, type ErrorParams } from '../engine/errors.ts';

export const queueReasons = [
  /** Its worker died again and again. */
  'queue.worker-lost',
  /** Nobody took it in all the time it may wait. */
  'queue.expired',
  /** The file it needs is no longer kept. */
  'queue.input-gone',
  /** The member did not say in time what they were asked. */
  'queue.unanswered',
  /** Nobody agreed to it, or not to this picture. */
  'queue.consent-missing',
  /** Whoever agreed does not agree any more, or the time for it is over. */
  'queue.consent-ended',
  /** The member whose face it is said no. */
  'queue.consent-declined',
  /** The member whose face it is did not say anything in time. */
  'queue.consent-unanswered',
  /** A moderator decided against the face of somebody who is not on Discord. */
  'queue.not-approved',
  /** No moderator decided in time. */
  'queue.approval-unanswered',
  /** Somebody whom it concerns had what is known about them deleted. */
  'queue.erased',
  /** Artworks and persons of history were turned off in the guild. */
  'queue.consent-not-allowed',
  /** It is made from an animation that is removed, held back, or not agreed to any more. */
  'queue.consent-source',
  /** A moderator, or a report, holds the result back. */
  'queue.held',
  /** A moderator deleted the result, or stopped it. */
  'queue.deleted-by-moderator',
  /** The operator deleted the result, or stopped it. */
  'queue.deleted-by-operator',
  /** A moderator blocked the member who asked for it. */
  'queue.requester-blocked',
  /** The operator did, everywhere. */
  'queue.requester-blocked-everywhere',
  /** A moderator blocked the picture that it is made from, or a near one, after it was let in. */
  'queue.picture-blocked',
  /** The operator did, everywhere. */
  'queue.picture-blocked-everywhere',
  /** A fault of ours; the log has the rest. */
  'queue.fault',
] as const;

export type QueueReason = (typeof queueReasons)[number];
export type ReasonCode = ErrorCode | QueueReason;

export interface Reason {
  readonly code: ReasonCode;
  readonly params: ErrorParams;
}

/** An error that a person can be told and the engine has no code for. */
export class QueueProblem extends Error {
  override readonly name = 'QueueProblem';
  readonly code: QueueReason;
  readonly params: ErrorParams = {};

  constructor(code: QueueReason, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Faults that may have passed when the job is tried again. Everything else would end the same way. */
const passing: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'output.disk-full',
  'output.unwritable',
  'device.failed',
  'tool.memory',
  'queue.worker-lost',
]);

/** Errors of the operating system that come and go: out of descriptors, memory or space, a share that was away. */
const passingSystemErrors = new Set([
  'EAGAIN',
  'EBUSY',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOSPC',
  'ESTALE',
  'ETIMEDOUT',
]);

/** What to tell the requester about `error`. Anything that is not a LumiereError is a fault of ours. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof LumiereError || error instanceof QueueProblem) return { code: error.code, params: error.params };
  if (isNodeError(error) && error.code === 'ENOSPC') return { code: 'output.disk-full', params: {} };
  return { code: 'queue.fault', params: {} };
}

/** True when the same job may well succeed on another try. */
export function mayPass(error: unknown): boolean {
  if (error instanceof LumiereError || error instanceof QueueProblem) return passing.has(error.code);
  return isNodeError(error) && passingSystemErrors.has(error.code);
}

function isNodeError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
