/** Every network that the product runs: the installed ones as they are, and the graphs that the stages build around them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeModel } from '../../src/engine/model/import/onnx-codec.ts';
import type { OnnxGraph } from '../../src/engine/model/import/onnx-graph.ts';
import { buildEnlargeGraph } from '../../src/engine/restore/enlarge/enlarge-graph.ts';
import { buildMotionGraph } from '../../src/engine/restore/between/motion-graph.ts';

/** Networks by the catalogue's names, decoded from a weights cache; empty where nothing is installed. */
export async function installedNetworks(cacheDir: string): Promise<Map<string, OnnxGraph>> {
  const networks = new Map<string, OnnxGraph>();
  for (const id of (await readdir(cacheDir).catch(() => [])).toSorted()) {
    const files = await readdir(join(cacheDir, id)).catch(() => []);
    const file = files.find((name) => /^network-.*\.onnx$/.test(name));
    if (file !== undefined) networks.set(id, decodeModel(await readFile(join(cacheDir, id, file)), id));
  }
  return networks;
}

/** The graphs of the enlarging and interpolating stages for pictures of `side` pixels, from those networks that are there. */
export function stageGraphs(networks: ReadonlyMap<string, OnnxGraph>, side: number): Map<string, OnnxGraph> {
  const graphs = new Map<string, OnnxGraph>();
  const [rife, general, anime] = ['rife-v4.6', 'general-x4v3', 'anime4k-l'].map((id) => networks.get(id));
  if (rife !== undefined) graphs.set('motion stage', buildMotionGraph(rife, { width: side, height: side, reduce: 1 }));
  if (anime !== undefined && general !== undefined) {
    const faithful = { id: 'anime4k-l', graph: anime, scale: 2, margin: 0 } as const;
    const network = { id: 'general-x4v3', graph: general, scale: 4, margin: 0 } as const;
    graphs.set('enlarge stage x2', buildEnlargeGraph({ network: faithful, share: 1, noise: 2, scale: 2 }));
    graphs.set('enlarge stage x4', buildEnlargeGraph({ network, faithful, share: 0.9, noise: 2, scale: 4 }));
  }
  return graphs;
}
