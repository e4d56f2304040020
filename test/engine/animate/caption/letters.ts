/**
 * Draws a letter of each script twice, with the caption's fonts and without, and prints which came out differently. Run in a
 * process of its own whose fontconfig knows no font, as a bare server: what has no letter is a box with its number, both times.
 */
import sharp from 'sharp';

import { loadFonts } from '../../../../src/engine/animate/caption/fonts.ts';

const letters = JSON.parse(process.argv[2]!) as string[];
const draw = async (letter: string, families: readonly string[]): Promise<string> =>
  (
    await sharp({
      text: {
        text: `<span font_family="${families.join(', ')}" font_size="40pt">${letter}</span>`,
        dpi: 72,
        rgba: true,
      },
    })
      .raw()
      .toBuffer()
  ).toString('base64');

const without: string[] = [];
for (const letter of letters) without.push(await draw(letter, ['Anton']));
const found: Record<string, string[]> = {};
for (const [index, letter] of letters.entries()) {
  const families = await loadFonts(letter);
  found[letter] = (await draw(letter, families)) === without[index] ? [] : [...families];
}
process.stdout.write(JSON.stringify(found));
