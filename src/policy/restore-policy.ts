/** Which clips are restored: what Discord says of a file, and what a look at it found. */
import type { ClaimedFile } from './asking.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** What Discord already gives away, so that a photograph need not be fetched to be refused. */
export function refuseClaimedClip({ contentType }: ClaimedFile): Refusal | undefined {
  return isSurelyNoVideo(contentType) ? new Refusal('refusal.not-a-video') : undefined;
}

/** Pictures that can move; what else calls itself a picture stands still. */
const movingPictures: ReadonlySet<string> = new Set([
  'image/gif',
  'image/webp',
  'image/png',
  'image/apng',
  'image/avif',
]);

/** Whole families of files that hold no moving picture. Everything that is not on the list is looked at. */
const neverVideo = /^(image|text|audio|font)\/|^application\/(json|pdf|zip|x-(7z|rar|tar)[\w-]*|gzip)$/;

/** A name that promises a video proves nothing: the bytes are looked at. */
export function isSurelyNoVideo(contentType: string | undefined): boolean {
  const type = mimeType(contentType);
  return type !== undefined && !movingPictures.has(type) && neverVideo.test(type);
}

/** Without its parameters, in small letters. */
export function mimeType(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}

/** A clip that has been looked at: its length, in seconds. What it costs is the quota's business. */
export function refuseClip({ seconds }: { readonly seconds: number }, limits: Limits): Refusal | undefined {
  // A hair over is an encoder's rounding, not a longer film.
  if (seconds <= limits.maxClipSeconds + 0.5) return undefined;
  return new Refusal('refusal.clip-too-long', { seconds, limit: limits.maxClipSeconds });
}
