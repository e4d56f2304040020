/** What is written whole or not at all, and how it says that it could not be. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { refuseOtherEnding, refuseSameFile, tryPlace } from '../../../src/engine/media/output-place.ts';
import { makeFolder, makeScratchFolder, writeWhole } from '../../../src/engine/media/partial-file.ts';
import { drawOverlay } from '../../../src/engine/restore/overlay.ts';
import { scratchFolder } from '../../clips.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
const at = (...names: string[]): string => join(scratch.path, ...names);

describe('what is written', () => {
  it('takes the place of an older file', async () => {
    await writeFile(at('old'), 'before');
    await writeWhole(at('old'), Buffer.from('after'));
    expect(await readFile(at('old'), 'utf8')).toBe('after');
  });

  it('says where it could not be, never with the bare error of the system', async () => {
    await writeFile(at('file'), '');
    await mkdir(at('folder'));
    const before = await readdir(scratch.path, { recursive: true });
    const plan = { label: 'words', output: { width: 640, height: 480 } } as Parameters<typeof drawOverlay>[0];
    const works: [() => Promise<unknown>, string][] = [
      [() => writeWhole(at('folder'), Buffer.from('x')), at('folder')],
      [() => writeWhole(at('nowhere', 'x'), Buffer.from('x')), at('nowhere', 'x')],
      [() => makeFolder(at('file', 'x')), at('file', 'x')],
      [() => makeScratchFolder('job-', at('nowhere')), at('nowhere')],
      [() => drawOverlay(plan, undefined, at('nowhere')), at('nowhere', 'label.png')],
      [() => tryPlace([], at('file', 'x.mp4')), at('file', 'x.mp4')],
    ];
    for (const [work, path] of works) {
      await expect(work()).rejects.toMatchObject({ code: 'output.unwritable', params: { path } });
    }
    expect(await readdir(scratch.path, { recursive: true })).toEqual(before);
  });
});

describe('the place of a result', () => {
  it('is none of the files it is made from, by whatever name', async () => {
    await writeFile(at('in.mp4'), '');
    await symlink(at('in.mp4'), at('link.mp4'));
    const work = refuseSameFile([at('file'), at('in.mp4')], at('link.mp4'));
    await expect(work).rejects.toMatchObject({ code: 'request.invalid', params: { option: 'out' } });
    await refuseSameFile([at('in.mp4')], at('other.mp4'));
    await tryPlace([at('in.mp4')], at('other.mp4'));
    expect(await readdir(scratch.path)).not.toContain('other.mp4');
  });

  it('has a name that says what is in it', () => {
    refuseOtherEnding('a/B.MP4', ['.mp4']);
    for (const name of ['a.gif', 'mp4', 'a.mp4/b', '.mp4']) {
      expect(() => {
        refuseOtherEnding(name, ['.mp4']);
      }, name).toThrow(expect.objectContaining({ params: { option: 'out', value: name, expected: '.mp4' } }));
    }
  });
});
