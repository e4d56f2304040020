/** Waiting that is given up: not for the time in which this process itself stood still. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { afterWaiting } from '../../../src/engine/media/patience.ts';

it('is given up in the end', async () => {
  await new Promise<void>((resolve) => afterWaiting(20, resolve));
});

it('is not given up by a process that stood still for longer, nor once it was ended', async () => {
  let given = 0;
  const end = afterWaiting(50, () => (given += 1));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  await nextTurn();
  await nextTurn();
  expect(given).toBe(0);
  end();
  await new Promise<void>((resolve) => afterWaiting(100, resolve));
  expect(given).toBe(0);
});
