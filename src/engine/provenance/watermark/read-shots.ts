/** Looks for a mark in one shot after another, and decides what is believed. It blocks for seconds: `read-thread.ts` runs it. */
import { agreementOf, falsePositiveOf, isBelieved } from './false-positive.ts';
import { lumaOf } from './grey-map.ts';
import { layoutOf } from './layout.ts';
import type { SampledShot } from './sampled-shots.ts';
import { type Finding, searchMark } from './search.ts';
import type { WatermarkReading } from './watermark.ts';

export interface ReadWork {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** At least one. */
  readonly shots: readonly SampledShot[];
}

/** The first shot's finding that is believed, or what came nearest to one. `believe` is asked about every place decoded. */
export function readShots({ key, shots }: ReadWork, believe: (finding: Finding) => boolean = isBelieved): Finding {
  const layout = layoutOf(key);
  const findings: Finding[] = [];
  for (const shot of shots) {
    const frames = shot.pictures.map((pixels) => lumaOf(pixels, shot));
    const finding = searchMark(frames, layout, believe);
    if (believe(finding)) return finding;
    findings.push(finding);
  }
  return findings.toSorted((a, b) => agreementOf(b) - agreementOf(a))[0]!;
}

/** What is told of a finding; undefined for one that is not believed. */
export function readingOf(finding: Finding): WatermarkReading | undefined {
  if (!isBelieved(finding)) return undefined;
  const { payload, sync, correlation } = finding;
  return { payload, sync, correlation, falsePositive: falsePositiveOf(finding) };
}
