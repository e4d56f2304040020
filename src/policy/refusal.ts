/**
 * What the bot will not do, and why: a stable code with what its sentence needs. The sentence stands in `locales/*.json`
 * under the code itself. A refusal is shown to the one who asked and to nobody else.
 */

/** Every code, by what it is about. `test/policy/refusal.test.ts` checks that each has a sentence in each locale. */
export const refusalCodes = [
  // who asks
  'refusal.blocked-here',
  'refusal.blocked-everywhere',
  'refusal.role-needed',
  'refusal.not-yours',
  'refusal.moderators-only',
  'refusal.managers-only',
  // where
  'refusal.turned-off',
  'refusal.age-restricted-only',
  'refusal.age-restricted-channel',
  'refusal.channel-unknown',
  'refusal.bot-lacks-permission',
  'refusal.direct-messages-closed',
  // the clip
  'refusal.no-clip',
  'refusal.not-a-video',
  'refusal.file-too-large',
  'refusal.clip-too-long',
  'refusal.clip-too-costly',
  'refusal.fps-out-of-range',
  // the photograph, and what moves it
  'refusal.no-photo',
  'refusal.no-file',
  'refusal.verify-nothing',
  'refusal.not-a-photo',
  'refusal.driver-not-a-video',
  'refusal.speech-not-sound',
  'refusal.one-motion',
  'refusal.caption-too-long',
  'refusal.animation-too-costly',
  // whose face it is
  'refusal.consent-outsider',
  'refusal.no-approval-here',
  'refusal.member-in-guild',
  'refusal.one-face',
  'refusal.name-the-member',
  'refusal.bots-not-asked',
  'refusal.member-not-here',
  'refusal.member-gone',
  'refusal.ask-yourself',
  'refusal.not-to-be-asked',
  'refusal.face-of-another',
  'refusal.asked-too-often',
  'refusal.cannot-be-asked',
  'refusal.not-asked',
  'refusal.not-your-own',
  'refusal.question-settled',
  'refusal.text-changed',
  'refusal.nothing-to-revoke',
  'refusal.artworks-not-allowed',
  'refusal.picture-blocked',
  'refusal.picture-blocked-everywhere',
  'refusal.only-your-face',
  'refusal.a-face-moves',
  'refusal.already-settled',
  // how much
  'refusal.too-many-open',
  'refusal.too-many-tries',
  'refusal.too-often',
  'refusal.queue-full',
  'refusal.store-full',
  'refusal.quota-user-jobs',
  'refusal.quota-user-seconds',
  'refusal.quota-guild-jobs',
  'refusal.quota-guild-seconds',
  // what a server's settings take
  'refusal.setting-no-number',
  'refusal.log-channel-closed',
  'refusal.too-many-role-quotas',
  // what was made
  'refusal.unknown-request',
  'refusal.already-ended',
  'refusal.result-held',
  'refusal.result-gone',
  'refusal.result-too-large',
  'refusal.result-elsewhere',
  'refusal.comparison-late',
  'refusal.no-result-there',
  'refusal.too-many-reports',
  // what moderators ask for
  'refusal.not-a-date',
  'refusal.about-yourself',
  'refusal.nothing-to-do',
  'refusal.bots-ask-nothing',
  'refusal.still-removing',
  'refusal.not-blocked',
  'refusal.no-picture-known',
  'refusal.export-too-large',
  'refusal.personal-export-too-large',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** A list is written as the language lists things; a date as a moment that Discord shows in the reader's own time. */
export type RefusalParameter = string | number | Date | readonly string[];
export type RefusalParameters = Readonly<Record<string, RefusalParameter>>;

/** Something asked for that is not done, for a reason that the one who asked can act on. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly params: RefusalParameters;

  constructor(code: RefusalCode, params: RefusalParameters = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}
