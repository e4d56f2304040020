/** Run by a test: starts an ffmpeg that would never end, prints its process id, and ends itself once its input is closed, in the way it is told. */
import { once } from 'node:events';

import { LumiereError } from '../../../src/engine/errors.ts';
import { startFfmpeg } from '../../../src/engine/media/ffmpeg.ts';

const [, , path = '', way] = process.argv;
try {
  const tool = await startFfmpeg(
    [{ kind: 'file', path, options: ['-stream_loop', '-1'] }],
    [{ target: 'pipe', options: ['-map', '0:v', '-f', 'rawvideo'] }],
    { side: 'input' },
  );
  tool.stdout.resume();
  console.log(tool.pid);
} catch (error) {
  console.log(error instanceof LumiereError ? error.code : String(error));
  process.exit();
}
await once(process.stdin.resume(), 'end');
if (way === 'throw') throw new Error('as asked');
process.exit();
