/** Worker thread that looks for a mark in the pictures it is given. */
import { parentPort, workerData } from 'node:worker_threads';

import { readShots, type ReadWork } from './read-shots.ts';

const port = parentPort;
if (port === null) throw new Error('read-thread runs as a worker thread only');

port.postMessage(readShots(workerData as ReadWork));
