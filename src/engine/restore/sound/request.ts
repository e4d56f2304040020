/** What `--sound` asks for, read from its text. */
import { LumiereError } from '../../errors.ts';

export const ambienceNames = [
  'projector',
  'steam-train',
  'street',
  'crowd',
  'rain',
  'sea',
  'wind',
  'footsteps',
  'vinyl',
] as const;

export type AmbienceName = (typeof ambienceNames)[number];

export type SoundRequest =
  /** The clip's own sound, untouched. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'none' }
  /** Sound from a file, fitted to the clip and mixed with its own. */
  | { readonly kind: 'file'; readonly path: string }
  /** A synthesised ambience; `seed` is a 32-bit unsigned integer. */
  | { readonly kind: 'ambience'; readonly name: AmbienceName; readonly seed: number };

/** The seed of `ambience:NAME` without one: the same clip sounds the same every time. */
const defaultSeed = 1;

/**
 * Reads `keep`, `none`, `ambience:NAME`, `ambience:NAME@SEED` (0..4294967295) or else the path of a file (write `./none`
 * for a file of that name). The file is not opened here.
 *
 * @throws LumiereError `request.ambience-unknown` (`name`, `known`) and `request.invalid` (`option`, `value`, `expected`).
 * @example parseSound('ambience:rain@7') // { kind: 'ambience', name: 'rain', seed: 7 }
 */
export function parseSound(text: string): SoundRequest {
  if (text === 'keep' || text === 'none') return { kind: text };
  const match = /^ambience:([^@]*)(?:@(.*))?$/.exec(text);
  if (match === null) {
    if (text.trim() === '') throw invalid(text, 'keep, none, FILE, ambience:NAME');
    return { kind: 'file', path: text };
  }
  const [, wanted = '', seedText] = match;
  const name = ambienceNames.find((one) => one === wanted.trim().toLowerCase().replaceAll(/[ _]/g, '-'));
  if (name === undefined) {
    throw new LumiereError('request.ambience-unknown', { name: wanted, known: ambienceNames.join(', ') });
  }
  const seed = seedText === undefined ? defaultSeed : Number(seedText);
  if (seedText === '' || !Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw invalid(text, '0..4294967295');
  }
  return { kind: 'ambience', name, seed };
}

function invalid(value: string, expected: string): LumiereError {
  return new LumiereError('request.invalid', { option: 'sound', value, expected });
}
