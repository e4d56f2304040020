/** Hashes of files, read in pieces so that the event loop stays free: 1 MiB takes about 1 ms. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const pieceBytes = 2 ** 20;

async function hashInto(hash: Hash, path: string): Promise<Hash> {
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) hash.update(piece as Buffer);
  return hash;
}

/** SHA-256 of the file in hexadecimal. Rejects as reading the file does. */
export async function fileSha256(path: string): Promise<string> {
  return (await hashInto(createHash('sha256'), path)).digest('hex');
}

/** SHA-512 of the file as npm writes it: `sha512-` and base64 (Subresource Integrity). */
export async function fileIntegrity(path: string): Promise<string> {
  return `sha512-${(await hashInto(createHash('sha512'), path)).digest('base64')}`;
}
