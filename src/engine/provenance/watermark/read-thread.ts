/** Worker thread that looks for a mark in the pictures it is given. */
import { parentPort, workerData } from 'node:worker_threads';

import { originalHashesOf, readingOf, readShots, type ReadWork } from './read-shots.ts';
import type { WatermarkReading } from './watermark.ts';

export interface ReadAnswer {
  /** Absent where no mark was found. */
  readonly reading?: WatermarkReading;
}

const port = parentPort;
if (port === null) throw new Error('read-thread runs as a worker thread only');

const { shot, ...finding } = readShots(workerData as ReadWork);
const reading = readingOf(finding);
port.postMessage({
  ...(reading && { reading: { ...reading, originalHashes: originalHashesOf(shot) } }),
} satisfies ReadAnswer);
