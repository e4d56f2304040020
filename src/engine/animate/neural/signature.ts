/**
 * What each LivePortrait network takes and gives, and whether a loaded file is such a network. Nobody could look at the
 * published files from here, so nothing of them is taken on trust: names, types and shapes are read from the file.
 */
import { LumiereError } from '../../errors.ts';
import type { Signature, TensorDescription } from '../../model/session.ts';

/** Points that the networks move. */
export const pointCount = 21;
/** Pixels a side of what the extractors see. */
export const seenSide = 256;
/** Pixels a side of what the generator paints. */
export const paintedSide = 512;

/** `dims` of an input as they are fed, null for a size that only the file knows; outputs by how many numbers they hold. */
export interface ExpectedSignature {
  readonly inputs: Readonly<Record<string, readonly (number | null)[]>>;
  /** In order; null for any number. */
  readonly outputs: readonly (number | null)[];
}

const points = [1, pointCount, 3];
const picture = [1, 3, seenSide, seenSide];

/** The published files by their names, as FaceFusion 3 feeds them. */
export const liveFiles = {
  featureExtractor: 'live_portrait_feature_extractor.onnx',
  motionExtractor: 'live_portrait_motion_extractor.onnx',
  stitcher: 'live_portrait_stitcher.onnx',
  generator: 'live_portrait_generator.onnx',
  eyeRetargeter: 'live_portrait_eye_retargeter.onnx',
  lipRetargeter: 'live_portrait_lip_retargeter.onnx',
} as const;
export type LiveNetwork = keyof typeof liveFiles;

/** What the motion extractor gives, in this order; by these names where the file has them. */
export const motionOutputs = ['pitch', 'yaw', 'roll', 'scale', 'translation', 'expression', 'motion_points'] as const;

const pointNumbers = 3 * pointCount;

const expectedSignatures: Readonly<Record<LiveNetwork, ExpectedSignature>> = {
  featureExtractor: { inputs: { input: picture }, outputs: [null] },
  motionExtractor: { inputs: { input: picture }, outputs: [1, 1, 1, 1, 3, pointNumbers, pointNumbers] },
  stitcher: { inputs: { source: points, target: points }, outputs: [pointNumbers] },
  generator: {
    inputs: { feature_volume: [null, null, null, null, null], source: points, target: points },
    outputs: [3 * paintedSide * paintedSide],
  },
  // The points, the openings of both eyes, and the opening wanted.
  eyeRetargeter: { inputs: { input: [1, pointNumbers + 3] }, outputs: [pointNumbers] },
  // The points, the opening of the lips, and the opening wanted.
  lipRetargeter: { inputs: { input: [1, pointNumbers + 2] }, outputs: [pointNumbers] },
};

const shown = (dims: readonly (number | string | null)[]): string => dims.map((size) => size ?? '?').join(' x ');
const listed = (tensors: readonly TensorDescription[]): string => tensors.map(({ name }) => `'${name}'`).join(', ');

/** A size that is free in the file fits everything. */
function fits(dims: readonly (number | string)[], expected: readonly (number | null)[]): boolean {
  return (
    dims.length === expected.length &&
    dims.every((size, axis) => typeof size === 'string' || expected[axis] === null || size === expected[axis])
  );
}

function numbersIn(dims: readonly (number | string)[]): number | undefined {
  return dims.every((size) => typeof size === 'number') ? dims.reduce((all, size) => all * size, 1) : undefined;
}

function faultOf({ inputs, outputs }: Signature, expected: ExpectedSignature): string | undefined {
  for (const [name, dims] of Object.entries(expected.inputs)) {
    const input = inputs.find((candidate) => candidate.name === name);
    if (!input) return `input '${name}' is missing, it has ${listed(inputs)}`;
    if (input.type !== 'float32') return `input '${name}' is ${input.type}, expected float32`;
    if (!fits(input.dims, dims)) return `input '${name}' is ${shown(input.dims)}, expected ${shown(dims)}`;
  }
  const surplus = inputs.find(({ name }) => !(name in expected.inputs));
  if (surplus) return `input '${surplus.name}' is unknown`;
  if (outputs.length !== expected.outputs.length) {
    return `it has ${outputs.length} outputs (${listed(outputs)}), expected ${expected.outputs.length}`;
  }
  for (const [index, count] of expected.outputs.entries()) {
    const { name, type, dims } = outputs[index]!;
    if (type !== 'float32') return `output '${name}' is ${type}, expected float32`;
    const numbers = numbersIn(dims);
    if (count !== null && numbers !== undefined && numbers !== count) {
      return `output '${name}' is ${shown(dims)}, expected ${count} numbers`;
    }
  }
  return undefined;
}

/** The outputs of a motion extractor in the order of `motionOutputs`, by name where the file names them so. */
export function motionOrder(outputs: readonly TensorDescription[]): readonly TensorDescription[] {
  const named = motionOutputs.map((name) => outputs.find((output) => output.name === name));
  return named.every((output) => output !== undefined) ? named : outputs;
}

/**
 * Throws LumiereError `model.signature` (`model`, `file`, `detail`) when the loaded file is not the network it should be.
 */
export function checkSignature(model: string, network: LiveNetwork, signature: Signature): void {
  const ordered = network === 'motionExtractor' ? { ...signature, outputs: motionOrder(signature.outputs) } : signature;
  const detail = faultOf(ordered, expectedSignatures[network]);
  if (detail !== undefined) throw new LumiereError('model.signature', { model, file: liveFiles[network], detail });
}
