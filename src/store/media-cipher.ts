/**
 * How a file of the media store is encrypted at rest: AES-256-GCM in chunks, each bound to its place and the last one marked
 * (the STREAM construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015), under a key of the file's own that is derived from
 * the installation's. Nothing can be cut off, moved, exchanged or altered unseen, and nothing has to fit into memory.
 *
 *   8 bytes  mark     16 bytes  salt     56 bytes  hash and length, sealed     then chunks of 64 KiB, each with a tag of 16 bytes
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const mark = Buffer.from('LMEDIA1\n');
const saltBytes = 16;
const tagBytes = 16;
const contentsBytes = 40;
const headerBytes = mark.length + saltBytes + contentsBytes + tagBytes;
const chunkBytes = 64 * 1024;

/** Where the chunks begin. */
export { headerBytes as sealedFrom };

/** A file that cannot be opened with any of the keys, or is not as it was written. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** The name under which a file is kept: who lists the folder learns nothing about what is in it. */
export function sealedName(key: Uint8Array, sha256: string): string {
  return createHmac('sha256', key).update(`name:${sha256}`).digest('hex');
}

export interface Sealer {
  /** All chunks of a file, in order. */
  seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer>;
  /** What stands before them, once it is known what was sealed. */
  header(sha256: string, bytes: number): Buffer;
}

/** For one file. */
export function createSealer(key: Uint8Array): Sealer {
  const salt = randomBytes(saltBytes);
  const fileKey = fileKeyOf(key, salt);
  return {
    seal: async function* (source) {
      let index = 0;
      let held = Buffer.alloc(0);
      for await (const part of source) {
        held = held.length === 0 ? Buffer.from(part) : Buffer.concat([held, part]);
        // One chunk is held back: the last one is sealed as such.
        let at = 0;
        for (; held.length - at > chunkBytes; at += chunkBytes) {
          yield sealOne(fileKey, nonce(index++, false), held.subarray(at, at + chunkBytes));
        }
        held = held.subarray(at);
      }
      yield sealOne(fileKey, nonce(index, true), held);
    },
    header: (sha256, bytes) => {
      const contents = Buffer.alloc(contentsBytes);
      contents.write(sha256, 'hex');
      contents.writeBigUInt64BE(BigInt(bytes), 32);
      return Buffer.concat([mark, salt, sealOne(fileKey, headerNonce, contents)]);
    },
  };
}

export interface SealedFile {
  readonly sha256: string;
  /** Of what is in it. */
  readonly bytes: number;
  /** Of this file alone. */
  readonly fileKey: Uint8Array;
}

/** Reads what stands before the chunks. Rejects with SealBroken when none of the keys opens it. */
export async function readSealedHeader(file: FileHandle, keys: readonly Uint8Array[]): Promise<SealedFile> {
  const header = await readAt(file, 0, headerBytes);
  if (header.length < headerBytes || !header.subarray(0, mark.length).equals(mark)) throw new SealBroken('no header');
  const salt = header.subarray(mark.length, mark.length + saltBytes);
  for (const key of keys) {
    const fileKey = fileKeyOf(key, salt);
    const contents = openOne(fileKey, headerNonce, header.subarray(mark.length + saltBytes));
    if (contents === undefined) continue;
    const bytes = Number(contents.readBigUInt64BE(32));
    return { sha256: contents.subarray(0, 32).toString('hex'), bytes, fileKey };
  }
  throw new SealBroken('no key opens it');
}

/** What is in the chunks. Throws SealBroken at the first that is not as it was written, and at the end when bytes are missing. */
export async function* openChunks(file: FileHandle, { fileKey, bytes }: SealedFile): AsyncGenerator<Buffer> {
  const sealedBytes = (await file.stat()).size - headerBytes;
  const count = Math.max(1, Math.ceil(sealedBytes / (chunkBytes + tagBytes)));
  let opened = 0;
  for (let index = 0; index < count; index++) {
    const sealed = await readAt(file, headerBytes + index * (chunkBytes + tagBytes), chunkBytes + tagBytes);
    const chunk = openOne(fileKey, nonce(index, index === count - 1), sealed);
    if (chunk === undefined) throw new SealBroken(`chunk ${index}`);
    opened += chunk.length;
    yield chunk;
  }
  if (opened !== bytes) throw new SealBroken('length');
}

const fileKeyOf = (key: Uint8Array, salt: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, 'lumiere media file', 32));

/** Each file has a key of its own, so a chunk's place is enough. */
function nonce(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(index, 7);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}

const headerNonce = Buffer.alloc(12, 0xff);

function sealOne(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when it is not as it was sealed. */
function openOne(key: Uint8Array, iv: Uint8Array, sealed: Buffer): Buffer | undefined {
  if (sealed.length < tagBytes) return undefined;
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** As much as there is, up to `length`. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === length) return buffer.subarray(0, filled);
  }
}
