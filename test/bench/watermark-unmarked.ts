/**
 * What is searched for marks that are not there: the trial clips and single frames of them, made pictures that repeat (as the
 * mark does), noise, and clips that another installation's key has marked.
 */
import { readShots } from '../../src/engine/provenance/watermark/read-shots.ts';
import type { SampledShot } from '../../src/engine/provenance/watermark/sampled-shots.ts';
import type { Finding } from '../../src/engine/provenance/watermark/search.ts';
import { makeClip, picture } from '../clips.ts';
import type { TrialClip } from './watermark-clips.ts';

/** What one place looked like that was decoded. */
export interface Place {
  readonly sync: number;
  readonly correlation: number;
  readonly valid: boolean;
}

/** Every place that a search with a stranger's `key` decodes before it gives up. */
export function placesOf(shots: readonly SampledShot[], key: Uint8Array): Place[] {
  const seen = new Set<Finding>();
  readShots({ key, shots }, (finding) => {
    seen.add(finding);
    return false;
  });
  return [...seen].map(({ sync, correlation, valid }) => ({ sync, correlation, valid }));
}

const repeating = (values: string): string => `nullsrc=s=640x480:r=1:d=1,geq=lum='${values}':cb=128:cr=128`;

/** Sources of ffmpeg whose pictures repeat, are regular, or hold nothing but noise. */
const textures: readonly (readonly [string, string])[] = [
  ['checkerboard of 16', repeating('128+60*(mod(floor(X/16)+floor(Y/16),2)-0.5)')],
  ['checkerboard of 37', repeating('128+60*(mod(floor(X/37)+floor(Y/37),2)-0.5)')],
  ['bricks', repeating('150-70*lt(mod(Y,24),3)-70*lt(mod(X+30*mod(floor(Y/24),2),60),3)*gte(mod(Y,24),3)')],
  ['crossed waves', repeating('128+50*sin(X/3.1)*sin(Y/2.7)')],
  ['waves of many lengths', repeating('128+20*(sin(X/2)+sin(X/3.3+Y/5)+sin(Y/2.4)+sin(X/4.1-Y/2.2))')],
  ['noise in tiles of 64', repeating('128+40*(mod(sin(mod(X,64)*12.9898+mod(Y,64)*78.233)*43758.5453,1))')],
  ['noise in tiles of 131', repeating('128+40*(mod(sin(mod(X,131)*12.9898+mod(Y,131)*78.233)*43758.5453,1))')],
  ['noise', repeating('128+40*(random(1)-0.5)')],
  ['gradient', repeating('X*255/W')],
  ['zone plate', repeating('128+60*cos((X*X+Y*Y)/900)')],
  ['test card', 'testsrc2=s=640x480:r=1:d=1'],
  ['bars', 'smptehdbars=s=640x480:r=1:d=1'],
];

/** A file and what it is. */
export interface UnmarkedFile {
  readonly name: string;
  readonly path: () => Promise<string>;
}

/** Files without a mark of any stranger's key; `marked` are some that another key marked. The quick ones come first. */
export function unmarkedFiles(clips: readonly TrialClip[], marked: readonly UnmarkedFile[]): UnmarkedFile[] {
  return [
    ...textures.map(([name, source]) => ({
      name,
      path: () => makeClip('png', [...picture(source), '-frames:v', '1']),
    })),
    ...clips.map(({ name, path }) => ({ name: `${name}, one frame`, path: async () => oneFrame(await path()) })),
    ...marked.map(({ name, path }) => ({ name: `${name}, marked by another key`, path })),
    ...clips.map(({ name, path }) => ({ name, path })),
  ];
}

const oneFrame = (clip: string): Promise<string> => makeClip('png', ['-ss', '1', '-i', clip, '-frames:v', '1']);
