/** A pattern of luma that an encoder adds to its pictures, before anything is laid over them. */
import type { Frame } from '../frame.ts';
import type { Size } from '../size.ts';

/** Its size is that of the patterns, which are enlarged to the size of the pictures. */
export interface LumaLayer extends Size {
  /**
   * What is added to this frame: `width * height` bytes, rows top to bottom, 128 where nothing is added. Asked for in order, once
   * for each frame; the bytes are not changed afterwards.
   */
  next(frame: Frame): Promise<Uint8Array>;
}
