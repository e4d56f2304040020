/**
 * Clips that marks are tried on, none of which the mark was tuned on (that was clips/dog, driving/talking, films/bison and
 * a gradient). Photographs out of packages with a moving camera, a made picture, and films and clips where the media folder is there.
 */
import { join } from 'node:path';

import { fetchPhotograph } from '../../src/demo/photograph.ts';
import { makeClip, picture } from '../clips.ts';
import { sharedMedia } from '../media.ts';
import { testModelCache } from '../models.ts';
import { animalPicture, paintedPortrait } from '../photographs.ts';

export interface TrialClip {
  readonly name: string;
  /** Clips of one scene hang together: they count as one cluster. */
  readonly scene: string;
  /** Makes it, where it is not there yet. */
  readonly path: () => Promise<string>;
}

/** Frames a second and seconds of every clip. */
export const trialRate = 25;
const seconds = 2.4;
const kept = [
  '-t',
  String(seconds),
  '-an',
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-crf',
  '8',
  '-pix_fmt',
  'yuv420p',
];

/** The camera goes across a photograph, from one corner towards the other. */
function pan(photograph: string, width: number, height: number): Promise<string> {
  const across = `scale=${Math.round(width * 1.2)}:${Math.round(height * 1.2)}:force_original_aspect_ratio=increase`;
  const window = `crop=${width}:${height}:x='min(iw-ow\\,t*18)':y='min(ih-oh\\,t*11)'`;
  return makeClip('mp4', [
    '-loop',
    '1',
    '-framerate',
    String(trialRate),
    '-i',
    photograph,
    '-vf',
    `${across},${window}`,
    ...kept,
  ]);
}

/** A part of a clip, at a size. */
function part(path: string, from: number, filters: string): Promise<string> {
  return makeClip('mp4', ['-ss', String(from), '-i', path, '-vf', `${filters},fps=${trialRate}`, ...kept]);
}

/** Every clip that can be had here; `animated` makes a portrait move. */
export async function trialClips(animated: () => Promise<string>): Promise<TrialClip[]> {
  const boats = await fetchPhotograph(join(testModelCache, 'photographs'));
  const clips: TrialClip[] = [
    { name: 'boats, panned, 1280x720', scene: 'boats', path: () => pan(boats, 1280, 720) },
    { name: 'boats, panned, 640x480', scene: 'boats', path: () => pan(boats, 640, 480) },
    { name: 'animated painting', scene: 'painting', path: async () => part(await animated(), 0, 'null') },
    { name: 'painting, panned, 720x960', scene: 'painting', path: async () => pan(await paintedPortrait(), 720, 960) },
    { name: 'house cat, panned, 960x480', scene: 'house cat', path: async () => pan(await animalPicture(), 960, 480) },
    {
      name: 'fractal, 854x480',
      scene: 'fractal',
      path: () => makeClip('mp4', [...picture(`mandelbrot=s=854x480:r=${trialRate}`), ...kept]),
    },
  ];
  const shared: readonly (readonly [string, string, string, number, string])[] = [
    ['juggler, 1280x720', 'juggler', 'clips/juggle.mp4', 0, 'scale=1280:720'],
    ['juggler, 854x480', 'juggler', 'clips/juggle.mp4', 5, 'scale=854:480'],
    ['face with expressions, 512x512', 'face', 'driving/expressions.mp4', 0, 'scale=512:512'],
    ['face with expressions, 960x960', 'face', 'driving/expressions.mp4', 3, 'scale=960:960:flags=lanczos'],
    ['film of 1888, enlarged to 960x720', 'film of 1888', 'films/roundhay-1888.mp4', 0, 'scale=960:720:flags=lanczos'],
    ['speaker, enlarged to 720x576', 'speaker', 'speech/grid-bbaf2n.mpg', 0, 'scale=720:576:flags=lanczos'],
  ];
  for (const [name, scene, file, from, filters] of shared) {
    const path = sharedMedia(file);
    if (path !== undefined) clips.push({ name, scene, path: () => part(path, from, filters) });
  }
  for (const name of ['pearl-earring.jpg', 'astronaut.png']) {
    const path = sharedMedia(`portraits/${name}`);
    if (path !== undefined)
      clips.push({ name: `${name}, panned, 720x720`, scene: name, path: () => pan(path, 720, 720) });
  }
  return clips;
}

/** Clips of 192x144, on which marks are known not to hold. */
export async function smallClips(): Promise<TrialClip[]> {
  const boats = await fetchPhotograph(join(testModelCache, 'photographs'));
  const film = sharedMedia('films/roundhay-1888.mp4');
  const small: TrialClip[] = [{ name: 'boats, panned, 192x144', scene: 'boats', path: () => pan(boats, 192, 144) }];
  if (film !== undefined) {
    small.push({
      name: 'film of 1888, 192x144',
      scene: 'film of 1888',
      path: () => part(film, 0, 'scale=192:144'),
    });
  }
  return small;
}
