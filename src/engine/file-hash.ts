/** Hashes of files, read in pieces so that the event loop stays free: 1 MiB takes about 1 ms. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const pieceBytes = 2 ** 20;

export interface HashOptions {
  /** Ends it, with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes read so far. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

async function hashInto(hash: Hash, path: string, { signal, onRead }: HashOptions = {}): Promise<Hash> {
  let bytes = 0;
  const stream = createReadStream(path, { highWaterMark: pieceBytes, ...(signal && { signal }) });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    onRead?.(bytes);
  }
  return hash;
}

/** SHA-256 of the file in hexadecimal. Rejects as reading the file does. */
export async function fileSha256(path: string, options?: HashOptions): Promise<string> {
  return (await hashInto(createHash('sha256'), path, options)).digest('hex');
}

/** SHA-512 of the file as npm writes it: `sha512-` and base64 (Subresource Integrity). */
export async function fileIntegrity(path: string): Promise<string> {
  return `sha512-${(await hashInto(createHash('sha512'), path)).digest('base64')}`;
}
