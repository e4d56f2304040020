/** Finds the optional media that some tests look at; a test that needs a file which is absent skips and says so. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../shared/media/', import.meta.url);

/** Path of a test film or portrait such as `films/roundhay-1888.mp4`, or undefined where the media folder is absent. */
export function sharedMedia(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, folder));
  return existsSync(path) ? path : undefined;
}
