/** The classifier over harmless pictures, which it must let through, and over a network that says the opposite. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  adultContent,
  adultContentModel,
  adultContentThreshold,
  refuseAdultContent,
} from '../../../src/engine/animate/adult-content/adult-content.ts';
import { createSessionPool } from '../../../src/engine/model/session-pool.ts';
import type { Session, SessionPool } from '../../../src/engine/model/session.ts';
import { sharedMedia } from '../../media.ts';
import { installForTest, testModelCache } from '../../models.ts';
import { animalPicture, paintedPortrait } from '../../photographs.ts';
import { registryIsReachable } from '../../registry.ts';

let folder: string;
let pool: SessionPool;
const { signal } = new AbortController();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-adult-'));
  pool = createSessionPool({ threads: 1 });
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

describe.skipIf(!registryIsReachable)('the classifier (needs the npm registry)', () => {
  beforeAll(() => installForTest(adultContentModel));

  it.each([
    ['a painted portrait', paintedPortrait],
    ['an animal', animalPicture],
  ])('lets %s through, by far', async (_, picture) => {
    const share = await adultContent(await picture(), { pool, modelsDir: testModelCache, signal });
    expect(share).toBeLessThan(adultContentThreshold / 2);
  });

  it.each(['astronaut.png', 'mona-lisa.jpg', 'pearl-earring.jpg'])('lets %s through', async (name) => {
    const path = sharedMedia(`portraits/${name}`);
    if (path === undefined) return; // the folder of shared media is not there
    expect(await adultContent(path, { pool, modelsDir: testModelCache, signal })).toBeLessThan(0.4);
  });

  /** A pool whose network is the real one, with other words put into its mouth for each view. */
  const saying = (...views: readonly (readonly number[])[]): SessionPool => {
    let view = 0;
    const open: SessionPool['open'] = async (source) => {
      const session = await pool.open(source);
      const run: Session['run'] = async (feeds, options) => {
        const { classes } = await session.run(feeds, options);
        const data = Float32Array.from(views[view++ % views.length]!);
        return { classes: { type: 'float32', dims: classes!.dims, data } };
      };
      return Object.assign(Object.create(session) as Session, { run });
    };
    return { open, close: () => Promise.resolve() };
  };

  it.each([
    ['porn in every view', [[0, 0, 0.1, 0.9, 0]], true],
    ['hentai and porn together', [[0, 0.5, 0.1, 0.4, 0]], true],
    ['just as much as is refused', [[0, 0, 0.2, 0.8, 0]], true],
    ['a little less', [[0, 0, 0.21, 0.79, 0]], false],
    [
      'one view of four',
      [
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
      ],
      false,
    ],
    ['what it calls sexy', [[0, 0, 0, 0, 1]], false],
    ['a drawing', [[1, 0, 0, 0, 0]], false],
  ] as const)('%s: refused %#', async (_, views, isRefused) => {
    const path = join(folder, 'picture.png');
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#a98' } }).toFile(path);
    const looked = refuseAdultContent(path, { pool: saying(...views), modelsDir: testModelCache, signal });
    if (isRefused) await expect(looked).rejects.toMatchObject({ code: 'photo.sensitive', params: {} });
    else await expect(looked).resolves.toBeUndefined();
  });
});
