/**
 * Takes the microphone, the room and the voice out of cepstra: each coefficient is shifted so that its mean over what is said
 * equals that of the prototypes (cepstral mean normalisation, Atal 1974), then pressed through tanh, as theirs were.
 */
import { featureCount, type VisemePrototype } from './viseme-model.ts';

/** Louder vectors than this count as said. */
const said = 0.35;

/** Features on the scale of the prototypes. @param levels loudness at each vector, 0 to 1. */
export function normalised(
  cepstra: readonly Float32Array[],
  levels: readonly number[],
  prototypes: readonly VisemePrototype[],
): Float32Array[] {
  const spoken = prototypes.filter(({ mean }) => mean.some((value) => Math.abs(value) > 0.01));
  const speech = cepstra.filter((_, k) => (levels[k] ?? 0) > said);
  const shifts = Array.from({ length: featureCount }, (_, i) => {
    const target = spoken.reduce((sum, { mean }) => sum + mean[i]!, 0) / spoken.length;
    return shiftFor(
      speech.map((vector) => vector[i]!),
      target,
    );
  });
  return cepstra.map((vector) => vector.map((value, i) => Math.tanh(value + shifts[i]!)));
}

/** The shift with which the mean of tanh reaches `target`, by halving; 0 for no values. */
function shiftFor(values: readonly number[], target: number): number {
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
