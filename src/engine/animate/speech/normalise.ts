/**
 * Takes the microphone and the room out of cepstra: each coefficient is shifted so that its mean over what is said equals
 * that of the prototypes (cepstral mean normalisation, Atal 1974), then pressed through tanh, as theirs were. A short
 * sentence has a mean of its own, though ("we see three"): so no shift, half of it or all of it is taken, whichever makes
 * what was heard likeliest. Clean voices need none, a room with a camcorder all of it.
 */
import { distanceTo, featureCount, type VisemePrototype } from './viseme-model.ts';

/** Louder vectors than this count as said. */
const said = 0.35;
const shares = [0, 0.5, 1] as const;
/** Vectors by which the share is judged, at most. */
const judged = 300;

/** Features on the scale of the prototypes. @param levels loudness at each vector, 0 to 1. */
export async function normalised(
  cepstra: readonly Float32Array[],
  levels: readonly number[],
  prototypes: readonly VisemePrototype[],
): Promise<Float32Array[]> {
  const speech = cepstra.filter((_, k) => (levels[k] ?? 0) > said);
  const shift = channelShift(speech, prototypes);
  const step = Math.max(1, Math.ceil(speech.length / judged));
  const some = speech.filter((_, k) => k % step === 0);
  let best: { readonly share: number; readonly cost: number } = { share: 0, cost: Infinity };
  for (const share of shares) {
    const cost = some.reduce((sum, vector) => sum + nearest(shifted(vector, shift, share), prototypes), 0);
    if (cost < best.cost) best = { share, cost };
    await new Promise(setImmediate);
  }
  return cepstra.map((vector) => shifted(vector, shift, best.share));
}

const shifted = (vector: Float32Array, shift: readonly number[], share: number): Float32Array =>
  vector.map((value, i) => Math.tanh(value + share * shift[i]!));

function nearest(features: Float32Array, prototypes: readonly VisemePrototype[]): number {
  return prototypes.reduce((least, one) => Math.min(least, distanceTo(one, features) + one.breadth), Infinity);
}

function channelShift(speech: readonly Float32Array[], prototypes: readonly VisemePrototype[]): number[] {
  // The one for silence is all zeros.
  const spoken = prototypes.filter(({ mean }) => mean.some((value) => Math.abs(value) > 0.01));
  return Array.from({ length: featureCount }, (_, i) => {
    const target = spoken.reduce((sum, { mean }) => sum + mean[i]!, 0) / spoken.length;
    return shiftTo(
      speech.map((vector) => vector[i]!),
      target,
    );
  });
}

/** The shift with which the mean of tanh reaches `target`, by halving; 0 for no values. */
function shiftTo(values: readonly number[], target: number): number {
  if (values.length === 0) return 0;
  let [low, high] = [-20, 20];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    const mean = values.reduce((sum, value) => sum + Math.tanh(value + middle), 0) / values.length;
    if (mean < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
