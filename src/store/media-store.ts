/**
 * Where clips and results are kept, by the SHA-256 of what is in them: the same bytes are kept once. What a store offers, and why it
 * may fail; `local-media-store.ts` is the one there is, an object store (S3) could offer the same.
 */

export interface PutOptions {
  /** For stores that serve files over HTTP; a folder has no use for it. */
  readonly mediaType: string;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
  /** When these bytes were last put. */
  readonly storedAt: Date;
}

export interface MediaStore {
  /**
   * Keeps a stream or a copy of a file; all of it or nothing. Rejects with MediaTooLarge above `maxBytes`, with
   * `output.disk-full` or `output.unwritable`, with `job.cancelled` when the signal fires, or with the stream's own error.
   */
  put(
    source: AsyncIterable<Uint8Array> | { readonly path: string },
    options: PutOptions,
  ): Promise<{ sha256: string; bytes: number }>;
  /** A local path to read it from, valid until `release` even if the file is removed meanwhile. Rejects with MediaMissing. */
  open(sha256: string): Promise<{ readonly path: string; readonly release: () => Promise<void> }>;
  /**
   * This process needs a file that no request refers to, until the function that it gives is called: its sweeps leave the file
   * alone. Forgotten when the process dies.
   */
  hold(sha256: string): () => void;
  isHeld(sha256: string): boolean;
  /** Removes a file, unless it was put again after `notPutSince`. Resolves to whether it was there and is gone. */
  remove(sha256: string, notPutSince?: Date): Promise<boolean>;
  /** Those that a key opens. */
  files(): AsyncIterable<StoredFile>;
  /** Removes encrypted files that no key opens and that were put before `before`; none when it is left out. `left`: how many stay. */
  clearUnopened(before?: Date): Promise<{ readonly removed: number; readonly left: number }>;
  /** Removes what interrupted work left behind: half-written files and links older than `before`, or of processes that are gone. */
  clearLeftovers(before: Date): Promise<void>;
}

/** A stream had more bytes than it was allowed. */
export class MediaTooLarge extends Error {
  override readonly name = 'MediaTooLarge';
  readonly limit: number;

  constructor(limit: number) {
    super(`more than ${limit} bytes`);
    this.limit = limit;
  }
}

/** The file is not in the store: its time was over, or it was removed. */
export class MediaMissing extends Error {
  override readonly name = 'MediaMissing';
  readonly sha256: string;

  constructor(sha256: string) {
    super(`no file ${sha256} in the media store`);
    this.sha256 = sha256;
  }
}

/** The file is there and is not what was kept, or none of the keys opens it: as good as missing. */
export class MediaDamaged extends MediaMissing {
  constructor(sha256: string, options?: ErrorOptions) {
    super(sha256);
    this.message = `file ${sha256} of the media store cannot be decrypted: it was altered, or its key is not set`;
    this.cause = options?.cause;
  }
}
