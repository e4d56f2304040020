/** A request of the usage log in words: what was asked, where it stands, why it ended as it did, who did something to it. */
import { writeCustomId } from './custom-id.ts';
import { button, plain } from './message.ts';
import { undeliveredWords } from './notice-message.ts';
import { reasonSentence } from './reason-words.ts';
import type { Language, Translate } from '../locale.ts';
import type { Json, ModeratorAction, Request } from '../store/rows.ts';

/** Somebody by their id; whoever had their data deleted stands in rows under a pseudonym, which is nobody's name. */
export const person = (id: string, t: Translate): string =>
  id.startsWith('erased:') ? t('person.erased') : `<@${id}>`;

/** A channel by its id, which goes with the data of whoever asked there. */
export const place = (id: string, t: Translate): string =>
  id.startsWith('erased:') ? t('person.erased-place') : `<#${id}>`;

/** A command as its member's Discord calls it: "/restore". */
export const commandWords = (command: Request['command'], t: Translate): string => `/${t(`command.${command}.name`)}`;

/** What a moderator did. */
export function deedWords({ kind, detail }: Pick<ModeratorAction, 'kind' | 'detail'>, t: Translate): string {
  const isStopped = typeof detail === 'object' && detail !== null && 'stopped' in detail;
  return t(`usage.action.${kind === 'deleteResult' && isStopped ? 'stopped' : kind}`);
}

/** Whoever did it, from the actor of an event: "member:ID", "moderator:ID", "worker:ID", "bot" or "operator". */
export function actorWords(actor: string, t: Translate): string {
  const [role] = actor.split(':');
  if (role === 'member' || role === 'moderator') return person(actor.slice(role.length + 1), t);
  return t(`usage.actor.${role === 'worker' || role === 'operator' ? role : 'bot'}`);
}

/** Why it ended or waits, as its member reads it; a code that has no sentence stands for itself. */
export function endWords(
  { state, code, codeParameters }: Pick<Request, 'state' | 'code'> & { readonly codeParameters?: unknown },
  t: Translate,
  language: Language,
): string | undefined {
  if (code === null) return undefined;
  if (state === 'kept') return undeliveredWords(code, t);
  if (/^[a-z]+\.[a-z-]+$/.test(code)) return reasonSentence(code, codeParameters, t, language);
  return `\`${code.replaceAll('`', '')}\``;
}

/** Of no meaning to a reader, or told elsewhere. */
const untold = new Set(['version', 'command', 'subject', 'driven']);

/** What was asked, by the names that the command's options have: "motion: Smile · strength: 1". */
export function parameterWords(
  { command, parameters }: Pick<Request, 'command'> & { readonly parameters: unknown },
  t: Translate,
): string {
  const told = parameters !== null && typeof parameters === 'object' ? Object.entries(parameters) : [];
  return told
    .filter(([name]) => !untold.has(name))
    .flatMap(([name, value]) => {
      const words = valueWords(`command.${command}.option.${name}`, value as Json, t);
      const option = said(`command.${command}.option.${name}.name`, name, t);
      return words === '' ? [] : [t('settings.line', { name: option, value: words })];
    })
    .join(' · ');
}

function valueWords(option: string, value: Json, t: Translate): string {
  if (typeof value === 'boolean') return t(value ? 'usage.yes' : 'usage.no');
  if (typeof value === 'number' || typeof value === 'string') {
    // What an option's choice says after a colon explains it to whoever chooses.
    return said(`${option}.choice.${value}`, plain(String(value)), t).replace(/(:| :).*$/, '');
  }
  if (value === null) return '';
  return Object.values(value)
    .filter((part): part is string | number => typeof part === 'string' || typeof part === 'number')
    .map((part) => plain(String(part)))
    .join(' | ');
}

/** The sentence of a key, or `otherwise` where there is none. */
export function said(key: string, otherwise: string, t: Translate): string {
  const text = t(key);
  return text === key ? otherwise : text;
}

/** The button under a post or an answer that shows a row of the log to a moderator. */
export function lookButton(requestId: string, t: Translate): ReturnType<typeof button> {
  return button(writeCustomId('usage-look', requestId), t('usage.look'));
}
