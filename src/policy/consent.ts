/**
 * Whose face may be asked for: pure decisions, made when something is asked and once more when it is admitted. Whether what
 * was agreed to still holds, when the job starts and before its result is sent, stands in src/store/consents.ts.
 *
 * A member may agree for their own face, and may declare that a picture is an artwork or shows a person of history. That of
 * anybody else is refused: there is no way yet for them to agree.
 */
import { Refusal } from './refusal.ts';

/** Whose face it is said to be, as `Consent.kind` has it. */
export const subjectKinds = ['self', 'artwork', 'member', 'outsider'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/**
 * Version of the texts that are agreed to: `command.animate.option.subject.choice.self` and `.artwork`. Whoever changes what
 * they say raises it; a test holds the sentences of each version.
 */
export const consentTextVersion = '1';

export interface SubjectFacts {
  readonly kind: SubjectKind;
  /** Whether the guild lets artworks and persons of history be declared. */
  readonly artworksAllowed: boolean;
  /** Faces in the picture, and whether all of them shall move; absent while nobody has looked. */
  readonly faces?: { readonly found: number; readonly all: boolean } | undefined;
}

export function refuseSubject({ kind, artworksAllowed, faces }: SubjectFacts): Refusal | undefined {
  if (kind === 'member' || kind === 'outsider') return new Refusal(`refusal.consent-${kind}`);
  if (kind === 'artwork') return artworksAllowed ? undefined : new Refusal('refusal.artworks-not-allowed');
  // Nobody has more than one face of their own.
  return faces !== undefined && faces.all && faces.found > 1 ? new Refusal('refusal.only-your-face') : undefined;
}
