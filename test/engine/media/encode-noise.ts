/** Run by a test under a bound on file sizes: writes noise to the path it is given and prints the code of the error it gets. */
import { LumiereError } from '../../../src/engine/errors.ts';
import type { Frame } from '../../../src/engine/frame.ts';
import { encodeFrames } from '../../../src/engine/media/encode.ts';
import { rational } from '../../../src/engine/rational.ts';

async function* noise(): AsyncGenerator<Frame> {
  let state = 1;
  for (let index = 0; index < 100; index += 1) {
    const data = new Uint8Array(128 * 96 * 3);
    for (let at = 0; at < data.length; at += 1) data[at] = (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16;
    yield await Promise.resolve({ format: 'rgb24', data, width: 128, height: 96, time: rational(index, 25) });
  }
}

try {
  const options = { width: 128, height: 96, rate: rational(25), quality: { crf: 1 } };
  await encodeFrames(noise(), { ...options, path: process.argv[2] ?? '', preset: 'ultrafast' });
  console.log('written');
} catch (error) {
  console.log(error instanceof LumiereError ? error.code : String(error));
}
