/**
 * Looks for a key's mark in frames of one shot: at every size that the tile may have come to, coarsely; then, where it agrees
 * most, over small changes of its width and height; then its payload is decoded. Where nothing is found so, the best places are
 * looked at once more as though the picture had been turned a little.
 */
import { evenSpectrum } from './even-spectrum.ts';
import { foldedSpectrum, type TileLay, type TileSize } from './fold.ts';
import type { Spectrum } from './fourier.ts';
import { type GreyMap, halved, whitenedSum } from './grey-map.ts';
import type { Layout } from './layout.ts';
import { decodePayload } from './payload-code.ts';
import { payloadCorrelation, softSigns } from './soft-signs.ts';
import { bandWeights, bestMove, refineMove } from './sync.ts';
import { tileSide } from './tile.ts';

/** What was found where the key's pattern agrees most, whether it is there or not. */
export interface Finding {
  /** Agreement of the key's pattern, in standard deviations, after everything was refined. */
  readonly sync: number;
  /** 12 hexadecimal digits; what noise says where there is no mark. */
  readonly payload: string;
  /** Whether the payload's check bits fit. */
  readonly valid: boolean;
  /** Agreement of the payload's signs, in standard deviations. */
  readonly correlation: number;
  /** Size of the tile in pixels of the frames. */
  readonly tile: TileSize;
}

/** Pixels of a tile on the map it is looked for on: a smaller one's waves are too short, a larger one is found on a reduced map. */
const tilesLooked = { least: 44, most: 190 } as const;
/** The longest side of the smallest map that is looked at. */
const leastMap = 120;
const mostMaps = 4;
const coarseSide = 64;
const fineSide = 128;
/** Tiles folded in the coarse search. */
const coarseTiles = 5;
/** Coarse agreement that ends the search at once. */
const plainlyThere = 8.5;
/** Where nothing is plain: so many of the best places are refined. */
const mostRefined = 4;
/** Radians that a picture may have been turned by, tried where it is not found upright: some degrees either way are seen at once. */
const turns = [-1.5, -1, -0.5, 0.5, 1, 1.5].map((degrees) => (degrees * Math.PI) / 180);
/** Places and turns that are refined. */
const mostTurned = 2;
/** Sizes nearer than this share are one place. */
const samePlace = 0.006;

interface Level {
  readonly map: GreyMap;
  /** Pixels of a frame for one of the map. */
  readonly scale: number;
}

interface Candidate {
  readonly level: Level;
  /** Pixels of the level's map. */
  readonly side: number;
  readonly mirrored: boolean;
  readonly sync: number;
}

/**
 * Frames are luma, all of one size. Ends early with a finding that `isBelieved`. Takes 0.5 s where the mark is plain, some 3 s
 * where there is none, at 1280x720.
 */
export function searchMark(
  frames: readonly GreyMap[],
  layout: Layout,
  isBelieved: (finding: Finding) => boolean,
): Finding {
  const levels = levelsOf(frames);
  // Most clips that went through a chat are found on the first reduction.
  const order = [levels[1], levels[0], ...levels.slice(2)].filter((level) => level !== undefined);
  const seen: Candidate[] = [];
  const refined: Candidate[] = [];
  let best: Finding | undefined;
  for (const [index, makeLevel] of order.entries()) {
    const level = makeLevel();
    const here = candidatesOn(level, layout);
    seen.push(...here);
    const last = index === order.length - 1;
    const pool = (last ? seen : here.filter(({ sync }) => sync > plainlyThere)).toSorted((a, b) => b.sync - a.sync);
    const wanted = last ? mostRefined : 1;
    let taken = 0;
    for (const candidate of pool) {
      if (taken === wanted) break;
      if (refined.some((other) => isSamePlace(other, candidate))) continue;
      refined.push(candidate);
      taken += 1;
      const finding = refine(candidate, layout, isBelieved);
      if (isBelieved(finding)) return finding;
      if (best === undefined || isBetter(finding, best)) best = finding;
    }
  }
  for (const { candidate, turn } of turned(seen, layout)) {
    const finding = refine(candidate, layout, isBelieved, turn);
    if (isBelieved(finding)) return finding;
    if (best === undefined || isBetter(finding, best)) best = finding;
  }
  return best ?? { sync: 0, payload: '000000000000', valid: false, correlation: 0, tile: { across: 0, down: 0 } };
}

/** The maps from full size down, each made when it is asked for. */
function levelsOf(frames: readonly GreyMap[]): (() => Level)[] {
  const sizes = [frames];
  const reduced = (index: number): readonly GreyMap[] => (sizes[index] ??= reduced(index - 1).map(halved));
  const [{ width, height }] = frames as [GreyMap];
  const count = Math.max(1, Math.min(mostMaps, Math.floor(Math.log2(Math.max(width, height) / leastMap)) + 1));
  return Array.from({ length: count }, (_, index) => () => ({
    map: whitenedSum(reduced(index)),
    scale: 2 ** index,
  }));
}

/** `foldedSpectrum` with its frequencies made comparable. */
function evened(map: GreyMap, tile: TileLay, layout: Layout, side: number, tiles?: number): Spectrum {
  const spectrum = foldedSpectrum(map, tile, side, tiles);
  evenSpectrum(spectrum, layout);
  return spectrum;
}

