/**
 * Keys of an installation: random bytes in files that only its owner may read, made when they are first asked for. What one
 * installation marks is recognised by whoever holds the same key, and by nobody else: a key that is lost cannot be made again.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { LumiereError } from '../errors.ts';

/** What there is a key for: the invisible watermark, the chain of the usage log. */
export type KeyPurpose = 'watermark' | 'log';

const keyBytes = 32;

/**
 * The key of `folder` for a purpose, 32 bytes. Several processes may ask for a new one at once: all get the same. Rejects with
 * `provenance.key-damaged` when the file is no key, or as the file system does.
 */
export async function openInstallationKey(folder: string, purpose: KeyPurpose): Promise<Uint8Array> {
  const path = join(folder, `${purpose}.key`);
  const text = (await read(path)) ?? (await make(folder, path));
  if (!/^[0-9a-f]{64}\n?$/.test(text)) throw new LumiereError('provenance.key-damaged', { path });
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written whole under another name first: a link is made by one of several only. */
async function make(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
