/** The formats that photographs come in, told by their first bytes. What is not named here never reaches a decoder. */

export const photoFormats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'heic', 'tiff'] as const;
export type PhotoFormat = (typeof photoFormats)[number];

const heicBrands: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']);
const avifBrands: ReadonlySet<string> = new Set(['avif', 'avis']);

/** @param head the first 64 bytes of the file, or all of it padded with zeros. */
export function photoFormatOf(head: Uint8Array): PhotoFormat | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'tiff';
  if (text(4, 8) !== 'ftyp') return undefined;
  // The main brand, then the compatible ones: `mif1` alone says only that it is a picture of this family.
  const brands = [8, ...Array.from({ length: 12 }, (_, i) => 16 + 4 * i)].map((at) => text(at, at + 4));
  if (brands.some((brand) => avifBrands.has(brand))) return 'avif';
  return brands.some((brand) => heicBrands.has(brand)) ? 'heic' : undefined;
}
