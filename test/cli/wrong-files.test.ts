/** A file of another kind than a command takes: which one it is, and what can be done with it where something can. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { scratchFolder } from '../clips.ts';
import { runCli } from './run-cli.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let photograph: string;
let text: string;
beforeAll(async () => {
  scratch = await scratchFolder();
  photograph = join(scratch.path, 'portrait.png');
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } }).toFile(photograph);
  text = join(scratch.path, 'hello.mp4');
  await writeFile(text, 'hello');
});
afterAll(() => scratch.remove());

it('says of a photograph that is to be restored how it is brought to life, and of nothing else', async () => {
  expect(await runCli(['restore', photograph, '--dry-run'])).toMatchObject({
    status: 3,
    stderr: `lumiere: This is a photograph, not a clip. To bring it to life: lumiere animate ${photograph} [input.photograph]\n`,
  });
  expect(await runCli(['restore', text, '--dry-run'])).toMatchObject({
    status: 3,
    stderr:
      'lumiere: This file is not a video, an animated GIF or an animated WebP, whatever its name says. [input.not-media]\n',
  });
});

it('says which of two files is neither picture nor clip', async () => {
  const { status, stderr } = await runCli(['compare', photograph, text, join(scratch.path, 'out.mp4')]);
  expect(status).toBe(3);
  expect(stderr).toBe(
    `lumiere: There is neither a picture nor a clip in ${text}, whatever its name says. [input.neither]\n`,
  );
});
