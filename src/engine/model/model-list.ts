/** What the cache holds of the catalogue: at a glance, or checked byte for byte. */
import { loadCatalog, type Catalog, type CatalogModel } from './catalog.ts';
import { modelFolder, networkPath, networkState, weightState, type FileState } from './model-folder.ts';

export interface ModelStatus {
  readonly entry: CatalogModel;
  /**
   * `absent`: not installed, though weights that came along with another model's may lie there. `incomplete`: it was
   * installed and a file has gone. `damaged`: a file is there but is not the right one.
   */
  readonly state: 'installed' | 'absent' | 'incomplete' | 'damaged';
  /** What is wrong, by file name; `network` for the converted network. */
  readonly problems: readonly { readonly file: string; readonly state: Exclude<FileState, 'good'> }[];
}

async function statusOf(cacheDir: string, entry: CatalogModel, sizeOnly: boolean): Promise<ModelStatus> {
  const folder = modelFolder(cacheDir, entry);
  const problems: { file: string; state: 'missing' | 'damaged' }[] = [];
  for (const file of entry.files) {
    const state = await weightState(folder, file, sizeOnly);
    if (state !== 'good') problems.push({ file: file.name, state });
  }
  const network = await networkPath(folder);
  const made = network === undefined ? undefined : await networkState(network, sizeOnly);
  if (made !== undefined && made !== 'good') problems.push({ file: 'network', state: made });
  const wasInstalled = made === undefined ? problems.length < entry.files.length : made !== 'missing';
  if (problems.length === 0) return { entry, problems, state: 'installed' };
  if (problems.some(({ state }) => state === 'damaged')) return { entry, problems, state: 'damaged' };
  return { entry, problems, state: wasInstalled ? 'incomplete' : 'absent' };
}

/** Every model of the catalogue with its state by presence and size; reads no file. */
export async function listModels(cacheDir: string, catalog: Catalog = loadCatalog()): Promise<readonly ModelStatus[]> {
  return Promise.all(catalog.models.map((entry) => statusOf(cacheDir, entry, true)));
}

/** The models that are installed, or of which a file is damaged, every byte of them read and hashed. */
export async function verifyModels(
  cacheDir: string,
  catalog: Catalog = loadCatalog(),
): Promise<readonly ModelStatus[]> {
  const statuses: ModelStatus[] = [];
  for (const entry of catalog.models) {
    const status = await statusOf(cacheDir, entry, false);
    if (status.state !== 'absent') statuses.push(status);
  }
  return statuses;
}
