/** What the manifest in a file says and whether it holds: plain data, as small as it is harmless, whoever wrote the manifest. */
import type { MadeKind } from './manifest.ts';

export interface ManifestReading {
  /** Signed by this installation: with the key of a certificate of its own, whether or not the file was changed afterwards. */
  readonly isOurs: boolean;
  /**
   * `valid`: signature and content agree. `altered`: the file is not what was signed. `untold`: it cannot be said, the manifest
   * is damaged, or of a kind that is not known here.
   */
  readonly state: 'valid' | 'altered' | 'untold';
  /** What the reader found wrong, by the codes of the C2PA specification; ten at most. */
  readonly problems: readonly string[];
  /** Of ours: the certificate has expired since. Other readers call the file invalid then. */
  readonly isExpired?: true;
  /** The program that made it, as it calls itself; 100 characters at most, like `signer`. */
  readonly generator?: string;
  /** Who signed, as the certificate says. */
  readonly signer?: string;
  /** IPTC's digital source types that its actions name, by their last words; five at most, and none that IPTC does not know. */
  readonly sourceTypes: readonly string[];
  /** When it was made, as its first action says. */
  readonly at?: Date;
  /** Of ours, where the manifest itself is as it was signed. */
  readonly kind?: MadeKind;
  readonly markId?: string;
  /** What was made was made from an animation of ours. */
  readonly isFromAnimation?: true;
}

/** What is left of a manifest that nobody can read. */
export const untold: ManifestReading = { isOurs: false, state: 'untold', problems: [], sourceTypes: [] };
