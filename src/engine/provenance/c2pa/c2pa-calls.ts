/** What is asked of the thread that writes and reads manifests. */
import type { ClaimSigner } from '../claim-signer.ts';
import type { KnownCertificate } from '../known-certificates.ts';
import type { ManifestDefinition } from './manifest.ts';
import type { ManifestReading } from './manifest-reading.ts';

/** A file whose own manifest goes into the new one. */
export interface IngredientFile {
  readonly path: string;
  readonly mediaType: string;
  /** As c2pa-rs takes it, in JSON. */
  readonly ingredient: string;
}

export interface C2paCalls {
  /** The bytes of the file at `path` with a manifest in it. */
  readonly sign: {
    readonly task: {
      readonly path: string;
      readonly mediaType: string;
      readonly definition: ManifestDefinition;
      readonly ingredients: readonly IngredientFile[];
      readonly signer: ClaimSigner;
    };
    readonly result: Uint8Array<ArrayBuffer>;
  };
  /** What the manifest of the file at `path` says; undefined where there is none, `untold` where it cannot be read. */
  readonly read: {
    readonly task: {
      readonly path: string;
      readonly mediaType: string;
      readonly known: readonly KnownCertificate[];
    };
    readonly result: ManifestReading | undefined;
  };
}
