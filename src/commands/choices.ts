/** Requests as choices under an option that is being typed: by their file's name and age, which is what people remember. */
import type { Language } from '../locale.ts';
import { shortened } from '../discord/shorten.ts';

export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** Discord takes names of up to 100 characters. */
export const longestName = 100;

interface Choosable {
  readonly id: string;
  readonly inputName: string | null;
  readonly createdAt: Date;
}

/** @param note what else tells it from the others, such as where it stands. */
export function choiceOf(request: Choosable, now: number, language: Language, note?: string): Choice {
  const facts = [
    request.inputName ?? request.id,
    ageOf(request.createdAt, now, language),
    ...(note === undefined ? [] : [note]),
  ];
  return { name: shortened(facts.join(' · '), longestName), value: request.id };
}

/** Those whose name holds what was typed. Two that would read the same are numbered: a list must tell them apart. */
export function matching(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.trim().toLowerCase();
  const seen = new Map<string, number>();
  return choices.flatMap(({ name, value }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    if (!name.toLowerCase().includes(wanted)) return [];
    const number = ` (${times})`;
    return [{ name: times === 1 ? name : `${shortened(name, longestName - number.length)}${number}`, value }];
  });
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** "5 minutes ago": choices are plain text, where Discord's own timestamps do not work. */
export function ageOf(moment: Date, now: number, language: Language): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = Math.max(0, (now - moment.getTime()) / 1000);
  const [unit, length] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  return words.format(unit === 'second' ? 0 : -Math.floor(seconds / length), unit);
}
