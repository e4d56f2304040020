/**
 * One model's folder in the cache: its weight files as they came, and the network made from them.
 * `<cache>/<id>/<file>`, `<cache>/<id>/network-<key>.onnx` with its own hash beside it in `.sha256`. The key covers the
 * weights' hashes, the tensors asked for and the importer's version, so a network never outlives what it was made from.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LumiereError } from '../errors.ts';
import type { CatalogFile, CatalogModel } from './catalog.ts';
import type { ConvertAnswer, ConvertTask } from './convert-thread.ts';
import { fileSha256 } from '../file-hash.ts';
import { importerVersion } from './import-model.ts';
import { runThread } from '../thread.ts';

export interface ModelFolder {
  readonly entry: CatalogModel;
  readonly path: string;
}

export function modelFolder(cacheDir: string, entry: CatalogModel): ModelFolder {
  return { entry, path: join(cacheDir, entry.id) };
}

export const weightPath = ({ path }: ModelFolder, file: CatalogFile): string => join(path, file.name);

/** Where the hash is kept that an operator vouched for, for a file the catalogue has none of. */
const pinPath = (folder: ModelFolder, file: CatalogFile): string => `${weightPath(folder, file)}.sha256`;

/** The hash a file must have: the catalogue's, else the one pinned in this cache; undefined where there is neither. */
export async function expectedSha256(folder: ModelFolder, file: CatalogFile): Promise<string | undefined> {
  if (file.sha256 !== null) return file.sha256;
  const pinned = await readFile(pinPath(folder, file), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.exec(pinned.trim())?.[0];
}

/** Remembers the hash an operator vouches for. */
export async function pinSha256(folder: ModelFolder, file: CatalogFile, sha256: string): Promise<void> {
  await writeFile(pinPath(folder, file), `${sha256}\n`);
}

export type FileState = 'good' | 'missing' | 'damaged';

async function fileSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/** Whether a weight file is there and, unless `sizeOnly`, is the right one by its hash. */
export async function weightState(folder: ModelFolder, file: CatalogFile, sizeOnly = false): Promise<FileState> {
  const size = await fileSize(weightPath(folder, file));
  if (size === undefined) return 'missing';
  if (file.bytes !== null && size !== file.bytes) return 'damaged';
  if (sizeOnly) return 'good';
  const expected = await expectedSha256(folder, file);
  return expected !== undefined && (await fileSha256(weightPath(folder, file))) === expected ? 'good' : 'damaged';
}

/** Path of the converted network, whether it is there or not; undefined for files that are not a network. */
export async function networkPath(folder: ModelFolder): Promise<string | undefined> {
  const { entry, path } = folder;
  if (entry.format === 'raw') return undefined;
  const hashes = await Promise.all(entry.files.map((file) => expectedSha256(folder, file)));
  const ingredients = JSON.stringify([importerVersion, entry.format, entry.inputs, entry.outputs, hashes]);
  const key = createHash('sha256').update(ingredients).digest('hex').slice(0, 16);
  return join(path, `network-${key}.onnx`);
}

/** Whether the converted network is there and unharmed. */
export async function networkState(network: string, sizeOnly = false): Promise<FileState> {
  const size = await fileSize(network);
  if (size === undefined) return 'missing';
  const expected = await readFile(`${network}.sha256`, 'utf8').catch(() => '');
  if (expected === '') return 'damaged';
  return sizeOnly || (await fileSha256(network)) === expected.trim() ? 'good' : 'damaged';
}

/**
 * Converts the weights into `network`, replacing it in one step, and removes what older versions made.
 * Rejects with LumiereError `model.malformed`, `model.unsupported-layer` or `job.cancelled`.
 */
export async function convertNetwork(folder: ModelFolder, network: string, signal?: AbortSignal): Promise<void> {
  const { entry, path } = folder;
  const files = new Map(entry.files.map((file) => [file.name, weightPath(folder, file)]));
  const unfinished = `${network}.part`;
  const task: ConvertTask = { entry, files, output: unfinished };
  const sha256 = await runThread(new URL('./convert-thread.ts', import.meta.url), {
    name: 'the conversion',
    workerData: task,
    signal,
    answerIn: (answer: ConvertAnswer) => {
      if ('code' in answer) throw new LumiereError(answer.code, answer.params);
      return answer.sha256;
    },
  });
  // The hash first: a network without one, or with another's, is made again.
  await writeFile(`${network}.sha256.part`, `${sha256}\n`);
  await rename(`${network}.sha256.part`, `${network}.sha256`);
  await rename(unfinished, network);
  for (const name of await readdir(path)) {
    const isOlder = name.startsWith('network-') && !join(path, name).startsWith(network);
    if (isOlder) await rm(join(path, name), { force: true });
  }
}
