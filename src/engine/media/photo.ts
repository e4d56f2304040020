/**
 * Reads a photograph that a stranger gave: what it is, is told from its bytes and not from its name; how large it is, before
 * a pixel is decoded. Comes out upright, on white, in sRGB, 8 bits, whatever it was.
 */
import { open, stat } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';

import { LumiereError } from '../errors.ts';
import type { Size } from '../size.ts';
import type { Picture } from '../picture.ts';
import type { PhotoWarning } from './photo-warnings.ts';
import { photoFormatOf, type PhotoFormat } from './photo-format.ts';

export interface LoadedPhoto {
  readonly photo: Picture;
  /** As large as the file says it is, once upright. */
  readonly original: Size;
  readonly format: PhotoFormat;
  readonly warnings: readonly PhotoWarning[];
}

export const maxPhotoPixels = 50_000_000;
/** Shortest side, as the file has it and as it is used: below it there is nothing to see. */
export const minPhotoSide = 16;
const maxPhotoBytes = 256 * 2 ** 20;

/**
 * Reads the photograph at `path`; a longest side above `longestSide` is reduced to it. Rejects with `input.not-found`,
 * `input.unreadable`, `input.empty`, `input.file-too-large`, `photo.format-unknown`,
 * `photo.format-refused` (`format`), `photo.too-large`, `input.too-small`, `input.corrupt` or `job.cancelled`.
 */
export async function loadPhoto(
  path: string,
  { signal, longestSide }: { readonly signal?: AbortSignal | undefined; readonly longestSide: number },
): Promise<LoadedPhoto> {
  const format = await readFormat(path);
  const metadata = await readMetadata(path, format);
  const original = metadata.autoOrient;
  checkSize(original);
  stopIfCancelled(signal);
  const scale = Math.min(1, longestSide / Math.max(original.width, original.height));
  const width = Math.max(1, Math.round(original.width * scale));
  const height = Math.max(1, Math.round(original.height * scale));
  if (Math.min(width, height) < minPhotoSide) {
    // Of a strip nothing is left once its long side fits.
    throw new LumiereError('input.too-small', { ...sizeOf(original), limit: Math.ceil(minPhotoSide / scale) });
  }
  const image = sharp(path, options)
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(width, height, { fit: 'fill', withoutEnlargement: true });
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(notDecoded(format));
  stopIfCancelled(signal);
  if (info.channels !== 3) throw new Error(`expected 3 channels but decoded ${info.channels}`);
  const photo = {
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
  return {
    photo,
    original: sizeOf(original),
    format,
    warnings: warningsFor(metadata, photo, await hasHoles(path, metadata)),
  };
}

const sizeOf = ({ width, height }: Size): Size => ({ width, height });

/** What sharp is told for every picture: one page, and no picture half decoded. */
const options = { limitInputPixels: maxPhotoPixels, failOn: 'error', sequentialRead: false, pages: 1 } as const;

async function readFormat(path: string): Promise<PhotoFormat> {
  const head = Buffer.alloc(64);
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new LumiereError('input.unreadable', { path });
    if (found.size === 0) throw new LumiereError('input.empty', { path });
    if (found.size > maxPhotoBytes) {
      throw new LumiereError('input.file-too-large', { bytes: found.size, limit: maxPhotoBytes });
    }
    const file = await open(path, 'r');
    try {
      await file.read(head, 0, head.length, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new LumiereError(missing ? 'input.not-found' : 'input.unreadable', { path }, { cause: error });
  }
  const format = photoFormatOf(head);
  if (format === undefined) throw new LumiereError('photo.format-unknown');
  return format;
}

/** Its head only. The limit is ours to tell, in our own words, so sharp's own is left off. */
const readMetadata = (path: string, format: PhotoFormat): Promise<Metadata> =>
  sharp(path, { ...options, limitInputPixels: false })
    .metadata()
    .catch(notDecoded(format));

function checkSize({ width, height }: Size): void {
  if (width * height > maxPhotoPixels) {
    throw new LumiereError('photo.too-large', {
      megapixels: Math.round((width * height) / 1e6),
      limit: maxPhotoPixels / 1e6,
    });
  }
  if (Math.min(width, height) < minPhotoSide) {
    throw new LumiereError('input.too-small', { width, height, limit: minPhotoSide });
  }
}

/** What a failed decoder means. Few builds can decode HEIC, and what one cannot decode looks like damage. */
const notDecoded =
  (format: PhotoFormat) =>
  (cause: unknown): never => {
    if (format === 'heic') throw new LumiereError('photo.format-refused', { format: 'HEIC' }, { cause });
    const detail = cause instanceof Error ? cause.message.split('\n', 1)[0]!.slice(0, 200) : '';
    throw new LumiereError('input.corrupt', { detail }, { cause });
  };

/** Whether any part can be seen through: many files have an alpha channel that says nothing. */
async function hasHoles(path: string, { hasAlpha }: Metadata): Promise<boolean> {
  if (!hasAlpha) return false;
  return !(await sharp(path, options).stats()).isOpaque;
}

function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LumiereError('job.cancelled');
}

function warningsFor(metadata: Metadata, photo: Picture, hasHoles: boolean): readonly PhotoWarning[] {
  const warnings: PhotoWarning[] = [];
  if (hasHoles) warnings.push({ code: 'input.alpha-flattened', params: {} });
  if ((metadata.pages ?? 1) > 1) {
    warnings.push({ code: 'photo.first-frame', params: {} });
  }
  const { width, height } = metadata.autoOrient;
  if (photo.width < width) {
    warnings.push({ code: 'photo.reduced', params: { width, height, to: `${photo.width}x${photo.height}` } });
  }
  return warnings;
}
