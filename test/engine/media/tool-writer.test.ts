/** Writing to a program: what waits is let go when the pipe drains, and told when the program ends. */
import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';

import { LumiereError } from '../../../src/engine/errors.ts';
import { toolWriter } from '../../../src/engine/media/tool-writer.ts';

/** A program whose end is in the test's hands, and its pipe, which is full with every write. */
function program() {
  let fail: (reason: LumiereError) => void = () => undefined;
  let leave: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    leave = resolve;
    fail = reject;
  });
  const stop = vi.fn((reason: LumiereError) => {
    fail(reason);
  });
  return { tool: { ended, stop }, leave, pipe: new PassThrough({ highWaterMark: 1 }) };
}

const picture = new Uint8Array(100);
const longTime = 600_000;

it('hangs nothing more on the end of the program, however many pictures wait', async () => {
  const { tool, pipe } = program();
  const heard = vi.spyOn(tool.ended, 'then');
  const write = toolWriter(tool, longTime);
  for (let at = 0; at < 50; at += 1) {
    const written = write(pipe, picture);
    pipe.read();
    await written;
  }
  expect(heard).toHaveBeenCalledTimes(1);
  expect(pipe.listenerCount('drain')).toBe(0);
});

it('ends with the program, whether it waits then or begins afterwards', async () => {
  const { tool, pipe, leave } = program();
  const write = toolWriter(tool, longTime);
  const waits = write(pipe, picture);
  leave();
  const gone = { code: 'output.encoder-failed', params: { detail: 'ended before the last frame' } };
  await expect(waits).rejects.toMatchObject(gone);
  await expect(write(pipe, picture)).rejects.toMatchObject(gone);
});

it('gives what the program failed of, and stops one that takes nothing any more', async () => {
  const failed = program();
  const waits = toolWriter(failed.tool, longTime)(failed.pipe, picture);
  failed.tool.stop(new LumiereError('output.disk-full'));
  await expect(waits).rejects.toMatchObject({ code: 'output.disk-full' });

  const stuck = program();
  await expect(toolWriter(stuck.tool, 1)(stuck.pipe, picture)).rejects.toMatchObject({
    code: 'output.encoder-failed',
    params: { detail: 'no progress' },
  });
  expect(stuck.tool.stop).toHaveBeenCalledTimes(1);
});