function candidatesOn(level: Level, layout: Layout): Candidate[] {
  const { map, scale } = level;
  const long = Math.max(map.width, map.height);
  const found: Candidate[] = [];
  const least = scale === 1 ? tilesLooked.least : tilesLooked.most / 2;
  for (let side = least; side <= tilesLooked.most;) {
    const tiles = Math.min(coarseTiles, long / side);
    if (tiles >= 0.9) {
      const spectrum = evened(map, { across: side, down: side, turn: 0 }, layout, coarseSide, coarseTiles);
      for (const mirrored of [false, true]) {
        found.push({ level, side, mirrored, sync: bestMove(spectrum, layout, mirrored).sync });
      }
    }
    // The waves at the rim may slip by a third of their length from the middle to the outermost tile.
    side *= 1 + 0.022 / Math.max(1, tiles);
  }
  return found;
}

/** Whether the tile is as large as one that was drawn for pictures of this size, neither enlarged nor reduced since. */
function isAsMarked({ level, side, mirrored }: Candidate): boolean {
  const { width, height } = level.map;
  const drawn = tileSide({ width: width * level.scale, height: height * level.scale });
  return !mirrored && Math.abs(Math.log((side * level.scale) / drawn)) < samePlace;
}

function isSamePlace(a: Candidate, b: Candidate): boolean {
  const apart = Math.abs(Math.log((a.side * a.level.scale) / (b.side * b.level.scale)));
  return a.mirrored === b.mirrored && apart < samePlace;
}

const isBetter = (a: Finding, b: Finding): boolean => (a.valid === b.valid ? a.sync > b.sync : a.valid);

interface TurnedCandidate {
  readonly candidate: Candidate;
  readonly turn: number;
}

/** The best of all `turns` of the best places, and of the one where a picture of this size was marked: few turn and reduce it. */
function turned(seen: readonly Candidate[], layout: Layout): TurnedCandidate[] {
  const places = seen.filter(isAsMarked).slice(0, 1);
  for (const candidate of seen.toSorted((a, b) => b.sync - a.sync)) {
    if (places.length > mostRefined) break;
    if (!places.some((other) => isSamePlace(other, candidate))) places.push(candidate);
  }
  return places
    .flatMap((candidate) =>
      turns.map((turn) => {
        const { level, side, mirrored } = candidate;
        const spectrum = evened(level.map, { across: side, down: side, turn }, layout, coarseSide, coarseTiles);
        const { sync } = bestMove(spectrum, layout, mirrored);
        return { candidate, turn, sync };
      }),
    )
    .toSorted((a, b) => b.sync - a.sync)
    .slice(0, mostTurned);
}

/** Changes of width, height and turn that are tried, in steps. */
type Changes = readonly (readonly [number, number, number])[];
const alike: Changes = [
  [1, 1, 0],
  [-1, -1, 0],
];
const apart: Changes = [...alike, [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]];
const turnedToo: Changes = [...apart, [0, 0, 1], [0, 0, -1]];
const mostChanges = 8;
const mostHalvings = 4;

interface Look {
  readonly tile: TileLay;
  readonly sync: number;
}

/**
 * What the place holds. Most pictures keep their shape: it is decoded as though this one had, and where that is not believed, width
 * and height are refined each for itself. With a `turn` that is refined too, at once.
 */
function refine(
  candidate: Candidate,
  layout: Layout,
  isBelieved: (finding: Finding) => boolean,
  turn?: number,
): Finding {
  const { side } = candidate;
  const begin = { across: side, down: side, turn: turn ?? 0 };
  if (turn !== undefined) return decodeAt(candidate, layout, refineTile(candidate, layout, begin, turnedToo));
  const kept = refineTile(candidate, layout, begin, alike);
  const first = decodeAt(candidate, layout, kept);
  if (isBelieved(first)) return first;
  const second = decodeAt(candidate, layout, refineTile(candidate, layout, kept, apart));
  return isBelieved(second) || isBetter(second, first) ? second : first;
}

function lookAt({ level, mirrored }: Candidate, layout: Layout, tile: TileLay, samples: number) {
  const spectrum = evened(level.map, tile, layout, samples);
  return { spectrum, move: refineMove(spectrum, layout, bestMove(spectrum, layout, mirrored), mirrored) };
}

/** The tile near `begin` where the key's pattern agrees most. */
function refineTile(candidate: Candidate, layout: Layout, begin: TileLay, changes: Changes): TileLay {
  const { level, side } = candidate;
  const syncOf = (tile: TileLay): number => lookAt(candidate, layout, tile, coarseSide).move.sync;
  let best: Look = { tile: begin, sync: syncOf(begin) };
  let step = 0.008 / Math.max(1, Math.max(level.map.width, level.map.height) / side);
  for (let halvings = 0, made = 0; halvings < mostHalvings;) {
    const { tile } = best;
    for (const [dx, dy, dt] of changes) {
      const tried = {
        across: tile.across * (1 + dx * step),
        down: tile.down * (1 + dy * step),
        turn: tile.turn + dt * step,
      };
      const sync = syncOf(tried);
      if (sync > best.sync) best = { tile: tried, sync };
    }
    if (best.tile !== tile) made += 1;
    if (best.tile === tile || made >= mostChanges) {
      step /= 2;
      halvings += 1;
    }
  }
  return best.tile;
}

function decodeAt(candidate: Candidate, layout: Layout, tile: TileLay): Finding {
  const { level, mirrored } = candidate;
  const { spectrum, move } = lookAt(candidate, layout, tile, fineSide);
  const weights = bandWeights(spectrum, layout, move, mirrored);
  const soft = softSigns(spectrum, layout, weights, move, mirrored);
  const { payload, valid } = decodePayload(soft);
  return {
    sync: move.sync,
    payload,
    valid,
    correlation: payloadCorrelation(soft, payload),
    tile: { across: tile.across * level.scale, down: tile.down * level.scale },
  };
}
