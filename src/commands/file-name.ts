/** A member's file name, made fit to be kept, shown, and to name the result after. */

import { shortened } from '../discord/shorten.ts';

const longest = 80;

/** Keeps letters of every script and what people put in names, and the ending; `nameless` where nothing is left; never a path. */
export function fileName(given: string, nameless = 'clip'): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()+&'’-]/gu, '_')
    .replaceAll(/[\s_]*_[\s_]*/g, '_')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\s._-]+/, '');
  const [, stem = '', ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,5})?$/u.exec(clean) ?? [];
  const short = shortened(stem, longest - ending.length).trimEnd();
  return `${short === '' ? nameless : short}${ending}`;
}
