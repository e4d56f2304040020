/** Why a request ended, from its rows to the sentence that its member reads: in the notice, the log channel and the usage log. */
import * as z from 'zod';

import type { Language, Translate } from '../locale.ts';
import type { RefusalParameter } from '../policy/refusal.ts';
import { errorSentence, refusalSentence } from './fault-answer.ts';

/** Of a code of errors.ts or reasons.ts; or of a refusal, which is kept as it was told, its moments as text. */
export function reasonSentence(code: string, parameters: unknown, t: Translate, language: Language): string {
  if (!code.startsWith('refusal.')) return errorSentence(code, params.parse(parameters), t);
  const kept = Object.entries(refusalParams.parse(parameters));
  const revived = kept.map(([name, value]): [string, RefusalParameter] => {
    return [name, typeof value === 'string' && writtenMoment.test(value) ? new Date(value) : value];
  });
  return refusalSentence(code, Object.fromEntries(revived), t, language);
}

const writtenMoment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const params = z.record(z.string(), z.union([z.string(), z.number()])).catch({});
const refusalParams = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).catch({});
