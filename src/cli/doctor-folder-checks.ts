/** What `lumiere doctor` looks at of the folders that were named: whether this user may write them, or what is in them. */
import type { Config } from '../config.ts';
import { unwritableIn } from '../store/data-folder.ts';
import type { Check } from './doctor-checks.ts';

/** Makes nothing: a data folder that is not there yet counts as where it would be made. */
export async function examineFolders({ dataDir }: Pick<Config, 'dataDir'>): Promise<Check[]> {
  const path = await unwritableIn(dataDir);
  if (path !== undefined) return [{ id: 'data-folder', state: 'missing', params: { path } }];
  return [{ id: 'data-folder', state: 'ok', params: { path: dataDir } }];
}
