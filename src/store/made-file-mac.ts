/**
 * Binds rows of the list of made files to the installation: a code over all that an answer rests on, under a key that is not in
 * the database. Who can write to the database alone cannot write a row that is believed.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

import { canonicalJson } from './canonical-json.ts';
import type { Json, MadeFile, Request } from './rows.ts';

/** A row and what of its request is told with it; none of these fields changes once the row is written. */
export type MadeFileFacts = Pick<MadeFile, 'sha256' | 'requestId' | 'perceptualHashes' | 'madeAt'> & {
  readonly request: Pick<Request, 'command' | 'guildId' | 'markId'>;
};

export interface MadeFileMac {
  /** Tells its key from others, and says nothing of it: 16 hexadecimal digits. */
  readonly keyId: string;
  /** `keyId`, a colon, and 64 hexadecimal digits. */
  readonly of: (row: MadeFileFacts) => string;
  /** Whether this installation wrote the row, and nobody changed it since. */
  readonly fits: (row: MadeFileFacts & Pick<MadeFile, 'mac'>) => boolean;
}

/**
 * @param watermarkKey the installation's, 32 bytes: whoever has it can mark a file as made here anyway. HMAC-SHA-256 under a key
 * that HKDF (RFC 5869) derives from it for this alone.
 */
export function openMadeFileMac(watermarkKey: Uint8Array): MadeFileMac {
  const derived = (info: string, bytes: number): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', watermarkKey, new Uint8Array(), info, bytes));
  const key = derived('lumiere made file', 32);
  const keyId = Buffer.from(derived('lumiere made file key id', 8)).toString('hex');
  const digest = (row: MadeFileFacts): Buffer => createHmac('sha256', key).update(contentOf(row)).digest();
  return {
    keyId,
    of: (row) => `${keyId}:${digest(row).toString('hex')}`,
    fits: (row) => {
      const given = Buffer.from((row.mac ?? '').replace(`${keyId}:`, ''), 'hex');
      const wanted = digest(row);
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    },
  };
}

/** Of the key that a row's code says it is under; undefined without a code, or with one of a version before it named its key. */
export function keyIdIn({ mac }: Pick<MadeFile, 'mac'>): string | undefined {
  return /^([0-9a-f]{16}):/.exec(mac ?? '')?.[1];
}

function contentOf({ sha256, requestId, perceptualHashes, madeAt, request }: MadeFileFacts): string {
  const { command, guildId, markId } = request;
  const hashes = perceptualHashes as Json;
  return canonicalJson({
    ...{ version: 1, sha256, requestId, hashes, madeAt: madeAt.toISOString() },
    ...{ command, guildId, markId },
  });
}
