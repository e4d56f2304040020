/** What kind of file it is, by its first bytes: names and what a sender says are not believed. */
import { open } from 'node:fs/promises';

import { photoFormatOf } from '../media/photo-format.ts';

const headBytes = 64;

/** The media type of the file at `path`; `application/octet-stream` for one that is not known. Rejects as reading does. */
export async function mediaTypeOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const head = new Uint8Array(headBytes);
    await file.read(head, 0, headBytes, 0);
    return mediaTypeOfHead(head);
  } finally {
    await file.close();
  }
}

/** The same of the first 64 bytes, padded with zeros. */
export function mediaTypeOfHead(head: Uint8Array): string {
  const photo = photoFormatOf(head);
  if (photo !== undefined) return `image/${photo}`;
  const text = (from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));
  if (text(4, 8) === 'ftyp') {
    const brand = text(8, 12);
    if (brand === 'qt  ') return 'video/quicktime';
    return brand === 'M4A ' ? 'audio/mp4' : 'video/mp4';
  }
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'AVI ') return 'video/x-msvideo';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WAVE') return 'audio/wav';
  if (text(0, 4) === '\x1aE\xdf\xa3') return 'video/webm';
  if (text(0, 4) === 'OggS') return 'application/ogg';
  if (text(0, 4) === 'fLaC') return 'audio/flac';
  if (text(0, 3) === 'ID3') return 'audio/mpeg';
  return 'application/octet-stream';
}

export const isStillType = (mediaType: string): boolean => /^image\/(jpeg|png|avif|heic|tiff)$/.test(mediaType);
