/** The thread that turns weights into an `.onnx` file: 0.4 s for RIFE, 1.2 s for x4plus, too long for the event loop. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { LumiereError, type ErrorCode, type ErrorParams } from '../errors.ts';
import type { CatalogModel } from './catalog.ts';
import { importModel } from './import-model.ts';
import { encodeModel } from './import/onnx-codec.ts';

export interface ConvertTask {
  readonly entry: CatalogModel;
  /** Paths of the weight files, by their names in the catalogue. */
  readonly files: ReadonlyMap<string, string>;
  readonly output: string;
}

/** Errors lose their class between threads, so ours travel as their parts. */
export type ConvertAnswer = { readonly sha256: string } | { readonly code: ErrorCode; readonly params: ErrorParams };

function convert({ entry, files, output }: ConvertTask): ConvertAnswer {
  try {
    const bytes = encodeModel(
      importModel(entry, new Map([...files].map(([name, path]) => [name, readFileSync(path)]))),
    );
    const file = openSync(output, 'w');
    try {
      for (let written = 0; written < bytes.byteLength;) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return { sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    if (error instanceof LumiereError) return { code: error.code, params: error.params };
    throw error;
  }
}

parentPort?.postMessage(convert(workerData as ConvertTask));
