/** `lumiere motion` as a person meets it: tracks out of clips, looks at them, and what it says when it cannot. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faceModels } from '../../src/engine/animate/face/networks.ts';
import { presetNames } from '../../src/engine/animate/motion/preset-names.ts';
import { readMotionTrack } from '../../src/engine/animate/motion/track-file.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { scratchFolder } from '../clips.ts';
import { facelessClip, rollingClip } from '../engine/animate/driving/driver-clips.ts';
import { installForTest, testModelCache } from '../models.ts';
import { runCli } from './run-cli.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
beforeAll(async () => {
  for (const id of faceModels) await installForTest(id);
});

const cpu = { LUMIERE_PROVIDERS: 'cpu', LUMIERE_MODELS_DIR: testModelCache };
const out = (name: string): string => join(scratch.path, name);
const motion = (...words: string[]) => runCli(['motion', ...words], cpu);

describe('lumiere motion extract', () => {
  it('writes the track of a clip beside it and says what it is', async () => {
    const clip = out('rolling.mp4');
    await cp(await rollingClip(), clip);
    const { status, stdout } = await motion('extract', clip, '--seconds', '1');
    expect(status).toBe(0);
    expect(stdout).toContain(out('rolling.motion.json'));
    expect(stdout).toContain('30 frames, 29.97 fps');
    expect(stdout).toContain('its first');
    const track = await readMotionTrack(out('rolling.motion.json'));
    expect(track).toMatchObject({ rate: { num: 30_000, den: 1001 }, relativeTo: 'canonical-face' });
    expect(track.frames).toHaveLength(30);
  });

  it('gives one JSON document, with progress beside it, and the track plays', async () => {
    const { status, stdout, stderr } = await motion(
      'extract',
      await rollingClip(),
      out('a.json'),
      '--json',
      '--seconds',
      '1',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      output: { path: out('a.json') },
      frames: 30,
      tracked: 30,
      rate: { num: 30_000, den: 1001 },
      warnings: [{ code: 'driver.shortened' }],
    });
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stage: string });
    expect(events.every(({ stage }) => stage === 'follow')).toBe(true);
    const shown = await motion('preview', out('a.json'), out('a.mp4'), '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ motion: 'clip', frames: 30 });
    const { video } = await probe(out('a.mp4'));
    expect([video.rate, video.frameCount.count]).toEqual([{ num: 30_000, den: 1001 }, 30]);
  });

  it('says why it cannot, and leaves nothing', async () => {
    const before = await readdir(scratch.path);
    const faceless = await motion('extract', await facelessClip(), out('none.json'));
    expect(faceless.status).toBe(3);
    expect(faceless.stderr).toContain('No face was found in the driving clip');
    const missing = await motion('extract', out('nowhere.mp4'), out('none.json'), '--json');
    expect([missing.status, JSON.parse(missing.stdout)]).toMatchObject([3, { error: { code: 'input.not-found' } }]);
    expect((await motion('extract', await rollingClip(), out('none.txt'))).status).toBe(2);
    expect((await motion('extract', await rollingClip(), '--seconds', '0')).stderr).toContain(
      'Expected seconds from 1 to 60',
    );
    expect(await readdir(scratch.path)).toEqual(before);
  });
});

describe('lumiere motion preview', () => {
  it('draws a preset as frames in rows, and they differ', async () => {
    const { status, stdout } = await motion('preview', 'wink', out('wink.png'));
    expect(status).toBe(0);
    expect(stdout).toContain('1440x960');
    const tile = async (column: number, row: number): Promise<Buffer> =>
      await sharp(out('wink.png'))
        .extract({ left: 240 * column, top: 240 * row, width: 240, height: 240 })
        .raw()
        .toBuffer();
    const [rest, winking] = [await tile(0, 0), await tile(3, 1)];
    const apart = rest.reduce((sum, value, i) => sum + Math.abs(value - winking[i]!), 0) / rest.length;
    expect(apart).toBeGreaterThan(2);
    // The head stands in the middle, before the background.
    expect(rest[3 * (120 * 240 + 120)]!).toBeGreaterThan(80);
    expect(rest[0]!).toBeLessThan(60);
  });

  it('refuses what is no track, by its place', async () => {
    await writeFile(out('bad.json'), '{"format":"lumiere-motion","version":1,"frames":[{}]}');
    const bad = await motion('preview', out('bad.json'), out('bad.png'));
    expect(bad.status).toBe(3);
    expect(bad.stderr).toContain('track.invalid');
    await writeFile(out('bad.json'), 'words');
    expect((await motion('preview', out('bad.json'), out('bad.png'))).stderr).toContain('it is not JSON');
    expect((await motion('preview', 'wink', out('wink.gif'))).status).toBe(2);
    expect((await motion('preview', out('bad.json'), out('bad.json'))).status).toBe(2);
    expect(await readFile(out('bad.json'), 'utf8')).toBe('words');
  });

  it('names every preset in its help', async () => {
    const { status, stdout } = await motion('preview', '--help');
    expect(status).toBe(0);
    for (const name of presetNames) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(name);
    expect((await motion('--help')).stdout).toContain('lumiere motion extract clip.mp4');
  });
});
