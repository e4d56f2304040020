/** Finds installed networks in the weights cache. Nothing is fetched in the middle of a job. */
import { LumiereError } from '../errors.ts';
import { installModel } from '../model/install.ts';
import type { EnlargingModel } from './enlarge/enlarge-recipe.ts';

/**
 * Path of the `.onnx` file of the network called `id`. Rejects with `model.not-installed` when it is not in the cache,
 * `model.hash-mismatch` when what is there is damaged, `model.unknown` when no catalogue entry has this name.
 */
export async function findNetwork(id: string, modelsDir: string): Promise<string> {
  const { network } = await installModel(id, { cacheDir: modelsDir, offline: true });
  if (network === undefined) throw new LumiereError('model.not-installed', { model: id });
  return network;
}

/** A network that enlarges by 2 or 4. Rejects as `findNetwork` does. */
export async function findEnlargingNetwork(id: string, modelsDir: string): Promise<EnlargingModel> {
  const { entry, network: path } = await installModel(id, { cacheDir: modelsDir, offline: true });
  const { scale, margin, multipleOf } = entry;
  if (path === undefined || (scale !== 2 && scale !== 4)) {
    throw new TypeError(`expected a network that enlarges by 2 or 4 but received ${id}`);
  }
  return { id, path, scale, margin, multipleOf };
}
