/**
 * What bad photographs get: for each kind a code that a sentence explains, or a face all the same with what should be said of
 * it. Every picture is a real file, read, searched and chosen from as a job does.
 */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type FormatEnum, type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { chooseFaces } from '../../../src/engine/animate/face/choose-faces.ts';
import type { Face, FaceChoice } from '../../../src/engine/animate/face/face.ts';
import { findFaces } from '../../../src/engine/animate/face/find-faces.ts';
import { loadPhoto } from '../../../src/engine/media/photo.ts';
import type { Picture } from '../../../src/engine/picture.ts';
import { type ErrorCode, LumiereError } from '../../../src/engine/errors.ts';
import { animalPicture, paintedPortrait } from '../../photographs.ts';
import { cartoon, closedLids, glasses, hand } from './face/drawings.ts';
import { drawOver, encoded, headOf, openFaceBench, resized, tiled, type FaceBench } from './face/face-test.ts';
import { turnedFace } from './face/turned-face.ts';

let bench: FaceBench;
let folder: string;
let portrait: Picture;
let face: Face;

beforeAll(async () => {
  bench = await openFaceBench();
  folder = await mkdtemp(join(tmpdir(), 'lumiere-photographs-'));
  ({ photo: portrait } = await loadPhoto(await paintedPortrait(), { longestSide: 4096 }));
  face = (await findFaces(portrait, bench.networks))[0]!;
});

afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly faces: number;
  readonly size: string;
  readonly warnings: readonly string[];
}

/** As a job does it. */
async function animatable(path: string, choice: FaceChoice): Promise<Outcome> {
  const { photo, warnings } = await loadPhoto(path, { longestSide: 1920 });
  const chosen = chooseFaces(await findFaces(photo, bench.networks), choice);
  return {
    faces: chosen.faces.length,
    size: `${photo.width}x${photo.height}`,
    warnings: [...warnings, ...chosen.warnings].map(({ code }) => code),
  };
}

async function file(name: string, image: Sharp | Buffer | Promise<Picture>): Promise<string> {
  const path = join(folder, name);
  const ready = image instanceof Promise ? encoded(await image) : image;
  await writeFile(path, Buffer.isBuffer(ready) ? ready : await ready.toFormat(formatOf(name)).toBuffer());
  return path;
}

const formatOf = (name: string): keyof FormatEnum =>
  ({ jpg: 'jpeg', png: 'png', tif: 'tiff', webp: 'webp', avif: 'avif', gif: 'gif' })[
    name.split('.')[1]!
  ] as keyof FormatEnum;

const blank = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#7a8a99' }, limitInputPixels: false });

/** A file that says it is HEIC and holds nothing. */
const emptyHeic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(200)]);

interface Refused {
  readonly what: string;
  readonly path: () => Promise<string>;
  readonly code: ErrorCode;
  readonly choice?: FaceChoice;
}

const refused: readonly Refused[] = [
  { what: 'no face', path: () => file('sea.jpg', blank(640, 480)), code: 'face.none' },
  { what: 'an animal', path: animalPicture, code: 'face.none' },
  {
    what: 'a profile',
    path: () => file('profile.png', Promise.resolve(turnedFace(portrait, face, bench.networks.canonical, -60))),
    code: 'face.too-turned',
  },
  {
    what: 'a face of 47 pixels',
    path: () => file('tiny.png', resized(portrait, 40 / face.box.width)),
    code: 'face.too-small',
  },
  {
    what: 'the third of two faces',
    path: async () => file('third.png', tiled(await headOf(portrait, face), 2, 1)),
    code: 'face.number-unknown',
    choice: 3,
  },
  { what: 'one pixel', path: () => file('one.png', blank(1, 1)), code: 'input.too-small' },
  { what: 'a strip of 16x40000', path: () => file('strip.png', blank(16, 40_000)), code: 'input.too-small' },
  { what: 'more than 50 megapixels', path: () => file('large.png', blank(8000, 6300)), code: 'photo.too-large' },
  {
    what: 'a file cut off',
    path: async () => {
      const path = await file('cut.png', encoded(portrait));
      await truncate(path, 200_000);
      return path;
    },
    code: 'input.corrupt',
  },
  {
    what: "a file of rubbish under a photograph's name",
    path: () => file('rubbish.jpg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(4000, 7)])),
    code: 'input.corrupt',
  },
  { what: 'text', path: () => file('text.jpg', Buffer.from('not a picture')), code: 'photo.format-unknown' },
  {
    what: 'a drawing that could read files',
    path: () => file('drawing.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>')),
    code: 'photo.format-unknown',
  },
  { what: 'HEIC without a decoder', path: () => file('phone.heic', emptyHeic), code: 'photo.format-refused' },
  { what: 'an empty file', path: () => file('empty.jpg', Buffer.alloc(0)), code: 'input.empty' },
  { what: 'a folder', path: () => Promise.resolve(folder), code: 'input.unreadable' },
  { what: 'no file', path: () => Promise.resolve(join(folder, 'none.jpg')), code: 'input.not-found' },
];

