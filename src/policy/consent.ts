/**
 * Whose face may be asked for: pure decisions, made when something is asked and once more when it is admitted. Whether what
 * was agreed to still holds, when the job starts and before its result is sent, stands in src/store/consents.ts.
 *
 * A member may agree for their own face, and may declare that a picture is an artwork or shows a person of history. That of
 * anybody else is refused: there is no way yet for them to agree. Where no face moves there is nobody to agree.
 */
import type { SubjectKind } from '../store/consents.ts';
import { Refusal } from './refusal.ts';

/**
 * Version of the texts that are agreed to: `command.animate.option.subject.choice.self` and `.artwork`. Whoever changes what
 * they say raises it; a test holds the sentences of each version.
 */
export const consentTextVersion = '1';

export interface SubjectFacts {
  readonly kind: SubjectKind;
  /** Whether the guild lets artworks and persons of history be declared. */
  readonly artworksAllowed: boolean;
  /** Whether anything moves a face: the camera alone does not. */
  readonly movesAFace: boolean;
  /** Faces in the picture, and whether all of them were chosen; absent while nobody has looked. */
  readonly faces?: { readonly found: number; readonly all: boolean } | undefined;
}

export function refuseSubject({ kind, artworksAllowed, movesAFace, faces }: SubjectFacts): Refusal | undefined {
  if (kind === 'nobody') return movesAFace ? new Refusal('refusal.a-face-moves') : undefined;
  if (kind === 'member' || kind === 'outsider') return new Refusal(`refusal.consent-${kind}`);
  if (kind === 'artwork') return artworksAllowed ? undefined : new Refusal('refusal.artworks-not-allowed');
  // Nobody has more than one face of their own.
  return movesAFace && faces !== undefined && faces.all && faces.found > 1
    ? new Refusal('refusal.only-your-face')
    : undefined;
}
