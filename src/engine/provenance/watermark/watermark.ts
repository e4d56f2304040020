/** What an invisible watermark is made of: a key that is the installation's own and a payload that names one result. */

export interface Watermark {
  /** 32 bytes. Only a reader with the same key finds the mark. */
  readonly key: Uint8Array;
  /** 48 bits as 12 hexadecimal digits in lower case. */
  readonly payload: string;
}

/** What was found in a file. */
export interface WatermarkReading {
  /** 12 hexadecimal digits in lower case. */
  readonly payload: string;
  /** How far the key's pattern stands out of what the file would show by chance, in standard deviations. */
  readonly sync: number;
  /** The same for the bits of the payload. */
  readonly correlation: number;
  /** Estimated probability that a file without the key's mark reads so, at least 1e-12. */
  readonly falsePositive: number;
  /**
   * Of some of the pictures that carry it, and of what they may have been before they were cut or given a border
   * (`originalHashes`). Absent where nobody looked.
   */
  readonly originalHashes?: readonly string[];
}

/** Throws a RangeError for a key or payload of the wrong form. */
export function checkWatermark({ key, payload }: Watermark): void {
  if (key.length !== 32) throw new RangeError(`expected a key of 32 bytes but received ${key.length}`);
  if (!/^[0-9a-f]{12}$/.test(payload)) {
    throw new RangeError(`expected a payload of 12 hexadecimal digits but received ${payload.length} characters`);
  }
}
