/**
 * The frame between two pictures, from the motion between smaller versions of them: both pictures warped bilinearly where
 * the enlarged flow points, mixed by the enlarged shares, and faded to a plain blend where the motion is not trusted.
 *
 * Plain loops over typed arrays, for worker threads: 31 ms of one core at 1280x960, where the same in ONNX Runtime's CPU
 * operators took 102 ms for the two GridSamples alone (134 as Gathers). Three things make it fast: pictures are packed four
 * bytes to a word, so that a tap is one load; planes are stepped along a row by addition, since between two of their
 * pixels they are straight lines; all arithmetic on pixels is on integers (positions to 1/128 pixel, shares to 1/256).
 */

/** A picture packed as R | G << 8 | B << 16 in each word, row-major. */
export type PackedPicture = Int32Array;

export interface WarpJob {
  readonly left: PackedPicture;
  readonly right: PackedPicture;
  readonly width: number;
  readonly height: number;
  /** As `motionPlanes` of `motion-graph.ts`: six planes, each `planesHeight * planesWidth`. */
  readonly planes: Float32Array;
  readonly planesWidth: number;
  readonly planesHeight: number;
  /** Where between left (0) and right (1): the weights of the plain blend. */
  readonly phase: number;
}

const planeCount = 6;
const fractionBits = 7;
const onePixel = 1 << fractionBits;
const fractionMask = onePixel - 1;
const oneTap = onePixel * onePixel;
const shareBits = 8;
const oneShare = 1 << shareBits;
const mixBits = 2 * fractionBits + shareBits;
const halfMix = 1 << (mixBits - 1);
const fadeBits = 2 * shareBits;
const halfFade = 1 << (fadeBits - 1);

/** Packs rows `from` up to `to` of a picture of R G B bytes. */
export function packRows(bytes: Uint8Array, packed: PackedPicture, width: number, from: number, to: number): void {
  for (let pixel = from * width, at = pixel * 3; pixel < to * width; pixel += 1, at += 3) {
    packed[pixel] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  }
}

/** Stretches of a row over which every plane is one straight line: first and last pixel (excluded), plane pixel left and right of it. */
function straightStretches(width: number, planesWidth: number): Int32Array {
  const scale = width / planesWidth;
  const stretches: number[] = [];
  const cellOf = (x: number): number => Math.floor((x + 0.5) / scale - 0.5);
  for (let x = 0; x < width;) {
    const cell = cellOf(x);
    let end = x + 1;
    while (end < width && cellOf(end) === cell) end += 1;
    stretches.push(x, end, Math.max(0, cell), Math.min(planesWidth - 1, cell + 1));
    x = end;
  }
  return Int32Array.from(stretches);
}

