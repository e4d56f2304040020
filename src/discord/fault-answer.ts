/** What a person is told when an answer cannot be given, and what the log is told. */
import { DiscordAPIError } from 'discord.js';

import { LumiereError } from '../engine/errors.ts';
import { capitaliseAt, type Language, type Translate } from '../locale.ts';
import { Refusal, type RefusalParameters } from '../policy/refusal.ts';
import { QueueProblem } from '../queue/reasons.ts';
import { DownloadError } from './download-error.ts';
import { permissionWords } from './permissions.ts';
import { stamp } from './timestamps.ts';

/** Discord's codes for an interaction that is gone or was answered by somebody else: there is nobody left to tell. */
const goneCodes: ReadonlySet<number | string> = new Set([10062, 40060]);

export function isGone(error: unknown): boolean {
  return error instanceof DiscordAPIError && goneCodes.has(error.code);
}

/** The sentence of a refusal or of an error that a person can act on; undefined for a fault of ours. */
export function sentenceOf(error: unknown, t: Translate, language: Language): string | undefined {
  if (error instanceof Refusal) return refusalSentence(error.code, error.params, t, language);
  if (error instanceof DownloadError) return t(`download.${error.fault}`);
  if (error instanceof LumiereError) return errorSentence(error.code, error.params, t);
  if (error instanceof QueueProblem) return errorSentence(error.code, {}, t);
  return undefined;
}

/** Dates are written so that Discord shows them in the reader's own time, lists as the language lists things. */
export function refusalSentence(code: string, params: RefusalParameters, t: Translate, language: Language): string {
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  const written = Object.entries(params).map(([name, value]): [string, string | number] => {
    if (value instanceof Date) return [name, stamp(value, 'R')];
    if (typeof value !== 'object') return [name, value];
    return [name, name === 'permissions' ? permissionWords(value, t, language) : list.format(value)];
  });
  return t(code, Object.fromEntries(written));
}

/** Codes whose sentence speaks to the member; what else goes wrong is for whoever runs the machine. */
const membersBusiness = /^(input|photo|face|driver|speech|queue)\.|^job\.cancelled$/;

/** Of the file as the machine keeps it, which the member never sees. */
const machinesBusiness = /^input\.(not-found|unreadable|photograph-unavailable)$/;

/**
 * The sentence of a code of engine/errors.ts, src/queue/reasons.ts or of a download as members read it: no paths of the
 * machine, no words of its programs or of the command line.
 */
export function errorSentence(code: string, params: Readonly<Record<string, string | number>>, t: Translate): string {
  if (code === 'input.corrupt') return t('notice.corrupt');
  if (code === 'input.photograph') return t('refusal.not-a-video');
  if (code === 'output.size-unreachable') return t('notice.size-unreachable', params);
  if (code === 'request.invalid' && params['option'] === 'fps') {
    return t('notice.rate', { value: params['value'] ?? '', range: String(params['expected']).replace('..', '–') });
  }
  if (code.startsWith('download.')) return t(code);
  if (machinesBusiness.test(code)) return t('notice.machine', { code });
  if (!membersBusiness.test(code)) return t('notice.machine', { code });
  const path = t('errors.this-file');
  return capitaliseAt(path, t(`errors.${code}`, { ...params, path }));
}
