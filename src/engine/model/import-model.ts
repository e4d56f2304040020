/** From a catalogue entry and the bytes of its files to an ONNX graph, by whichever importer reads its format. */
import { LumiereError } from '../errors.ts';
import type { CatalogModel } from './catalog.ts';
import { importAnime4k } from './import/anime4k.ts';
import { importNcnn } from './import/ncnn.ts';
import type { OnnxGraph } from './import/onnx-graph.ts';
import { importTfjsGraph } from './import/tfjs-graph.ts';
import { importTfjsLayers } from './import/tfjs-layers.ts';
import { bytesOfModule, jsonOfModule } from './import/tfjs-module.ts';

/** Part of the key of every converted network: raise it when an importer writes something else than before. */
export const importerVersion = 2;

/**
 * The network of `entry`, with the inputs and outputs that the catalogue names.
 * @param files the bytes of its files, by their names in the catalogue
 * Throws LumiereError `model.malformed` or `model.unsupported-layer` as the importers do; a RangeError for a model whose
 * files are not a network.
 */
export function importModel(entry: CatalogModel, files: ReadonlyMap<string, Uint8Array>): OnnxGraph {
  const { id: model, inputs, outputs } = entry;
  const find = (ending: string): Uint8Array => {
    const found = [...files].find(([name]) => name.endsWith(ending));
    if (found) return found[1];
    throw new LumiereError('model.malformed', { model, detail: `no file ending in ${ending}` });
  };
  const text = (ending: string): string => new TextDecoder().decode(find(ending));
  switch (entry.format) {
    case 'ncnn':
      return importNcnn({ model, param: text('.param'), weights: find('.bin'), inputs, outputs });
    case 'tfjs-graph':
      return importTfjsGraph({ model, json: text('.json'), shards: files, inputs, outputs });
    case 'tfjs-layers-module': {
      const shards = new Map(
        [...files.keys()]
          .filter((name) => name.startsWith('group'))
          .map((name) => [name.replace('.min.js', ''), bytesOfModule(model, text(name))]),
      );
      return importTfjsLayers({ model, json: jsonOfModule(model, text('model.min.js')), shards, inputs, outputs });
    }
    case 'anime4k':
      return importAnime4k(model, text('.json'));
    case 'raw':
      throw new RangeError(`the files of '${model}' are not a network`);
  }
}
