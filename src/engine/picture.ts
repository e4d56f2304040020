/** A still picture in memory: what a photograph is once it is decoded, turned upright and made RGB. */

/** `data` holds `width * height * 3` bytes, rows top to bottom, pixels R G B in sRGB. Nobody writes to it once it is made. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
