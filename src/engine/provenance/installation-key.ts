/**
 * Keys of an installation: random bytes in files that only its owner may read, made when they are first asked for. What one
 * installation marks is recognised by whoever holds the same key, and by nobody else: a key that is lost cannot be made again.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { LumiereError } from '../errors.ts';
import { readKeyFile, writeKeyFileOnce } from './key-file.ts';

/** What there is a key for: the invisible watermark, the chain of the usage log. */
export type KeyPurpose = 'watermark' | 'log';

const keyBytes = 32;

/**
 * The key of `folder` for a purpose, 32 bytes. Several processes may ask for a new one at once: all get the same. Rejects with
 * `provenance.watermark-key-damaged` or `.log-key-damaged` when the file is no key, with `.keys-unreadable` or `.keys-unwritable`.
 */
export async function openInstallationKey(folder: string, purpose: KeyPurpose): Promise<Uint8Array> {
  const known = await readInstallationKey(folder, purpose);
  if (known !== undefined) return known;
  const path = pathOf(folder, purpose);
  return keyIn(await writeKeyFileOnce(path, `${randomBytes(keyBytes).toString('hex')}\n`), path, purpose);
}

/** The same, undefined where there is none: none is made. */
export async function readInstallationKey(folder: string, purpose: KeyPurpose): Promise<Uint8Array | undefined> {
  const path = pathOf(folder, purpose);
  const text = await readKeyFile(path);
  return text === undefined ? undefined : keyIn(text, path, purpose);
}

const pathOf = (folder: string, purpose: KeyPurpose): string => join(folder, `${purpose}.key`);

function keyIn(text: string, path: string, purpose: KeyPurpose): Uint8Array {
  if (!/^[0-9a-f]{64}\n?$/.test(text)) throw new LumiereError(`provenance.${purpose}-key-damaged`, { path });
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}