interface Taken extends Outcome {
  readonly what: string;
  readonly path: () => Promise<string>;
  readonly choice?: FaceChoice;
}

const taken: readonly Taken[] = [
  { what: 'nothing wrong', path: paintedPortrait, ...{ faces: 1, size: '743x1155', warnings: [] } },
  {
    what: '30 faces',
    path: async () => file('crowd.png', tiled(await resized(await headOf(portrait, face), 0.5), 6, 5)),
    ...{ faces: 1, size: '870x850', warnings: ['face.several'] },
  },
  {
    what: 'all of 30 faces',
    path: async () => file('crowd.png', tiled(await resized(await headOf(portrait, face), 0.5), 6, 5)),
    choice: 'all',
    ...{ faces: 30, size: '870x850', warnings: [] },
  },
  {
    what: 'a head turned 36 degrees',
    path: () => file('turned.png', Promise.resolve(turnedFace(portrait, face, bench.networks.canonical, -26))),
    ...{ faces: 1, size: '743x1155', warnings: ['face.turned'] },
  },
  {
    what: 'a face under 96 pixels',
    path: () => file('small.png', resized(portrait, 75 / face.box.width)),
    ...{ faces: 1, size: '289x449', warnings: ['face.small'] },
  },
  {
    what: 'a cartoon',
    path: () =>
      file('cartoon.png', drawOver({ width: 512, height: 512, data: new Uint8Array(512 * 512 * 3) }, cartoon)),
    ...{ faces: 1, size: '512x512', warnings: [] },
  },
  {
    what: 'closed eyes',
    path: () => file('closed.png', drawOver(portrait, closedLids(face, '#c09a5c'))),
    ...{ faces: 1, size: '743x1155', warnings: ['face.eyes-closed'] },
  },
  {
    what: 'sunglasses',
    path: () => file('glasses.png', drawOver(portrait, glasses(face))),
    ...{ faces: 1, size: '743x1155', warnings: ['face.covered'] },
  },
  {
    what: 'a hand over the mouth',
    path: () => file('hand.png', drawOver(portrait, hand(face))),
    ...{ faces: 1, size: '743x1155', warnings: ['face.covered'] },
  },
  {
    what: 'CMYK',
    path: () => file('print.tif', encoded(portrait).toColourspace('cmyk')),
    ...{ faces: 1, size: '743x1155', warnings: [] },
  },
  {
    what: '16 bits a channel',
    path: () => file('deep.png', encoded(portrait).toColourspace('rgb16')),
    ...{ faces: 1, size: '743x1155', warnings: [] },
  },
  {
    what: 'grey',
    path: () => file('grey.png', encoded(portrait).grayscale()),
    ...{ faces: 1, size: '743x1155', warnings: [] },
  },
  {
    what: 'a transparent background',
    path: () => file('clear.webp', encoded(portrait).ensureAlpha(0.7)),
    ...{ faces: 1, size: '743x1155', warnings: ['input.alpha-flattened'] },
  },
  {
    what: 'lying on its side, with EXIF that says so',
    path: () => file('side.jpg', encoded(portrait).rotate(-90).withMetadata({ orientation: 6 })),
    ...{ faces: 1, size: '743x1155', warnings: [] },
  },
  {
    what: 'AVIF',
    path: () => file('small.avif', encoded(portrait).avif({ effort: 0 })),
    ...{ faces: 1, size: '743x1155', warnings: [] },
  },
  {
    what: 'an animated GIF',
    path: async () => {
      const frames = await Promise.all(
        [portrait, await drawOver(portrait, '<rect width="743" height="1155"/>')].map((p) =>
          encoded(p).png().toBuffer(),
        ),
      );
      return file('moving.gif', sharp(frames, { join: { animated: true } }));
    },
    ...{ faces: 1, size: '743x1155', warnings: ['photo.first-frame'] },
  },
  {
    what: '20 megapixels',
    path: () => file('camera.jpg', encoded(portrait).resize(3600, 5597)),
    ...{ faces: 1, size: '1235x1920', warnings: ['photo.reduced'] },
  },
];

describe('a photograph that cannot be animated is refused with a code', () => {
  test.each(refused)('$what: $code', async ({ path, code, choice = 'largest' }) => {
    const error: unknown = await animatable(await path(), choice).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LumiereError);
    expect((error as LumiereError).code).toBe(code);
  });
});

describe('a photograph that can be animated is, and what was limited is told', () => {
  test.each(taken)('$what: $warnings', async ({ path, choice = 'largest', faces, size, warnings }) => {
    expect(await animatable(await path(), choice)).toEqual({ faces, size, warnings });
  });
});
