/**
 * Questions about somebody's face that are over: those that nobody answered in time end, and the messages that asked are taken
 * away, whoever ended them and however: an answer, a cancelled request, a bot that died in between.
 */
import type { REST } from 'discord.js';
import type { Logger } from 'pino';

import { repeating, type Repeating } from '../repeating.ts';
import { endLateQuestions, forgetConsentMessage, settledQuestions } from '../store/consent-questions.ts';
import type { Database } from '../store/database.ts';
import type { Consent } from '../store/rows.ts';
import { sideBySide } from './side-by-side.ts';
import { takeMessageAway } from './take-away.ts';

export interface ConsentMessagesOptions {
  readonly db: Database;
  readonly rest: REST;
  readonly now: () => number;
  readonly log: Logger;
  /** How often they are looked at, in milliseconds; 5 s when left out. */
  readonly pollMs?: number;
}

const looksEvery = 5000;

export function startConsentMessages({ db, rest, now, log, pollMs = looksEvery }: ConsentMessagesOptions): Repeating {
  const look = async (signal: AbortSignal): Promise<void> => {
    const codeOf = (kind: string): string => `queue.${kind === 'outsider' ? 'approval' : 'consent'}-unanswered`;
    for (const requestId of await endLateQuestions(db, new Date(now()), codeOf)) {
      log.info({ requestId }, 'nobody answered in time');
    }
    await sideBySide(await settledQuestions(db), (consent) => takeAway(consent, signal), signal);
  };
  const takeAway = async (consent: Consent, signal: AbortSignal): Promise<void> => {
    const { channelId, messageId } = consent;
    if (channelId === null || messageId === null) return;
    const taken = await takeMessageAway(rest, { channelId, messageId }, signal);
    if (taken === 'gone') await forgetConsentMessage(db, consent);
    else if ('refused' in taken) {
      // It cannot be reached any more; its buttons answer that it is settled.
      log.info({ problem: taken.refused }, 'a question could not be taken away');
      await forgetConsentMessage(db, consent);
    }
  };
  return repeating(look, pollMs, (error) => {
    log.error({ err: error }, 'questions about consent could not be looked at');
  });
}
