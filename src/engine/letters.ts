/**
 * Words as a picture. The letters come from a font file that npm brings (Inter, SIL Open Font License): a bare server has no
 * fonts, and text would come out as boxes.
 */
import { fileURLToPath } from 'node:url';
import sharp, { type OutputInfo } from 'sharp';

const fontFile = fileURLToPath(import.meta.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'));

/**
 * `said` on one line, as a PNG with transparency, cut close around the letters. Any characters may stand in it; those that
 * Inter lacks (it has Latin, Greek and Cyrillic) are taken from the system's fonts, if there are any.
 * @param size of the letters, in pixels; a line is 1.21 times as high.
 * @param colour as Pango knows it: a name or #rrggbb.
 */
export function drawLetters(said: string, size: number, colour: string): Promise<{ data: Buffer; info: OutputInfo }> {
  const escaped = said.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ');
  // At 72 dots an inch, a point is a pixel.
  return sharp({
    text: {
      text: `<span foreground="${colour}">${escaped}</span>`,
      font: `Inter ${size}px`,
      fontfile: fontFile,
      dpi: 72,
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
}
