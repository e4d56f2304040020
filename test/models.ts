/** Real weights for tests, in the cache that set-up fills; fetched on the first use where it has not. */
import { fileURLToPath } from 'node:url';
import { installModel, type InstalledModel } from '../src/engine/model/install.ts';

export const testModelCache = fileURLToPath(new URL('../models/cache/', import.meta.url));

export function installForTest(id: string): Promise<InstalledModel> {
  return installModel(id, { cacheDir: testModelCache });
}
