/** What is asked of the thread that writes and reads manifests. */
import type { ClaimSigner } from '../claim-signer.ts';
import type { ManifestDefinition } from './manifest.ts';

/** A file whose own manifest goes into the new one. */
export interface IngredientFile {
  readonly path: string;
  readonly mediaType: string;
  /** As c2pa-rs takes it, in JSON. */
  readonly ingredient: string;
}

export interface C2paCalls {
  /** Writes the file at `path` with a manifest to `target`. */
  readonly sign: {
    readonly task: {
      readonly path: string;
      readonly target: string;
      readonly mediaType: string;
      readonly definition: ManifestDefinition;
      readonly ingredients: readonly IngredientFile[];
      readonly signer: ClaimSigner;
    };
    readonly result: undefined;
  };
  /** The manifest store of the file at `path` as c2pa-rs tells it, in JSON; undefined where there is none. */
  readonly read: {
    readonly task: {
      readonly path: string;
      readonly mediaType: string;
      /** PEM of authorities whose signers count as trusted. */
      readonly trusted: string;
    };
    readonly result: string | undefined;
  };
}
