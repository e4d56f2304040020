/** Looks for a mark in one shot after another, and decides what is believed. It blocks for seconds: `read-thread.ts` runs it. */
import { originalHashes } from '../original-hashes.ts';
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

export interface ShotFinding extends Finding {
  /** In which it was found. */
  readonly shot: SampledShot;
}

/** The first shot's finding that is believed, or what came nearest to one. `believe` is asked about every place decoded. */
export function readShots({ key, shots }: ReadWork, believe: (finding: Finding) => boolean = isBelieved): ShotFinding {
  const layout = layoutOf(key);
  const findings: ShotFinding[] = [];
  for (const shot of shots) {
    const frames = shot.pictures.map((pixels) => lumaOf(pixels, shot));
    const finding = { ...searchMark(frames, layout, believe), shot };
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

/** Pictures of a shot that are hashed: they are much alike. */
const hashedPictures = 3;

/** By what the originals of a shot's pictures may be known. */
export function originalHashesOf({ width, height, pictures }: SampledShot): readonly string[] {
  const count = Math.min(hashedPictures, pictures.length);
  const looked = Array.from({ length: count }, (_, k) => pictures[Math.floor(((k + 0.5) * pictures.length) / count)]!);
  return [...new Set(looked.flatMap((data) => originalHashes({ width, height, data })))];
}
