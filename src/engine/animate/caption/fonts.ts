/**
 * The letters of captions: bold ones for each script, from font files that npm brings (SIL Open Font License), because a bare
 * server has none. Once a file has been named to sharp its family is known to every later text of the process, and Pango
 * takes each character from the first family that has it: one text may mix all scripts. Only what a text needs is loaded:
 * 5 ms a family, the 25 MB of coloured emoji included.
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

interface CaptionFont {
  /** Its name in the file, the weight included: a lighter one of the system shall not take its place. */
  readonly family: string;
  /** Below `@expo-google-fonts/`. */
  readonly file: string;
  /** Characters it is wanted for. */
  readonly script: RegExp;
}

const noto = (name: string, script: RegExp): CaptionFont => ({
  family: `Noto Sans ${name} Black`,
  file: `noto-sans-${name.toLowerCase()}/900Black/NotoSans${name}_900Black.ttf`,
  script,
});

const single = (family: string, script: RegExp): CaptionFont => ({
  family,
  file: `${family.toLowerCase().replaceAll(' ', '-')}/400Regular/${family.replaceAll(' ', '')}_400Regular.ttf`,
  script,
});

/** Anton is the Impact of free fonts: what memes are written in. It has every Latin letter, and four stray Greek ones. */
const western: readonly CaptionFont[] = [
  {
    family: 'Sofia Sans Extra Condensed Black',
    file: 'sofia-sans-extra-condensed/900Black/SofiaSansExtraCondensed_900Black.ttf',
    script: /[\p{Script=Greek}\p{Script=Cyrillic}]/u,
  },
  single('Anton', /(?:)/u),
];

const others: readonly CaptionFont[] = [
  noto('Arabic', /\p{Script=Arabic}/u),
  noto('Hebrew', /\p{Script=Hebrew}/u),
  noto('Devanagari', /\p{Script=Devanagari}/u),
  noto('Bengali', /\p{Script=Bengali}/u),
  noto('Gujarati', /\p{Script=Gujarati}/u),
  noto('Gurmukhi', /\p{Script=Gurmukhi}/u),
  noto('Kannada', /\p{Script=Kannada}/u),
  noto('Malayalam', /\p{Script=Malayalam}/u),
  noto('Sinhala', /\p{Script=Sinhala}/u),
  noto('Tamil', /\p{Script=Tamil}/u),
  noto('Telugu', /\p{Script=Telugu}/u),
  noto('Thai', /\p{Script=Thai}/u),
  noto('Lao', /\p{Script=Lao}/u),
  noto('Khmer', /\p{Script=Khmer}/u),
  noto('Myanmar', /\p{Script=Myanmar}/u),
  noto('Armenian', /\p{Script=Armenian}/u),
  noto('Georgian', /\p{Script=Georgian}/u),
  noto('Ethiopic', /\p{Script=Ethiopic}/u),
  single('Black Han Sans', /\p{Script=Hangul}/u),
  // The 8,600 syllables that Black Han Sans lacks; rare.
  single('Gowun Dodum', /\p{Script=Hangul}/u),
];

const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const han = /[\p{Script=Han}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u;
const japanese = single('Dela Gothic One', /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u);
const chinese: CaptionFont = {
  family: 'ZCOOL QingKe HuangYou',
  file: 'zcool-qingke-huangyou/400Regular/ZCOOLQingKeHuangYou_400Regular.ttf',
  script: han,
};
/** Thin, but it has all 20,992 common ideographs. */
const rareHan = single('Chocolate Classical Sans', han);

export const emojiFamily = 'Noto Color Emoji';
const emoji = single(emojiFamily, /[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]/u);

const loaded = new Set<string>();

async function load({ family, file }: CaptionFont): Promise<void> {
  if (loaded.has(family)) return;
  const fontfile = fileURLToPath(import.meta.resolve(`@expo-google-fonts/${file}`));
  await sharp({ text: { text: '.', font: `${family} 8px`, fontfile, dpi: 72, rgba: true } })
    .raw()
    .toBuffer();
  loaded.add(family);
}

/**
 * Loads what `text` needs and resolves to the families to ask for, the most wanted first. Ideographs are drawn as the Japanese
 * write them where kana stand beside them, else as the Chinese do. Scripts that are not in the table come from the system's
 * own fonts, where there are some.
 */
export async function loadFonts(text: string): Promise<readonly string[]> {
  const ideographs = kana.test(text) ? [japanese, chinese, rareHan] : [chinese, japanese, rareHan];
  const wanted = [...western, ...others, ...ideographs, emoji].filter(({ script }) => script.test(text));
  for (const font of wanted) await load(font);
  return wanted.map(({ family }) => family);
}

/** True for a text in whose letters nothing stands above or below the line but accents: its lines may stand close. */
export function standsClose(families: readonly string[]): boolean {
  return families.every((family) => western.some((font) => font.family === family) || family === emojiFamily);
}
