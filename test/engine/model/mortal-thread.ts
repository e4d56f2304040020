/** A device's thread for tests: it opens any network as one with input `x` and output `y`, and dies at the first run. */
import { parentPort } from 'node:worker_threads';
import type { Reply, Request } from '../../../src/engine/model/session-protocol.ts';

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'open') {
    parentPort?.postMessage({ kind: 'opened', id: request.id, inputs: ['x'], outputs: ['y'] } satisfies Reply);
  } else {
    throw new Error('planted death');
  }
});
