/** Copies that every thread sees without one of its own. */
import type { Picture } from '../picture.ts';

export function sharedBytes(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

export const sharedPicture = (picture: Picture): Picture => ({ ...picture, data: sharedBytes(picture.data) });
