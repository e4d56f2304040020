/**
 * Process for tests: it leaves, in the way its first argument names, while a network runs. ONNX Runtime must not take the
 * process down with it.
 */
import { createSessionPool } from '../../../src/engine/model/session-pool.ts';
import { plane, slowIdentity } from './tiny-networks.ts';

const way = process.argv[2];
const pool = createSessionPool({ providers: ['cpu'], threads: 1 });
if (way === 'exit while opening') {
  void pool.open(slowIdentity());
  setTimeout(() => process.exit(3), 30);
} else {
  const session = await pool.open(slowIdentity(40));
  const controller = new AbortController();
  // So many that one of them runs whenever the process comes to leave.
  const x = plane(500, 500);
  const runs = Array.from({ length: 60 }, () => session.run({ x }, { signal: controller.signal }));
  const ended = Promise.allSettled(runs);
  await new Promise((resolve) => setTimeout(resolve, 60));
  if (way === 'exit') process.exit(3);
  if (way === 'throw') throw new Error('planted');
  if (way === 'cancel and end') controller.abort();
  if (way === 'close') {
    await pool.close();
    process.exitCode = (await ended).at(-1)?.status === 'rejected' ? 4 : 5;
  }
}
