/**
 * The sentences a person reads, from `locales/*.json`: flat keys, one sentence each, `{{name}}` for what is filled in and
 * `_one`/`_other` endings where a count decides. A key that is missing in a language falls back to English.
 */
import { readFileSync } from 'node:fs';
import { createInstance } from 'i18next';

export const languages = ['en', 'fr', 'it'] as const;
export type Language = (typeof languages)[number];

/** Looks a sentence up and fills it in. An unknown key comes back as it is: visible, and caught by `test/locales.test.ts`. */
export type Translate = (key: string, params?: Readonly<Record<string, string | number>>) => string;

/** The first of `wishes` that is spoken here, by its first two letters (`fr_CA.UTF-8` is `fr`); English when none is. */
export function chooseLanguage(wishes: readonly (string | undefined)[]): Language {
  for (const wish of wishes) {
    const language = languages.find((known) => wish?.toLowerCase().slice(0, 2) === known);
    if (language !== undefined) return language;
  }
  return 'en';
}

/** Every key of a language with its sentence, as it stands in its file. */
export function readSentences(language: Language): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`../locales/${language}.json`, import.meta.url), 'utf8')) as Record<
    string,
    string
  >;
}

/** A translator for one language. Reads that language's file and the English one, once. */
export function createTranslate(language: Language): Translate {
  const i18n = createInstance({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: readSentences('en') }, [language]: { translation: readSentences(language) } },
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // The sentences go to a terminal, not into a page.
    interpolation: { escapeValue: false },
  });
  void i18n.init();
  i18n.services.formatter?.add('bytes', (value) => formatBytes(Number(value), language));
  i18n.services.formatter?.add('duration', (value) => formatDuration(Number(value)));
  i18n.services.formatter?.add('decimal', (value: unknown, _, options: { digits?: number }) =>
    formatDecimal(value, language, options.digits),
  );
  // What was expected is a list that reads the same everywhere (`.mp4`, `16..2160`), or the name of a sentence.
  i18n.services.formatter?.add('expectation', (value) => {
    const key = `expected.${String(value)}`;
    return i18n.exists(key) ? i18n.t(key) : String(value);
  });
  return (key, params = {}) => i18n.t(key, params);
}

/** 1536 is `1.5 KiB`, with the language's decimal sign; three significant digits. */
export function formatBytes(bytes: number, language: Language = 'en'): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(bytes / 1024 ** power);
  return `${number} ${units[power] ?? ''}`;
}

/**
 * `24.64`, or the fraction `60000/1001`, with the language's decimal sign: `24,64`, `59,94`. At most two digits after it; a
 * number, as against text, always has `digits`. Text that is no plain number is left alone: it has been formatted already.
 */
export function formatDecimal(value: unknown, language: Language, digits?: number): string {
  const [, num, den = '1'] = /^(-?\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(String(value)) ?? [];
  if (num === undefined) return String(value);
  const always = typeof value === 'number' ? digits : undefined;
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: always ?? 0,
    maximumFractionDigits: always ?? 2,
    useGrouping: false,
  }).format(Number(num) / Number(den));
}

/** A sentence that begins with `words` put into it, such as "the file", begins with a capital all the same. */
export function capitaliseAt(words: string, sentence: string): string {
  return sentence.startsWith(words) ? sentence.charAt(0).toLocaleUpperCase() + sentence.slice(1) : sentence;
}

/** Seconds as `42s`, `3m 05s` or `1h 02m`: the same in every language. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}
