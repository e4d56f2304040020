/**
 * A file as c2pa-wasm wants one, which was written for browsers: a Blob whose parts are read when they are asked for, so that
 * no clip lies in memory twice. Only for the thread of c2pa-thread.ts: it reads synchronously.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export class FileBlob extends Blob {
  readonly #file: number;
  readonly #start: number;
  readonly #end: number;

  private constructor(file: number, start: number, end: number, type: string) {
    super([], { type });
    this.#file = file;
    this.#start = start;
    this.#end = end;
    // Blob's own is an accessor of an empty one; TypeScript calls it a property.
    Object.defineProperty(this, 'size', { value: end - start });
  }

  static open(path: string, mediaType: string): FileBlob {
    const file = openSync(path, 'r');
    return new FileBlob(file, 0, fstatSync(file).size, mediaType);
  }

  override slice(start = 0, end = this.size, type = this.type): FileBlob {
    const at = (place: number): number =>
      Math.min(this.#end, Math.max(this.#start, (place < 0 ? this.#end : this.#start) + place));
    return new FileBlob(this.#file, at(start), Math.max(at(start), at(end)), type);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(this.read());
  }

  read(): ArrayBuffer {
    const bytes = new Uint8Array(this.size);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, this.#start + done);
      if (count === 0) throw new RangeError('the file became shorter while it was read');
      done += count;
    }
    return bytes.buffer;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The one thing of browsers that c2pa-wasm asks of its surroundings. */
export function installFileReader(): void {
  Object.assign(globalThis, {
    FileReaderSync: class {
      readAsArrayBuffer(blob: FileBlob): ArrayBuffer {
        return blob.read();
      }
    },
  });
}
