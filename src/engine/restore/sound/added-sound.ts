/**
 * Says that a sound was added. The film never had it: the report and the file's own comment tell so, from this one
 * description; a line in the picture does too, in the words of whoever asks (`RestoreOptions.soundLabel`).
 */
import { basename } from 'node:path';
import type { AmbienceName, SoundRequest } from './request.ts';

/** What is heard that the film did not have; plain data for the report. */
export type AddedSound =
  | { readonly kind: 'ambience'; readonly name: AmbienceName; readonly seed: number; readonly synthesised: true }
  | { readonly kind: 'file'; readonly file: string };

/** Undefined when nothing is added: the clip's own sound is kept, or there is none. */
export function addedSound(request: SoundRequest): AddedSound | undefined {
  if (request.kind === 'ambience') {
    return { kind: 'ambience', name: request.name, seed: request.seed, synthesised: true };
  }
  return request.kind === 'file' ? { kind: 'file', file: basename(request.path) } : undefined;
}

/** For the comment in the file's metadata. It names no file: those are nobody else's business. */
export function addedSoundComment(added: AddedSound): string {
  return added.kind === 'ambience'
    ? `Sound added for atmosphere, not from the film: ambience "${added.name}", synthesised by Lumiere (seed ${added.seed}).`
    : 'Sound added, not from the film.';
}
