/** Which photographs are animated and by what: what Discord says of the files, and which of them go together. */
import type { ClaimedFile } from './asking.ts';
import { Refusal } from './refusal.ts';
import { isSurelyNoVideo, mimeType } from './restore-policy.ts';

export interface ClaimedAnimation {
  readonly photo: ClaimedFile;
  readonly driver?: ClaimedFile | undefined;
  readonly speech?: ClaimedFile | undefined;
  /** The preset that was chosen, if one was. */
  readonly motion?: string | undefined;
}

/** What speaks in its own way: these say how a sound is spoken, every other preset would be a second motion. */
const waysToSpeak: ReadonlySet<string> = new Set(['talk', 'sing']);

/** Pictures that are no photograph to the engine: a drawing in vectors is a program, the others are not read. */
const unreadPictures: ReadonlySet<string> = new Set(['image/svg+xml', 'image/bmp', 'image/x-bmp', 'image/x-ms-bmp']);

/** The first thing that is wrong before anything is fetched. */
export function refuseClaimedAnimation({ photo, driver, speech, motion }: ClaimedAnimation): Refusal | undefined {
  if (isSurelyNoPhoto(photo.contentType)) return new Refusal('refusal.not-a-photo');
  if (driver !== undefined && isSurelyNoVideo(driver.contentType)) return new Refusal('refusal.driver-not-a-video');
  if (speech !== undefined && isSurelySilent(speech.contentType)) return new Refusal('refusal.speech-not-sound');
  // Without a preset of its own, it moves as the clip or the sound does.
  const presets =
    motion === undefined || motion === 'none' || (speech !== undefined && waysToSpeak.has(motion)) ? 0 : 1;
  const sources = presets + (driver === undefined ? 0 : 1) + (speech === undefined ? 0 : 1);
  return sources > 1 ? new Refusal('refusal.one-motion') : undefined;
}

/** A type that promises a photograph proves nothing. */
export function isSurelyNoPhoto(contentType: string | undefined): boolean {
  const type = mimeType(contentType);
  if (type === undefined || type === 'application/octet-stream') return false;
  return !type.startsWith('image/') || unreadPictures.has(type);
}

/** A clip lends its sound as well as an audio file does. */
function isSurelySilent(contentType: string | undefined): boolean {
  const type = mimeType(contentType);
  return type !== undefined && type !== 'application/octet-stream' && !/^(audio|video)\/|^application\/ogg$/.test(type);
}
