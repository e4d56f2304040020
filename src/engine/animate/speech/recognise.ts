/**
 * Which viseme is spoken when: distances from the prototypes, then the cheapest path through them (Viterbi 1967), for which
 * changing the mouth costs something. HeadAudio, which must answer at once, takes a vote of the last six; a whole clip allows
 * better.
 */
import { type VisemePrototype, distanceTo } from './viseme-model.ts';
import { visemes } from './viseme-poses.ts';

const silence = visemes.indexOf('sil');
/** What a change of viseme costs, in the units of half a squared distance. */
const changeCost = 2.2;
/** Distances beyond this say no more. */
const farthest = 60;
/** Added to every viseme but silence where nothing is heard, and to silence where something is. */
const quietCost = 40;
const loudCost = 6;
const vectorsAtOnce = 150;

/**
 * The viseme of each feature vector, as indices into `visemes`.
 * @param levels loudness at each vector, 0 to 1.
 */
export async function recognise(
  vectors: readonly Float32Array[],
  levels: readonly number[],
  prototypes: readonly VisemePrototype[],
): Promise<Uint8Array> {
  const count = visemes.length;
  let costs = new Float64Array(count);
  const cameFrom: Uint8Array[] = [];
  for (const [k, vector] of vectors.entries()) {
    const own = emissionCosts(vector, levels[k] ?? 0, prototypes);
    let best = 0;
    for (let v = 1; v < count; v++) if (costs[v]! < costs[best]!) best = v;
    const from = new Uint8Array(count);
    const next = new Float64Array(count);
    for (let v = 0; v < count; v++) {
      const stays = costs[v]! <= costs[best]! + changeCost;
      from[v] = stays ? v : best;
      next[v] = own[v]! + (stays ? costs[v]! : costs[best]! + changeCost);
    }
    costs = next;
    cameFrom.push(from);
    if (k % vectorsAtOnce === vectorsAtOnce - 1) await new Promise(setImmediate);
  }
  const path = new Uint8Array(vectors.length);
  let at = costs.indexOf(Math.min(...costs));
  for (let k = vectors.length - 1; k >= 0; k--) {
    path[k] = at;
    at = cameFrom[k]![at]!;
  }
  return path;
}

function emissionCosts(vector: Float32Array, level: number, prototypes: readonly VisemePrototype[]): Float64Array {
  const costs = new Float64Array(visemes.length).fill(farthest / 2);
  for (const prototype of prototypes) {
    const cost = Math.min(farthest, distanceTo(prototype, vector) + prototype.breadth) / 2;
    if (cost < costs[prototype.viseme]!) costs[prototype.viseme] = cost;
  }
  for (let v = 0; v < costs.length; v++) {
    if (v === silence) costs[v] = level < 0.05 ? 0 : costs[v]! + loudCost * Math.min(1, 3 * level);
    else if (level < 0.05) costs[v]! += quietCost;
  }
  return costs;
}
