/** A device's thread for tests: it opens any network as one with input `x` and output `y`, and dies at the first run. */
import { parentPort } from 'node:worker_threads';
import type { Reply, Request } from '../../../src/engine/model/session-protocol.ts';

parentPort?.on('message', (request: Request) => {
  if (request.kind === 'open') {
    const tensor = (name: string) => ({ name, type: 'float32', dims: ['n'] });
    const signature = { inputs: [tensor('x')], outputs: [tensor('y')] };
    parentPort?.postMessage({ kind: 'opened', id: request.id, signature } satisfies Reply);
  } else {
    throw new Error('planted death');
  }
});
