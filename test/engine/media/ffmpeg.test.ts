/** The door itself: bounds on memory and time, whole groups killed, nothing left when this process ends. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

import { LumiereError } from '../../../src/engine/errors.ts';
import { explainExit, explainNothing } from '../../../src/engine/media/ffmpeg-errors.ts';
import { startFfmpeg } from '../../../src/engine/media/ffmpeg.ts';
import { createLineSplitter } from '../../../src/engine/media/lines.ts';
import { defaultLimits } from '../../../src/engine/media/limits.ts';
import { h264, makeClip, picture, scratchFolder, soundClip } from '../../clips.ts';

const run = promisify(execFile);
const scratch = await scratchFolder();
afterAll(scratch.remove);

const linux = process.platform === 'linux';
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a started ffmpeg', () => {
  const endless = async (options: Parameters<typeof startFfmpeg>[2]) =>
    startFfmpeg(
      [{ kind: 'file', path: await soundClip(), options: ['-stream_loop', '-1'] }],
      [{ target: 'pipe', options: ['-map', '0:v', '-f', 'rawvideo'] }],
      options,
    );

  it.runIf(linux)('leads a group of its own, and the group goes with it', async () => {
    const tool = await endless({ side: 'input' });
    const status = await readFile(`/proc/${tool.pid}/stat`, 'utf8');
    const [, , group] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    expect(Number(group)).toBe(tool.pid);
    tool.stop(new LumiereError('job.cancelled'));
    await expect(tool.ended).rejects.toMatchObject({ code: 'job.cancelled' });
    expect(alive(tool.pid)).toBe(false);
  });

  it('is killed when its time is up', async () => {
    const tool = await endless({ side: 'input', wallMs: 200 });
    await expect(tool.ended).rejects.toMatchObject({ code: 'input.timeout' });
    expect(alive(tool.pid)).toBe(false);
  });

  it('is killed by the signal, or not started', async () => {
    const controller = new AbortController();
    const tool = await endless({ side: 'input', signal: controller.signal });
    controller.abort();
    await expect(tool.ended).rejects.toMatchObject({ code: 'job.cancelled' });
    await expect(endless({ side: 'input', signal: controller.signal })).rejects.toMatchObject({
      code: 'job.cancelled',
    });
  });

  it.runIf(linux)('gets no more memory than it may', async () => {
    const clip = await makeClip('mkv', [...picture('color=s=3840x2160:r=5:d=1'), ...h264]);
    const limits = { ...defaultLimits, maxMemory: 80 * 2 ** 20 };
    const output = [{ target: 'none', options: ['-map', '0:v'] }] as const;
    const tool = await startFfmpeg([{ kind: 'file', path: clip }], output, { side: 'input', limits });
    const error = await tool.ended.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LumiereError);
    const enough = await startFfmpeg([{ kind: 'file', path: clip }], output, { side: 'input' });
    await enough.ended;
  });

  it.runIf(linux)('does not outlive a process that ends in any way', async () => {
    const script = fileURLToPath(new URL('./start-endless.ts', import.meta.url));
    for (const way of ['exit', 'throw', 'kill']) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, await soundClip(), way], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
      expect(alive(pid)).toBe(true);
      const exit = once(child, 'exit');
      if (way === 'kill') child.kill('SIGKILL');
      else child.stdin.end();
      await exit;
      await expect.poll(() => alive(pid), { message: way }).toBe(false);
    }
  });

  it('cannot be made to open an address, by name or by content', async () => {
    const names = [
      'http://127.0.0.1:1/a.mp4',
      'concat:/etc/passwd',
      'data:text/plain,hello',
      'subfile,,start,0,end,9,,:/etc/passwd',
    ];
    for (const path of names) {
      const tool = await startFfmpeg([{ kind: 'file', path }], [{ target: 'none', options: [] }], { side: 'input' });
      await expect(tool.ended).rejects.toMatchObject({ code: 'input.not-found' });
    }
  });

  it.runIf(linux)('opens no file but the one it was given', async () => {
    // Where strace is absent the words of the command line say it: whitelists stand before every input.
    const tool = await endless({ side: 'input' });
    const words = (await readFile(`/proc/${tool.pid}/cmdline`, 'utf8')).split('\0');
    const input = words.indexOf('-i');
    for (const guard of [
      '-protocol_whitelist',
      '-format_whitelist',
      '-codec_whitelist',
      '-max_pixels',
      '-max_streams',
    ]) {
      expect(words.indexOf(guard)).toBeGreaterThan(0);
      expect(words.indexOf(guard)).toBeLessThan(input);
    }
    expect(words[words.indexOf('-protocol_whitelist') + 1]).not.toMatch(/http|tcp|concat|crypto|data|subfile/);
    expect(words[words.indexOf('-format_whitelist') + 1]!.split(',')).not.toContain('hls');
    tool.stop(new LumiereError('job.cancelled'));
    await tool.ended.catch(() => undefined);
  });

  it('is missed in words where there is none', async () => {
    const script = fileURLToPath(new URL('./start-endless.ts', import.meta.url));
    const words = ['--import', 'tsx', script, await soundClip(), 'exit'];
    const env = { ...process.env, PATH: scratch.path, FFMPEG_PATH: '', FFPROBE_PATH: '' };
    const { stdout } = await run(process.execPath, words, { env });
    expect(stdout.trim()).toBe('tool.missing');
  });
});

describe('what ffmpeg says', () => {
  const exit = (line: string, side: 'input' | 'output' = 'input') =>
    explainExit({ tool: 'ffmpeg', side, lines: [line], signal: null, cause: new Error('exit 1') }).code;

  it.each([
    ["[hls @ 0x1] [error] Format not on whitelist 'mov'", 'input', 'input.format-refused'],
    ["[image2 @ 0x1] [error] Format not on whitelist 'mov'", 'input', 'input.not-media'],
    ["[svg_pipe @ 0x1] [error] Format not on whitelist 'mov'", 'input', 'input.format-refused'],
    ["[srt @ 0x1] [error] Format not on whitelist 'mov'", 'input', 'input.not-media'],
    ['[error] file:a.mp4: Invalid data found when processing input', 'input', 'input.not-media'],
    ["[AVFilterGraph @ 0x1] [error] No such filter: 'zscale'", 'input', 'input.hdr-refused'],
    ['[mov @ 0x1] [error] moov atom not found', 'input', 'input.truncated'],
    ['[xyz @ 0x1] [error] Codec (xyz) not on whitelist', 'input', 'input.codec-unknown'],
    ['av_interleaved_write_frame(): No space left on device', 'output', 'output.disk-full'],
    ['[error] /x/out.mp4: Permission denied', 'output', 'output.unwritable'],
    ['[libx264 @ 0x1] [error] malloc of size 123 failed', 'output', 'tool.memory'],
    ['[error] something never heard of', 'input', 'input.corrupt'],
    ['[error] something never heard of', 'output', 'output.encoder-failed'],
  ] as const)('%s (%s) is %s', (line, side, code) => {
    expect(exit(line, side)).toBe(code);
  });

  it('is told in its last words, without addresses', () => {
    expect(explainNothing(['[h264 @ 0x55ef] [error] no frame!']).params).toEqual({ detail: 'no frame!' });
  });

  it('is cut into lines of bounded length', () => {
    const lines: string[] = [];
    const split = createLineSplitter((line) => lines.push(line));
    for (const chunk of ['one\ntw', 'o\r\nthree\rfour', 'x'.repeat(10_000), 'y'.repeat(10_000), '\n\nfive\n', 'six'])
      split(chunk);
    expect(lines.map((line) => line.length)).toEqual([3, 3, 5, 4096, 4]);
    expect(lines[3]).toMatch(/^fourx+$/);
  });
});
