/** What a media store holds, in bytes. */
import type { MediaStore } from '../../src/store/media-store.ts';

export async function bytesStored(store: MediaStore): Promise<number> {
  let sum = 0;
  for await (const { bytes } of store.files()) sum += bytes;
  return sum;
}
