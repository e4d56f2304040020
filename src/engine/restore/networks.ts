/** Reads installed networks from the weights cache as graphs that stages build on. Nothing is fetched in the middle of a job. */
import { readFile } from 'node:fs/promises';

import { LumiereError } from '../errors.ts';
import { decodeModel } from '../model/import/onnx-codec.ts';
import type { OnnxGraph } from '../model/import/onnx-graph.ts';
import { installModel } from '../model/install.ts';
import type { EnlargingNetwork } from './enlarge-graph.ts';

/**
 * The network called `id`. Rejects with `model.not-installed` when it is not in the cache, `model.hash-mismatch` when what
 * is there is damaged, `model.unknown` when no catalogue entry has this name.
 */
export async function loadNetwork(id: string, modelsDir: string): Promise<OnnxGraph> {
  const { network } = await installModel(id, { cacheDir: modelsDir, offline: true });
  if (network === undefined) throw new LumiereError('model.not-installed', { model: id });
  return decodeModel(await readFile(network), id);
}

/** A network that enlarges by 2 or 4. Rejects as `loadNetwork` does. */
export async function loadEnlargingNetwork(id: string, modelsDir: string): Promise<EnlargingNetwork> {
  const { entry } = await installModel(id, { cacheDir: modelsDir, offline: true });
  const { scale, margin } = entry;
  if (scale !== 2 && scale !== 4) throw new TypeError(`expected a network that enlarges by 2 or 4 but received ${id}`);
  return { id, graph: await loadNetwork(id, modelsDir), scale, margin };
}
