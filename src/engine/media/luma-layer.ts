/** A pattern of luma that an encoder adds to its pictures, before anything is laid over them. */
import type { Frame } from '../frame.ts';
import type { Size } from '../size.ts';

/** Its size is that of the patterns, which are enlarged to the size of the pictures. */
export interface LumaLayer extends Size {
  /** Frames that one pattern serves, 1 to 4: an encoder holds so many until it sees the next one. */
  readonly every: number;
  /**
   * Asked in order, once for each frame. For the first and each `every`th after it, what is added to it and to those that follow:
   * `width * height` bytes, rows top to bottom, 128 where nothing is added, not changed afterwards. Undefined for the others.
   */
  next(frame: Frame): Promise<Uint8Array | undefined>;
}
