/** Run by a test: starts an ffmpeg that would never end, prints its process id, and ends itself in the way it is told. */
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
setTimeout(() => {
  if (way === 'exit') process.exit();
  if (way === 'throw') throw new Error('as asked');
}, 200);
