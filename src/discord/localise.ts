/**
 * Names and descriptions of commands in every language, as Discord's definitions want them. The sentences stand in
 * locales/*.json under `command.<name>…`; a key that lacks is a fault at start, not an English word in a French menu.
 */
import { createTranslate, type Language, languages, type Translate } from '../locale.ts';

/** Discord's codes for the languages spoken here. */
const discordLocales = { en: ['en-US', 'en-GB'], fr: ['fr'], it: ['it'] } as const satisfies Record<
  Language,
  readonly string[]
>;

type DiscordLocale = (typeof discordLocales)[Language][number];
export type Localisations = Partial<Record<DiscordLocale, string>>;

export interface Named {
  readonly name: string;
  readonly name_localizations: Localisations;
}

export interface Described extends Named {
  readonly description: string;
  readonly description_localizations: Localisations;
}

const translators = new Map<Language, Translate>(languages.map((language) => [language, createTranslate(language)]));

/** The translator of one language, read once. */
export function translatorOf(language: Language): Translate {
  return translators.get(language)!;
}

function localise(look: (t: Translate) => string): { readonly text: string; readonly localisations: Localisations } {
  const localisations: Localisations = {};
  for (const language of languages) {
    const text = look(translatorOf(language));
    if (text.startsWith('command.')) throw new Error(`no sentence ${text} in ${language}`);
    for (const locale of discordLocales[language]) localisations[locale] = text;
  }
  return { text: look(translatorOf('en')), localisations };
}

function described(name: string, names: Localisations, describe: (t: Translate) => string): Described {
  const description = localise(describe);
  return {
    name,
    name_localizations: names,
    description: description.text,
    description_localizations: description.localisations,
  };
}

/** Of `/name`: from `command.<name>.name` and `command.<name>.description`. */
export function slashTexts(name: string): Described {
  const names = localise((t) => t(`command.${name}.name`)).localisations;
  return described(name, names, (t) => t(`command.${name}.description`));
}

/** Of a context command, whose English name is a sentence: from `command.<key>.name`. */
export function contextTexts(key: string): Named {
  const { text, localisations } = localise((t) => t(`command.${key}.name`));
  return { name: text, name_localizations: localisations };
}

/** Of an option: from `command.<command>.option.<option>.name` and `.description`. */
export function optionTexts(command: string, option: string): Described {
  const names = localise((t) => t(`command.${command}.option.${option}.name`)).localisations;
  return described(option, names, (t) => t(`command.${command}.option.${option}.description`));
}

/** One of an option's fixed choices: from `command.<command>.option.<option>.choice.<value>`. */
export function choiceTexts<Value extends string | number>(
  command: string,
  option: string,
  value: Value,
): Named & { readonly value: Value } {
  const { text, localisations } = localise((t) => t(`command.${command}.option.${option}.choice.${value}`));
  return { name: text, name_localizations: localisations, value };
}
