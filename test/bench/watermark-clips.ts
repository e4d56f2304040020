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
  readonly path: string;
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

/** Every clip that can be had here; `animated` is a portrait that the animator made. */
export async function trialClips(animated: string): Promise<TrialClip[]> {
  const boats = await fetchPhotograph(join(testModelCache, 'photographs'));
  const clips: TrialClip[] = [
    { name: 'animated painting', path: await part(animated, 0, 'null') },
    { name: 'painting, panned, 720x960', path: await pan(await paintedPortrait(), 720, 960) },
    { name: 'house cat, panned, 960x480', path: await pan(await animalPicture(), 960, 480) },
    { name: 'boats, panned, 1280x720', path: await pan(boats, 1280, 720) },
    { name: 'boats, panned, 640x480', path: await pan(boats, 640, 480) },
    {
      name: 'fractal, 854x480',
      path: await makeClip('mp4', [...picture(`mandelbrot=s=854x480:r=${trialRate}`), ...kept]),
    },
  ];
  const shared: readonly (readonly [string, string, number, string])[] = [
    ['juggler, 1280x720', 'clips/juggle.mp4', 0, 'scale=1280:720'],
    ['juggler, 854x480', 'clips/juggle.mp4', 5, 'scale=854:480'],
    ['face with expressions, 512x512', 'driving/expressions.mp4', 0, 'scale=512:512'],
    ['face with expressions, 960x960', 'driving/expressions.mp4', 3, 'scale=960:960:flags=lanczos'],
    ['film of 1888, enlarged to 960x720', 'films/roundhay-1888.mp4', 0, 'scale=960:720:flags=lanczos'],
    ['speaker, enlarged to 720x576', 'speech/grid-bbaf2n.mpg', 0, 'scale=720:576:flags=lanczos'],
  ];
  for (const [name, file, from, filters] of shared) {
    const path = sharedMedia(file);
    if (path !== undefined) clips.push({ name, path: await part(path, from, filters) });
  }
  for (const name of ['pearl-earring.jpg', 'astronaut.png']) {
    const path = sharedMedia(`portraits/${name}`);
    if (path !== undefined) clips.push({ name: `${name}, panned, 720x720`, path: await pan(path, 720, 720) });
  }
  return clips;
}

/** Clips of 192x144, on which marks are known not to hold. */
export async function smallClips(): Promise<TrialClip[]> {
  const boats = await fetchPhotograph(join(testModelCache, 'photographs'));
  const film = sharedMedia('films/roundhay-1888.mp4');
  return [
    { name: 'boats, panned, 192x144', path: await pan(boats, 192, 144) },
    ...(film === undefined ? [] : [{ name: 'film of 1888, 192x144', path: await part(film, 0, 'scale=192:144') }]),
  ];
}
