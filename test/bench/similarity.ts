/** How like the truth a picture is: PSNR over all channels, and SSIM of the luma (Wang and others, 2004; windows of 8, every 4). */

/** In dB, at most 60: a frame shown as it is would be infinitely good, and drown every mean. */
export function psnr(picture: Uint8Array, truth: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < truth.length; at += 1) sum += (picture[at]! - truth[at]!) ** 2;
  return Math.min(60, 10 * Math.log10((255 ** 2 * truth.length) / sum));
}

function luma(picture: Uint8Array): Float32Array {
  return Float32Array.from(
    { length: picture.length / 3 },
    (_, at) => 0.299 * picture[at * 3]! + 0.587 * picture[at * 3 + 1]! + 0.114 * picture[at * 3 + 2]!,
  );
}

/** 0 to 1, of R G B pictures of one width. */
export function ssim(picture: Uint8Array, truth: Uint8Array, width: number): number {
  const [a, b] = [luma(picture), luma(truth)];
  const height = a.length / width;
  const window = 8;
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let [sum, count] = [0, 0];
  for (let top = 0; top + window <= height; top += 4) {
    for (let left = 0; left + window <= width; left += 4) {
      let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + window; y += 1) {
        for (let at = y * width + left; at < y * width + left + window; at += 1) {
          const [p, q] = [a[at]!, b[at]!];
          sa += p;
          sb += q;
          saa += p * p;
          sbb += q * q;
          sab += p * q;
        }
      }
      const n = window * window;
      const [ma, mb] = [sa / n, sb / n];
      const [va, vb, cov] = [saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb];
      sum += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      count += 1;
    }
  }
  return sum / count;
}
