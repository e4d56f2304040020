/** What Discord asks of the names and descriptions of commands, options and choices in other languages. */
import { Locale } from 'discord.js';
import { type FormFault, formFault } from '../errors.ts';

export type Localisations = Readonly<Record<string, string>> | null | undefined;

const LOCALES = new Set<string>(Object.values(Locale));
const SLASH_NAME = /^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$/u;

/** Names of slash commands and options: letters, digits, - and _, and lower case wherever the letter has one. */
export function slashNameFaults(name: string, path: readonly (string | number)[]): FormFault[] {
  return SLASH_NAME.test(name) && name === name.toLowerCase()
    ? []
    : [formFault(path, 'APPLICATION_COMMAND_INVALID_NAME', `Command name "${name}" is invalid`)];
}

/** @param checkName what a localised text must be, besides short enough. */
export function localisationFaults(
  localisations: Localisations,
  path: readonly (string | number)[],
  most: number,
  checkName: (text: string, path: readonly (string | number)[]) => FormFault[] = () => [],
): FormFault[] {
  return Object.entries(localisations ?? {}).flatMap(([locale, text]) => {
    const here = [...path, locale];
    if (!LOCALES.has(locale)) return [formFault(here, 'BASE_TYPE_CHOICES', `${locale} is no locale of Discord's`)];
    if (text.length === 0 || text.length > most) {
      return [formFault(here, 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${most} in length.`)];
    }
    return checkName(text, here);
  });
}

/** Length of a text as Discord counts it towards a command's 8,000: the longest of its languages. */
export const longest = (text: string, localisations: Localisations): number =>
  Math.max(text.length, ...Object.values(localisations ?? {}).map(({ length }) => length));
