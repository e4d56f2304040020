/**
 * Writes an export to the disk row by row: as it is when it fits into one upload, else compressed, in as many parts as it
 * takes. Nothing of it lies in memory but the rows that are being written.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import type { ExportedRow } from '../store/usage.ts';
import type { ExportFormat } from './usage-record.ts';

export interface ExportPart {
  readonly path: string;
  readonly name: string;
  readonly mediaType: string;
}

export interface ExportWish {
  readonly folder: string;
  /** Of the file, without an ending. */
  readonly name: string;
  readonly format: ExportFormat;
  /** Bytes that a part may have. */
  readonly limit: number;
  /** Parts that are made at most; undefined is given when they are too few. */
  readonly mostParts: number;
}

export interface Exported {
  readonly parts: readonly ExportPart[];
  readonly rows: number;
}

/** @param rows gives all rows from the first one, each time it is called. */
export async function writeExport(
  rows: () => AsyncIterable<ExportedRow>,
  wish: ExportWish,
): Promise<Exported | undefined> {
  return (await writePlain(rows(), wish)) ?? (await writeCompressed(rows(), wish));
}

async function writePlain(
  rows: AsyncIterable<ExportedRow>,
  { folder, name, format, limit }: ExportWish,
): Promise<Exported | undefined> {
  const fileName = `${name}.${format.ending}`;
  const path = join(folder, fileName);
  const sink = openSink(path, false);
  let bytes = 0;
  let count = 0;
  const write = async (text: string): Promise<void> => {
    bytes += Buffer.byteLength(text);
    await sink.write(text);
  };
  try {
    await write(format.head);
    for await (const row of rows) {
      await write(format.row(row, count === 0));
      count += 1;
      if (bytes > limit - format.tail.length) {
        await sink.end();
        await rm(path);
        return undefined;
      }
    }
    await write(format.tail);
    await sink.end();
  } finally {
    await sink.close();
  }
  return { parts: [{ path, name: fileName, mediaType: format.mediaType }], rows: count };
}

/** What the compressor may still hold back when a part is closed. */
const margin = 512 * 1024;

async function writeCompressed(
  rows: AsyncIterable<ExportedRow>,
  { folder, name, format, limit, mostParts }: ExportWish,
): Promise<Exported | undefined> {
  const parts: ExportPart[] = [];
  let sink: Sink | undefined;
  let inPart = 0;
  let count = 0;
  const end = async (): Promise<void> => {
    await sink?.write(format.tail);
    await sink?.end();
    sink = undefined;
  };
  try {
    for await (const row of rows) {
      if (sink !== undefined && sink.bytesWritten() > limit - margin) await end();
      if (sink === undefined) {
        if (parts.length === mostParts) return undefined;
        const fileName = `${name}-${parts.length + 1}.${format.ending}.gz`;
        const path = join(folder, fileName);
        parts.push({ path, name: fileName, mediaType: 'application/gzip' });
        sink = openSink(path, true);
        inPart = 0;
        await sink.write(format.head);
      }
      await sink.write(format.row(row, inPart === 0));
      inPart += 1;
      count += 1;
    }
    await end();
  } finally {
    await sink?.close();
  }
  for (const { path } of parts) {
    if ((await stat(path)).size > limit) return undefined;
  }
  return { parts, rows: count };
}

interface Sink {
  /** Resolves when more may be written. */
  readonly write: (text: string) => Promise<void>;
  readonly end: () => Promise<void>;
  /** Lets go of the file, however far it came. */
  readonly close: () => Promise<void>;
  /** Bytes that have come out so far. */
  readonly bytesWritten: () => number;
}

function openSink(path: string, isCompressed: boolean): Sink {
  const file = createWriteStream(path, { mode: 0o600 });
  const gzip = isCompressed ? createGzip() : undefined;
  gzip?.pipe(file);
  const entry: Writable = gzip ?? file;
  const whole = finished(file);
  whole.catch(() => undefined); // told by `end`
  return {
    write: async (text) => {
      if (entry.write(text)) return;
      await Promise.race([once(entry, 'drain'), whole]);
    },
    end: async () => {
      entry.end();
      await whole;
    },
    close: async () => {
      gzip?.destroy();
      file.destroy();
      await whole.catch(() => undefined);
    },
    bytesWritten: () => file.bytesWritten,
  };
}