/** Writes rows `from` up to `to` of the frame between into `out`, R G B bytes of the whole picture. */
export function warpRows(job: WarpJob, out: Uint8Array, from: number, to: number): void {
  const { left, right, width, height, planes, planesWidth, planesHeight, phase } = job;
  const scaleX = width / planesWidth;
  const scaleY = height / planesHeight;
  const perPixel = 1 / scaleX;
  const stretches = straightStretches(width, planesWidth);
  const planeSize = planesWidth * planesHeight;
  const gains = [scaleX * onePixel, scaleY * onePixel, scaleX * onePixel, scaleY * onePixel, oneShare, oneShare];
  /** The six planes along this picture row, in 1/128 pixel of the picture and 1/256 shares. */
  const line = new Float32Array(planeCount * planesWidth);
  const [atLeftY, atRightX, atRightY] = [planesWidth, 2 * planesWidth, 3 * planesWidth];
  const [atShare, atTrust] = [4 * planesWidth, 5 * planesWidth];
  const lastX = (width - 1) * onePixel;
  const lastY = (height - 1) * onePixel;
  const plainRight = Math.round(phase * oneShare);
  const plainLeft = oneShare - plainRight;

  for (let y = from; y < to; y += 1) {
    const planeY = Math.min(planesHeight - 1, Math.max(0, (y + 0.5) / scaleY - 0.5));
    const above = Math.floor(planeY);
    const below = Math.min(planesHeight - 1, above + 1);
    const down = planeY - above;
    for (let plane = 0; plane < planeCount; plane += 1) {
      const gain = gains[plane]!;
      const a = plane * planeSize + above * planesWidth;
      const b = plane * planeSize + below * planesWidth;
      const start = plane * planesWidth;
      for (let x = 0; x < planesWidth; x += 1) {
        const value = planes[a + x]!;
        line[start + x] = (value + (planes[b + x]! - value) * down) * gain;
      }
    }

    const rowStart = y * onePixel + 0.5;
    for (let stretch = 0; stretch < stretches.length; stretch += 4) {
      const begin = stretches[stretch]!;
      const end = stretches[stretch + 1]!;
      const i = stretches[stretch + 2]!;
      const j = stretches[stretch + 3]!;
      const offset = Math.max(0, (begin + 0.5) * perPixel - 0.5 - i) * scaleX;
      // Value at the first pixel (a half added, so that truncation rounds), and step from pixel to pixel, of each plane.
      const stepLeftX = (line[j]! - line[i]!) * perPixel + onePixel;
      const stepLeftY = (line[atLeftY + j]! - line[atLeftY + i]!) * perPixel;
      const stepRightX = (line[atRightX + j]! - line[atRightX + i]!) * perPixel + onePixel;
      const stepRightY = (line[atRightY + j]! - line[atRightY + i]!) * perPixel;
      const stepShare = (line[atShare + j]! - line[atShare + i]!) * perPixel;
      const stepTrust = (line[atTrust + j]! - line[atTrust + i]!) * perPixel;
      const columnStart = begin * onePixel + 0.5;
      let leftX = line[i]! + (stepLeftX - onePixel) * offset + columnStart;
      let leftY = line[atLeftY + i]! + stepLeftY * offset + rowStart;
      let rightX = line[atRightX + i]! + (stepRightX - onePixel) * offset + columnStart;
      let rightY = line[atRightY + i]! + stepRightY * offset + rowStart;
      let share = line[atShare + i]! + stepShare * offset + 0.5;
      let trust = line[atTrust + i]! + stepTrust * offset + 0.5;

      for (let pixel = y * width + begin, at = pixel * 3; pixel < y * width + end; pixel += 1, at += 3) {
        const ofLeft = share | 0;
        const ofRight = oneShare - ofLeft;

        let sx = leftX | 0;
        let sy = leftY | 0;
        sx = sx < 0 ? 0 : sx > lastX ? lastX : sx;
        sy = sy < 0 ? 0 : sy > lastY ? lastY : sy;
        let fx = sx & fractionMask;
        let fy = sy & fractionMask;
        let w11 = fx * fy;
        let w10 = fy * onePixel - w11;
        let w01 = fx * onePixel - w11;
        let w00 = oneTap - w01 - w10 - w11;
        let tap = (sy >> fractionBits) * width + (sx >> fractionBits);
        let next = fx === 0 ? tap : tap + 1;
        let row = fy === 0 ? 0 : width;
        let p00 = left[tap]!;
        let p01 = left[next]!;
        let p10 = left[tap + row]!;
        let p11 = left[next + row]!;
        let r = Math.imul((p00 & 255) * w00 + (p01 & 255) * w01 + (p10 & 255) * w10 + (p11 & 255) * w11, ofLeft);
        let g = Math.imul(
          ((p00 >> 8) & 255) * w00 + ((p01 >> 8) & 255) * w01 + ((p10 >> 8) & 255) * w10 + ((p11 >> 8) & 255) * w11,
          ofLeft,
        );
        let b = Math.imul((p00 >> 16) * w00 + (p01 >> 16) * w01 + (p10 >> 16) * w10 + (p11 >> 16) * w11, ofLeft);

        sx = rightX | 0;
        sy = rightY | 0;
        sx = sx < 0 ? 0 : sx > lastX ? lastX : sx;
        sy = sy < 0 ? 0 : sy > lastY ? lastY : sy;
        fx = sx & fractionMask;
        fy = sy & fractionMask;
        w11 = fx * fy;
        w10 = fy * onePixel - w11;
        w01 = fx * onePixel - w11;
        w00 = oneTap - w01 - w10 - w11;
        tap = (sy >> fractionBits) * width + (sx >> fractionBits);
        next = fx === 0 ? tap : tap + 1;
        row = fy === 0 ? 0 : width;
        p00 = right[tap]!;
        p01 = right[next]!;
        p10 = right[tap + row]!;
        p11 = right[next + row]!;
        r += Math.imul((p00 & 255) * w00 + (p01 & 255) * w01 + (p10 & 255) * w10 + (p11 & 255) * w11, ofRight);
        g += Math.imul(
          ((p00 >> 8) & 255) * w00 + ((p01 >> 8) & 255) * w01 + ((p10 >> 8) & 255) * w10 + ((p11 >> 8) & 255) * w11,
          ofRight,
        );
        b += Math.imul((p00 >> 16) * w00 + (p01 >> 16) * w01 + (p10 >> 16) * w10 + (p11 >> 16) * w11, ofRight);
        r = (r + halfMix) >> mixBits;
        g = (g + halfMix) >> mixBits;
        b = (b + halfMix) >> mixBits;

        const trusted = trust | 0;
        if (trusted < oneShare) {
          const a = left[pixel]!;
          const c = right[pixel]!;
          const warped = trusted * oneShare;
          const ofA = (oneShare - trusted) * plainLeft;
          const ofC = (oneShare - trusted) * plainRight;
          r = (Math.imul(r, warped) + Math.imul(a & 255, ofA) + Math.imul(c & 255, ofC) + halfFade) >> fadeBits;
          g =
            (Math.imul(g, warped) + Math.imul((a >> 8) & 255, ofA) + Math.imul((c >> 8) & 255, ofC) + halfFade) >>
            fadeBits;
          b = (Math.imul(b, warped) + Math.imul(a >> 16, ofA) + Math.imul(c >> 16, ofC) + halfFade) >> fadeBits;
        }
        out[at] = r;
        out[at + 1] = g;
        out[at + 2] = b;

        leftX += stepLeftX;
        leftY += stepLeftY;
        rightX += stepRightX;
        rightY += stepRightY;
        share += stepShare;
        trust += stepTrust;
      }
    }
  }
}
