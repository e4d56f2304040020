/**
 * Reads ncnn's `.param`: a magic number, the counts of layers and blobs, then one layer a line
 * (https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure). Nothing in it is passed over in silence.
 */
import { LumiereError } from '../../errors.ts';

/** A layer as written. `params` are numbers by key; a key of -23300 - k in the file is the array under key k. */
export interface NcnnLayer {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly params: ReadonlyMap<number, number | readonly number[]>;
}

const magic = '7767517';
const arrayKeyBase = -23300;

/** Says that `model` is not what its format demands. */
export function malformed(model: string, detail: string): LumiereError {
  return new LumiereError('model.malformed', { model, detail });
}

function parseNumber(model: string, line: number, text: string): number {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text))
    throw malformed(model, `line ${line}: '${text}' is no number`);
  return Number(text);
}

function parseParams(model: string, line: number, words: readonly string[]): NcnnLayer['params'] {
  const params = new Map<number, number | readonly number[]>();
  for (const word of words) {
    const match = /^(-?\d+)=(.+)$/.exec(word);
    if (!match) throw malformed(model, `line ${line}: '${word}' is not key=value`);
    const key = Number(match[1]);
    const values = match[2]!.split(',').map((text) => parseNumber(model, line, text));
    const isArray = key <= arrayKeyBase;
    const id = isArray ? arrayKeyBase - key : key;
    if (params.has(id)) throw malformed(model, `line ${line}: parameter ${id} is given twice`);
    const [first, ...rest] = values;
    if (isArray ? first !== rest.length : rest.length > 0) {
      throw malformed(model, `line ${line}: parameter ${word} has the wrong number of values`);
    }
    params.set(id, isArray ? rest : first!);
  }
  return params;
}

function parseLayer(model: string, line: number, text: string): NcnnLayer {
  const [type, name, inputCount, outputCount, ...words] = text.trim().split(/\s+/);
  const [ins, outs] = [Number(inputCount), Number(outputCount)];
  if (!type || !name || !Number.isInteger(ins) || !Number.isInteger(outs) || words.length < ins + outs) {
    throw malformed(model, `line ${line}: '${text}' is not a layer`);
  }
  return {
    type,
    name,
    inputs: words.slice(0, ins),
    outputs: words.slice(ins, ins + outs),
    params: parseParams(model, line, words.slice(ins + outs)),
  };
}

/**
 * The layers of a `.param` text, in order. `model` names it in errors.
 * Throws LumiereError `model.malformed` for another magic number, counts that do not hold, a line that is no layer, a
 * blob written twice or read before it is written.
 */
export function parseNcnnParam(model: string, text: string): readonly NcnnLayer[] {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim() !== magic) throw malformed(model, `magic number is not ${magic}`);
  const counts = /^\s*(\d+)\s+(\d+)\s*$/.exec(lines[1] ?? '');
  if (!counts) throw malformed(model, 'line 2 does not count layers and blobs');
  const layers: NcnnLayer[] = [];
  const blobs = new Set<string>();
  lines.slice(2).forEach((line, index) => {
    if (line.trim() === '') return;
    const layer = parseLayer(model, index + 3, line);
    for (const input of layer.inputs) {
      if (!blobs.has(input)) throw malformed(model, `layer '${layer.name}' reads '${input}' before it is written`);
    }
    for (const output of layer.outputs) {
      if (blobs.has(output)) throw malformed(model, `blob '${output}' is written twice`);
      blobs.add(output);
    }
    layers.push(layer);
  });
  if (layers.length !== Number(counts[1]) || blobs.size !== Number(counts[2])) {
    throw malformed(
      model,
      `${counts[1]} layers and ${counts[2]} blobs are announced, ${layers.length} and ${blobs.size} found`,
    );
  }
  return layers;
}
