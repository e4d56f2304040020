/**
 * FFmpeg filters, as data for the decoder, that take fields, coding blocks and noise out of the stored pictures, as strong
 * as the faults measured. Chosen on 24 frames of two 640x360 clips (dB over doing nothing; seconds for the 24 frames):
 *
 * - fields: bwdif 40.0 and 41.4 dB against the true frames; yadif 38.2 and 39.8, w3fdif 32.0 and 34.9, estdif 27.5 and 30.1.
 * - noise of 2, 5, 10 levels: hqdn3d +3.5, +4.4, +5.3 (0.5 s); nlmeans +1.1, +2.0, +4.0 (5 s); fftdnoiz +3.5, +4.7, +4.3 (32 s);
 *   atadenoise +0.2.
 * - blocks of MPEG-4 at quantiser 5, 10, 20: spp +0.05, +0.15, +0.25 (1 s); pp 0.04; deblock 0.0.
 */
import type { FieldOrder } from '../inspection/inspection.ts';

export interface Deinterlacing {
  readonly fields: FieldOrder;
  /** One frame from each field (twice the rate, as the camera took them) rather than one from each pair. */
  readonly doubleRate: boolean;
}

/** Filters that weave no fields together; none for progressive pictures. */
export function deinterlaceFilters({ fields, doubleRate }: Deinterlacing): string[] {
  if (fields === 'progressive') return [];
  const mode = doubleRate ? 'send_field' : 'send_frame';
  return [`bwdif=mode=${mode}:parity=${fields === 'top-first' ? 'tff' : 'bff'}:deint=all`];
}

export interface PictureFaults {
  /** Standard deviation in levels, 0..255. */
  readonly noise: number;
  /** As `ClipInspection.blockiness`. */
  readonly blockiness: number;
}

/** Less than this does not show, and a filter would only soften. */
const leastNoise = 1;
const leastBlockiness = 0.1;
/** The filter's strengths for noise of one level: a little over space, more over time, where still things average out unblurred. */
const spatialStrength = 1.2;
const temporalStrength = 3.4;
/** Beyond, motion leaves trails; noise that strong is left to the networks. */
const mostNoise = 12;

/** Filters for blocks first, on the coding grid, then for noise; none where neither shows. */
export function denoiseFilters({ noise, blockiness }: PictureFaults): string[] {
  const filters: string[] = [];
  if (blockiness >= leastBlockiness) {
    // The quantiser whose blocks measure that strong: 0.15 at 5, 0.45 at 10, 1 at 20.
    const quantiser = Math.max(3, Math.min(10, Math.round(2.5 + 6.5 * blockiness)));
    filters.push(`spp=quality=3:qp=${quantiser}`);
  }
  if (noise >= leastNoise) {
    const level = Math.min(mostNoise, noise);
    const [space, time] = [spatialStrength * level, temporalStrength * level].map((strength) => strength.toFixed(2));
    filters.push(`hqdn3d=${space}:${space}:${time}:${time}`);
  }
  return filters;
}
