/**
 * Whether a file was made here, in one answer, from all that speaks for it: what it carries and what the log knows. Pure.
 *
 * A valid manifest is a proof, and so is the hash of the very file, in a row of the log that the installation's key bears out. The
 * watermark proves that marked pictures were used, but for chance (below 1e-6): who has them can carry it over to others. Which
 * request it names is told where the pictures are like those that were made. Likeness alone proves nothing: the original that
 * something was made from looks alike, too.
 */
import type { MadeKind } from './c2pa/manifest.ts';
import type { ManifestReading } from './c2pa/read-manifest.ts';
import type { Marks } from './read-marks.ts';

/** What the log knows of something that was made. */
export interface Recorded {
  readonly requestId: string;
  readonly guildId: string | null;
  readonly kind: MadeKind;
  /** It is a restoration of an animation that was made here. */
  readonly isFromAnimation?: boolean;
  readonly madeAt: Date;
}

export interface Findings {
  readonly marks: Marks;
  readonly byHash?: Recorded | undefined;
  /** `pictures`: whether those that carry the watermark are like those that were made; absent where nothing could be compared. */
  readonly byMark?: (Recorded & { readonly pictures?: PicturesCompared }) | undefined;
  readonly byLikeness?: (Recorded & { readonly share: number; readonly distance: number }) | undefined;
}

export type Evidence =
  /** The log has this very file. */
  | { readonly kind: 'log' }
  /** Signed by this installation; `expired`: with a certificate whose time is over since. */
  | { readonly kind: 'manifest'; readonly expired?: true }
  /** Signed by this installation, but another file. */
  | { readonly kind: 'manifest-altered' }
  /** `pictures`: whether they are like those of the file that has this mark, where both are known. */
  | {
      readonly kind: 'watermark';
      readonly payload: string;
      readonly falsePositive: number;
      readonly pictures?: PicturesCompared;
    }
  /** `share` of its pictures, 0 to 1, which differ by `distance` bits of 64 on average. */
  | { readonly kind: 'likeness'; readonly share: number; readonly distance: number };

export const picturesCompared = ['alike', 'different'] as const;
export type PicturesCompared = (typeof picturesCompared)[number];

export const certainties = ['certain', 'very-likely', 'possible', 'none'] as const;

export interface Verdict {
  /** Null where it cannot be said: something speaks for it and nothing proves it, or not everything could be looked for. */
  readonly madeHere: boolean | null;
  /** How certain it is that it was made here; `none` is no proof that it was not. */
  readonly certainty: (typeof certainties)[number];
  /** What says so, the strongest first. */
  readonly evidence: readonly Evidence[];
  readonly kind?: MadeKind;
  /** What was restored is an animation that was made here: its movement is invented. */
  readonly fromAnimation?: true;
  readonly madeAt?: Date;
  /** Whether the file is another than the one that was made; absent where that cannot be said. */
  readonly altered?: boolean;
  /** A manifest of somebody else. */
  readonly others?: ManifestReading;
  /** What could not be looked for. */
  readonly unread?: Marks['unread'];
  /** The request it was made for, where it was made here and the log has it. */
  readonly request?: { readonly id: string; readonly guildId: string | null };
}

export function judge({ marks, byHash, byMark, byLikeness }: Findings): Verdict {
  const { manifest, watermark } = marks;
  const ours = manifest?.isOurs === true ? manifest : undefined;
  const evidence: Evidence[] = [];
  if (byHash) evidence.push({ kind: 'log' });
  if (ours?.state === 'valid') evidence.push({ kind: 'manifest', ...(ours.isExpired && { expired: true }) });
  else if (ours) evidence.push({ kind: 'manifest-altered' });
  const pictures = watermark && byMark?.pictures;
  if (watermark) {
    const { payload, falsePositive } = watermark;
    evidence.push({ kind: 'watermark', payload, falsePositive, ...(pictures && { pictures }) });
  }
  if (byLikeness && !byHash) {
    evidence.push({ kind: 'likeness', share: byLikeness.share, distance: byLikeness.distance });
  }
  const isProven = byHash !== undefined || ours?.state === 'valid';
  const isMarked = watermark !== undefined && pictures !== 'different';
  const certainty = isProven ? 'certain' : isMarked ? 'very-likely' : evidence.length > 0 ? 'possible' : 'none';
  const isOpen = certainty === 'possible' || (certainty === 'none' && marks.unread !== undefined);
  const madeHere = isOpen ? null : certainty !== 'none';
  // What only looks alike, or carries a manifest of another file, was not made then and from that. Nor need be what carries a mark,
  // unless its pictures agree, or the manifest names the same.
  const isNamed = ours?.state === 'valid' && (watermark === undefined || watermark.payload === ours.markId);
  const isOfMark = pictures === 'alike' || isNamed;
  const recorded = madeHere === true ? (byHash ?? (isOfMark ? byMark : undefined)) : undefined;
  const kind = madeHere === true ? (ours?.kind ?? recorded?.kind) : undefined;
  const saysSo = (ours?.state === 'valid' && ours.isFromAnimation === true) || recorded?.isFromAnimation === true;
  const madeAt = recorded?.madeAt ?? (isProven ? ours?.at : undefined);
  const altered = isProven ? false : madeHere === true || ours ? true : undefined;
  return {
    madeHere,
    certainty,
    evidence: evidence.toSorted((a, b) => strength.indexOf(a.kind) - strength.indexOf(b.kind)),
    ...(kind !== undefined && { kind }),
    ...(kind === 'restoration' && saysSo && { fromAnimation: true }),
    ...(madeAt !== undefined && { madeAt }),
    ...(altered !== undefined && { altered }),
    ...(manifest && !ours && { others: manifest }),
    ...(marks.unread && { unread: marks.unread }),
    ...(recorded && { request: { id: recorded.requestId, guildId: recorded.guildId } }),
  };
}

const strength: readonly Evidence['kind'][] = ['log', 'manifest', 'watermark', 'manifest-altered', 'likeness'];
