/** The clips of the interpolation benchmark, as raw frames: films and clips where the media folder is there, and ffmpeg's own sources. */
import { spawnSync } from 'node:child_process';

import { sharedMedia } from '../media.ts';

export interface RawClip {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** R G B bytes of each frame. */
  readonly frames: readonly Uint8Array[];
  /** What the clip is there to show, for those made for one purpose. */
  readonly shows?: 'cuts' | 'still';
}

interface Recipe {
  readonly name: string;
  /** ffmpeg's arguments up to the filters. */
  readonly input: readonly string[];
  readonly filters: string;
  readonly width: number;
  readonly height: number;
  /** Repeated frames of the transfer are dropped: removing every second frame would remove nothing. */
  readonly held?: boolean;
  readonly shows?: RawClip['shows'];
}

/** A drawing counts as new when it differs from the last by this share of the clip's larger changes. */
const heldShare = 0.1;

const shared: readonly Omit<Recipe, 'input'>[] = [
  { name: 'clips/dog.mp4', width: 640, height: 360, filters: 'scale=640:360:flags=area' },
  { name: 'clips/juggle.mp4', width: 640, height: 360, filters: 'scale=640:360:flags=area' },
  { name: 'driving/expressions.mp4', width: 512, height: 512, filters: 'null' },
  { name: 'driving/talking.mp4', width: 512, height: 512, filters: 'null', held: true },
  { name: 'films/roundhay-1888.mp4', width: 192, height: 144, filters: 'null', held: true },
  { name: 'films/muybridge-bison.mp4', width: 400, height: 300, filters: 'null', held: true },
];

const size = { width: 320, height: 180 };
const source = (...graphs: readonly string[]): string[] =>
  graphs.flatMap((graph) => ['-f', 'lavfi', '-i', `${graph}${graph.includes('=') ? ':' : '='}s=320x180:r=24`]);

/** Frames of the shots of the clip with cuts, so that a frame taken out at a cut is as often before it as after it. */
const shotLengths = [6, 7, 5, 5, 60] as const;
const shots = ['mandelbrot', 'testsrc2', 'mandelbrot=start_scale=0.4:inner=mincol', 'gradients=seed=1:speed=0.05'];

const made: readonly Recipe[] = [
  { name: 'fractal', input: source('mandelbrot'), filters: 'null', ...size },
  { name: 'test picture', input: source('testsrc2'), filters: 'null', ...size },
  {
    name: 'cuts',
    input: source(...shotLengths.map((_, index) => shots[index % shots.length]!)),
    filters: `${shotLengths.map((length, index) => `[${index}]trim=end_frame=${length}[s${index}];`).join('')}${shotLengths
      .map((_, index) => `[s${index}]`)
      .join('')}concat=n=${shotLengths.length},`,
    ...size,
    shows: 'cuts',
  },
  {
    name: 'still scene with grain',
    input: source('mandelbrot=start_scale=0.05'),
    filters: 'loop=loop=-1:size=1,noise=alls=14:allf=t',
    ...size,
    shows: 'still',
  },
];

function decode({ input, filters, width, height }: Recipe, count: number): Uint8Array[] {
  const graph = `${filters}${filters.endsWith(',') ? '' : ','}format=rgb24`;
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', ...input, '-filter_complex', graph, '-fps_mode', 'passthrough'],
      ...['-frames:v', String(count), '-f', 'rawvideo', '-'],
    ],
    { maxBuffer: 2 ** 31 - 1 },
  );
  if (status !== 0) throw new Error(`ffmpeg ended with ${status ?? 'a signal'}: ${stderr.toString()}`);
  const bytes = width * height * 3;
  return Array.from({ length: Math.floor(stdout.length / bytes) }, (_, index) =>
    stdout.subarray(index * bytes, (index + 1) * bytes),
  );
}

function meanSquare(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at]! - b[at]!) ** 2;
  return sum / a.length;
}

function withoutHeld(frames: readonly Uint8Array[]): Uint8Array[] {
  const changes = frames.slice(1).map((frame, index) => meanSquare(frame, frames[index]!));
  const large = changes.toSorted((a, b) => a - b)[Math.floor(changes.length * 0.9)] ?? 0;
  const kept = frames.slice(0, 1);
  for (const frame of frames.slice(1)) if (meanSquare(frame, kept.at(-1)!) > heldShare * large) kept.push(frame);
  return kept;
}

/**
 * The clips with at most `count` frames each, and the names of those whose media is not there.
 * @param skip frames passed over at the beginning of the media clips, so that another part can be looked at
 */
export function loadRawClips(count: number, skip = 0): { clips: RawClip[]; missing: string[] } {
  const clips: RawClip[] = [];
  const missing: string[] = [];
  const add = (recipe: Recipe, from: number): void => {
    const { name, width, height, shows, held } = recipe;
    const frames = decode(recipe, held === true ? 4 * (count + from) : count + from);
    const all = held === true ? withoutHeld(frames) : frames;
    clips.push({ name, width, height, frames: all.slice(from).slice(0, count), ...(shows ? { shows } : {}) });
  };
  for (const recipe of shared) {
    const path = sharedMedia(recipe.name);
    if (path === undefined) missing.push(recipe.name);
    // The shortest film has only 18 drawings.
    else add({ ...recipe, input: ['-i', path] }, recipe.name.includes('roundhay') ? 0 : skip);
  }
  for (const recipe of made) add(recipe, 0);
  return { clips, missing };
}
