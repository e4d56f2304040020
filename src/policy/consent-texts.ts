/**
 * The texts that people agree to, by version: a record of consent names the version and the language that was shown. Whoever
 * changes what they say raises it; a test holds the sentences of each version.
 */
import type { ConsentKind, ConsentScope } from '../store/rows.ts';

export const consentTextVersion = '4';

/** The sentence that is agreed to, by a key of the locales: who agrees to it stands in the record. */
export function consentTextKey(kind: ConsentKind, scope: ConsentScope): string {
  switch (kind) {
    case 'self':
    case 'artwork':
    case 'outsider':
      return `command.animate.option.subject.choice.${kind}`;
    case 'member':
      return `consent.text.member-${scope}`;
  }
}

/** Every text of this version. */
export const consentTextKeys: readonly string[] = [
  consentTextKey('self', 'photo'),
  consentTextKey('artwork', 'photo'),
  consentTextKey('member', 'photo'),
  consentTextKey('member', 'requester'),
  consentTextKey('outsider', 'photo'),
];
