/** The invisible watermark of everything that is made for a request. */
import type { Identity } from '../engine/provenance/identity.ts';
import type { Watermark } from '../engine/provenance/watermark/watermark.ts';
import { randomMarkId } from '../engine/provenance/mark-id.ts';
import type { Request } from '../store/rows.ts';

/** Carries the request's mark; a request from before there were marks is given one that leads nowhere. */
export function watermarkFor({ markId }: Pick<Request, 'markId'>, { watermarkKey: key }: Identity): Watermark {
  return { key, payload: markId ?? randomMarkId() };
}
