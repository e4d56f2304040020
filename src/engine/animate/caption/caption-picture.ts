/**
 * Draws a caption as memes have it: bold condensed white capitals with a black outline, over the picture. That style rather
 * than a white bar: the picture keeps its size and place, and the outline is read on any of them. Drawn once, for ffmpeg to
 * lay over every frame.
 */
import sharp from 'sharp';

import { LumiereError } from '../../errors.ts';
import type { Size } from '../../size.ts';
import { emojiFamily, loadFonts, standsClose } from './fonts.ts';

export interface CaptionPicture {
  /** PNG with transparency, cut to the letters. */
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Characters of one caption; what is longer cannot be read in a clip. */
export const longestCaption = 300;

/** Shares of the picture: how wide and high the text may be, and how large its letters at most. */
const widest = 0.94;
const highest = 0.27;
const largestLetters = 0.13;
/** Two captions leave something of the picture to be seen. */
const mostOfAll = 0.42;
/** When even this share of the largest letters is too large, the text may be higher. */
const smallestShare = 0.22;
/** Width of the outline as a share of the letters' size. */
const outlineShare = 0.075;

/**
 * `text` as capitals, wrapped and made small enough for a picture of `size`; nothing when there is nothing to be seen in it.
 * Throws `request.invalid` for one of more than `longestCaption` characters.
 */
export async function drawCaption(text: string, size: Size): Promise<CaptionPicture | undefined> {
  const plain = visible(text);
  if (plain === '') return undefined;
  checkCaption(plain);
  const families = await loadFonts(plain);
  const room = { width: Math.max(16, Math.floor(size.width * widest)), height: size.height * highest };
  const largest = Math.max(8, Math.min(size.height, size.width * 1.2) * largestLetters);
  const markup = toMarkup(plain);
  let letters = await drawLetters(markup, families, largest, room.width);
  let height = largest;
  while (letters.info.height > room.height && height > Math.max(8, largest * smallestShare)) {
    height *= 0.88;
    letters = await drawLetters(markup, families, height, room.width);
  }
  letters = await balanced(letters, (width) => drawLetters(markup, families, height, width));
  const picture = await outlined(letters, Math.max(1, Math.round(height * outlineShare)));
  return await within(picture, { width: size.width, height: Math.floor(size.height * mostOfAll) });
}

/** The picture reduced where even the smallest letters took too much room: twelve lines in a banner. */
async function within(picture: CaptionPicture, { width, height }: Size): Promise<CaptionPicture> {
  if (picture.width <= width && picture.height <= height) return picture;
  const { data, info } = await sharp(picture.png)
    .resize({ width, height, fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { png: data, width: info.width, height: info.height };
}

/** As many lines, but of like length: no last line of one word. */
async function balanced(letters: Letters, draw: (width: number) => Promise<Letters>): Promise<Letters> {
  let best = letters;
  for (const share of [0.92, 0.84, 0.76, 0.68, 0.6, 0.52]) {
    const width = Math.floor(letters.info.width * share);
    const narrower = await draw(width);
    // A word that is longer than the line would be broken: it already fills the width.
    if (narrower.info.height > letters.info.height * 1.02 || narrower.info.width > width) break;
    best = narrower;
  }
  return best;
}

/** Throws `request.invalid` for a text of more than `longestCaption` characters. */
export function checkCaption(text: string): void {
  const characters = Array.from(text);
  if (characters.length <= longestCaption) return;
  throw new LumiereError('request.invalid', {
    option: 'caption',
    value: `${characters.slice(0, 20).join('')}…`,
    expected: 'caption',
  });
}

/** Capitals of the text, without what is no character: Pango refuses control characters and half surrogates. */
function visible(text: string): string {
  // Turks and Azeris have two letters i; Greek capitals lose their accents, and nothing else is different there.
  const language = /[ğış]/iu.test(text) && /[ğı]/u.test(text) ? 'tr' : 'el';
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/gu, '\n')
    .replace(/(?!\n)[\p{Cc}\p{Co}\ufffd]/gu, '')
    .trim()
    .toLocaleUpperCase(language);
}

const keycap = /[0-9#*]\ufe0f?\u20e3/gu;
/** Scripts that put no space between words. Pango would break them anywhere; ICU has their dictionaries. */
const unspaced = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{2,}/gu;
/** Scripts that Pango breaks between any two letters, though words are better kept whole. */
const breakable = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,}/gu;
const words = new Intl.Segmenter('ja', { granularity: 'word' });
const split = (run: string): string[] => [...words.segment(run)].map(({ segment }) => segment);
/** Invisible: a place where a line may end, and one where it may not. */
const [breakHere, keepTogether] = ['\u200b', '\u2060'];

function toMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(unspaced, (run) => split(run).join(breakHere))
    .replace(breakable, (run) =>
      split(run)
        .map((word) => Array.from(word).join(keepTogether))
        .join(''),
    )
    .replace(keycap, (key) => `<span font_family="${emojiFamily}">${key}</span>`);
}

type Letters = Awaited<ReturnType<typeof drawLetters>>;

async function drawLetters(markup: string, families: readonly string[], height: number, width: number) {
  const line = standsClose(families) ? 0.78 : 0.95;
  const style = `font_family="${families.join(', ')}" font_size="${height.toFixed(1)}pt" line_height="${line}" insert_hyphens="false"`;
  return await sharp({
    // At 72 dots an inch, a point is a pixel.
    text: {
      text: `<span foreground="white" ${style}>${markup}</span>`,
      width,
      align: 'centre',
      wrap: 'word-char',
      dpi: 72,
      rgba: true,
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

/** The letters on a black copy of themselves that is `radius` pixels wider on every side: copies laid around in two circles. */
async function outlined({ data, info }: Letters, radius: number): Promise<CaptionPicture> {
  const raw = { width: info.width, height: info.height, channels: 4 } as const;
  const black = await sharp(data, { raw }).linear([0, 0, 0, 1], [0, 0, 0, 0]).png({ compressionLevel: 1 }).toBuffer();
  const margin = radius + 1;
  const size = { width: info.width + 2 * margin, height: info.height + 2 * margin };
  const around = [radius, radius / 2].flatMap((distance) => {
    const count = Math.min(32, Math.max(8, Math.ceil(distance * 5)));
    return Array.from({ length: count }, (_, index) => {
      const angle = (2 * Math.PI * index) / count;
      return {
        input: black,
        left: margin + Math.round(distance * Math.cos(angle)),
        top: margin + Math.round(distance * Math.sin(angle)),
      };
    });
  });
  const png = await sharp({ create: { ...size, channels: 4, background: '#0000' } })
    .composite([...around, { input: data, raw, left: margin, top: margin }])
    .png()
    .toBuffer();
  return { png, ...size };
}
