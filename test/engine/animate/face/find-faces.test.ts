import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { chooseFaces } from '../../../../src/engine/animate/face/choose-faces.ts';
import { cutCrop } from '../../../../src/engine/animate/face/crop.ts';
import { embedFace, likeness } from '../../../../src/engine/animate/face/embedding.ts';
import { detectFaces } from '../../../../src/engine/animate/face/detector.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { findFaces } from '../../../../src/engine/animate/face/find-faces.ts';
import { followFace } from '../../../../src/engine/animate/face/follow-face.ts';
import { meanDistance } from '../../../../src/engine/animate/face/mesh.ts';
import { openFaceNetworks } from '../../../../src/engine/animate/face/networks.ts';
import { anglesOf, toHead } from '../../../../src/engine/animate/face/pose.ts';
import { personMask } from '../../../../src/engine/animate/face/segmentation.ts';
import { expressionSignature } from '../../../../src/engine/animate/face/signature.ts';
import { loadPhoto } from '../../../../src/engine/media/photo.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import type { SessionPool } from '../../../../src/engine/model/session.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { testModelCache } from '../../../models.ts';
import { sharedMedia } from '../../../media.ts';
import { paintedPortrait } from '../../../photographs.ts';
import { cartoon } from './drawings.ts';
import { drawOver, encoded, headOf, mirrored, openFaceBench, resized, toPicture, type FaceBench } from './face-test.ts';

let bench: FaceBench;
let portrait: Picture;
let face: Face;

beforeAll(async () => {
  bench = await openFaceBench();
  ({ photo: portrait } = await loadPhoto(await paintedPortrait(), { longestSide: 4096 }));
  face = (await findFaces(portrait, bench.networks))[0]!;
});

afterAll(async () => {
  await bench.close();
});

/** Points moved as the picture was. */
const moved = (points: Float64Array, move: (x: number, y: number) => [number, number]): Float64Array => {
  const out = points.slice();
  for (let i = 0; i < out.length; i += 3) out.set(move(out[i]!, out[i + 1]!), i);
  return out;
};

describe('the face of a painting', () => {
  test('lies where it is painted, turned as it is painted', () => {
    // Corners of the eyes and of the mouth, pointed at by hand in the picture of 743 x 1155.
    const byHand: readonly (readonly [number, number, number])[] = [
      [133, 317, 251],
      [362, 353, 250],
      [61, 306, 345],
      [291, 368, 345],
      [1, 326, 320],
    ];
    for (const [index, x, y] of byHand) {
      const apart = Math.hypot(face.points[3 * index]! - x, face.points[3 * index + 1]! - y);
      expect({ index, near: apart < 9 ? true : apart }).toEqual({ index, near: true });
    }
    const { yaw, roll } = anglesOf(face.pose.rotation);
    expect(yaw).toBeGreaterThan(-22);
    expect(yaw).toBeLessThan(-12);
    expect(Math.abs(roll)).toBeLessThan(4);
    expect(face.confidence).toBeGreaterThan(0.9);
  });

  test('moves with the picture: half as large, and mirrored', async () => {
    const scale = 0.5;
    const [half] = await findFaces(await resized(portrait, scale), bench.networks);
    const expected = moved(face.points, (x, y) => [(x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5]);
    expect(meanDistance(half!.points, expected) / half!.pose.scale).toBeLessThan(0.1);

    const [flipped] = await findFaces(await mirrored(portrait), bench.networks);
    const { mirror } = bench.networks.canonical;
    const other = new Float64Array(face.points.length);
    for (let i = 0; i < 468; i += 1) {
      const [x, y, z] = face.points.subarray(3 * mirror[i]!, 3 * mirror[i]! + 3) as unknown as [number, number, number];
      other.set([portrait.width - 1 - x, y, z], 3 * i);
    }
    expect(meanDistance(flipped!.points, other) / face.pose.scale).toBeLessThan(0.1);
    expect(flipped!.eyes[0].iris[0]).toBeCloseTo(portrait.width - 1 - face.eyes[1].iris[0], -0.5);
  });

  test('is found small in a large picture, and numbered from the left', async () => {
    const head = await headOf(portrait, face);
    const small = await encoded(head).resize(120).png().toBuffer({ resolveWithObject: true });
    const width = 2400;
    const places = [2200, 90, 1130].map((left, i) => ({ input: small.data, left, top: 300 + 400 * i }));
    const image = sharp({ create: { width, height: 1500, channels: 3, background: '#556' } }).composite(places);
    const faces = await findFaces(await toPicture(image), bench.networks);
    expect(faces.map(({ number }) => number)).toEqual([1, 2, 3]);
    const middles = faces.map(({ box }) => Math.round((box.x + box.width / 2) / 100));
    expect(middles).toEqual([1, 12, 23]);
  });

  test('holds nothing up: this thread is never held for long', async () => {
    const { longestMs, stack } = await longestBlock(() => findFaces(portrait, bench.networks));
    expect(longestMs, stack.join(' < ')).toBeLessThan(mostBlockMs);
  });

  test('is given up at once when the job is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(findFaces(portrait, bench.networks, { signal })).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});

describe('who a face is', () => {
  test('stays when the picture changes, and is not another', async () => {
    const other = await drawOver({ width: 512, height: 512, data: new Uint8Array(512 * 512 * 3) }, cartoon);
    const [drawn] = await findFaces(other, bench.networks);
    const half = await resized(portrait, 0.6);
    const [again] = await findFaces(half, bench.networks);
    const own = await embedFace(portrait, face.points, bench.networks);
    expect(likeness(own, own)).toBeCloseTo(1, 6);
    expect(likeness(own, await embedFace(half, again!.points, bench.networks))).toBeGreaterThan(0.9);
    expect(likeness(own, await embedFace(other, drawn!.points, bench.networks))).toBeLessThan(0.6);
  });
});

describe('the mask of a person', () => {
  test('covers the face and leaves the landscape', async () => {
    const box = { x: 40, y: 20, width: 640, height: 760 };
    const mask = await personMask(portrait, box, bench.networks);
    const at = (x: number, y: number): number => mask[Math.round(y - box.y) * box.width + Math.round(x - box.x)]!;
    const middle = [face.box.x + face.box.width / 2, face.box.y + face.box.height / 2] as const;
    expect(mask).toHaveLength(640 * 760);
    expect(at(...middle)).toBeGreaterThan(0.9);
    expect(at(650, 60)).toBeLessThan(0.1);
    expect(at(60, 60)).toBeLessThan(0.1);
  });
});

describe('a face in a clip', () => {
  const shifted = (picture: Picture, by: number): Promise<Picture> =>
    drawOver({ ...picture, data: new Uint8Array(picture.data.length) }, '').then((blank) => {
      const { width, height } = picture;
      for (let y = 0; y < height; y += 1) {
        blank.data.set(picture.data.subarray(y * width * 3, (y * width + width - by) * 3), (y * width + by) * 3);
      }
      return blank;
    });

  test('is followed, lost where it is gone, and found again', async () => {
    const head = await resized(portrait, 0.5);
    const empty: Picture = { ...head, data: new Uint8Array(head.data.length).fill(90) };
    const follower = followFace(bench.networks);
    const first = await follower.next(head);
    const second = await follower.next(await shifted(head, 6));
    expect(second!.points[3]! - first!.points[3]!).toBeGreaterThan(4);
    expect(second!.points[3]! - first!.points[3]!).toBeLessThan(8);
    expect(second!.pose.scale / first!.pose.scale).toBeCloseTo(1, 1);
    expect(await follower.next(empty)).toBeUndefined();
    expect((await follower.next(head))!.facesSeen).toBe(1);
  });

  test('of two faces the larger is followed, and both are counted', async () => {
    const head = await headOf(portrait, face);
    const large = await encoded(head).png().toBuffer();
    const small = await encoded(head).resize(200).png().toBuffer();
    const image = sharp({ create: { width: 700, height: 400, channels: 3, background: '#888' } });
    const both = image.composite([
      { input: small, left: 20, top: 40 },
      { input: large, left: 380, top: 20 },
    ]);
    const seen = await followFace(bench.networks).next(await toPicture(both));
    expect(seen!.facesSeen).toBe(2);
    expect(seen!.pose.translation[0]).toBeGreaterThan(380);
  });
});

describe('faces among what only looks like one', () => {
  /** A large face with two small ones beside it. */
  async function crowd(): Promise<Picture> {
    const head = await headOf(portrait, face);
    const large = await encoded(head).resize(1000).png().toBuffer();
    const small = await encoded(head).resize(120).png().toBuffer();
    const places = [
      { input: large, left: 100, top: 60 },
      { input: small, left: 1500, top: 300 },
      { input: small, left: 2100, top: 900 },
    ];
    return toPicture(
      sharp({ create: { width: 2400, height: 1500, channels: 3, background: '#556' } }).composite(places),
    );
  }

  test('a large detection that is none does not hide the small ones', async () => {
    const found = await detectFaces(await crowd(), bench.networks, {
      isFace: ({ width }) => Promise.resolve(width < 300),
    });
    expect(found.filter(({ x, width }) => width < 300 && x > 1400).length).toBe(2);
  });

  test('somebody who comes in later is told within a second, and what is no face never', async () => {
    const scene = (places: readonly number[], input: Buffer): Promise<Picture> =>
      toPicture(
        sharp({ create: { width: 700, height: 400, channels: 3, background: '#888' } }).composite(
          places.map((left) => ({ input, left, top: 40 })),
        ),
      );
    const head = await encoded(await headOf(portrait, face))
      .resize(240)
      .png()
      .toBuffer();
    const [alone, both] = [await scene([20], head), await scene([20, 400], head)];
    const follower = followFace(bench.networks);
    expect((await follower.next(alone))!.facesSeen).toBe(1);
    const counts: number[] = [];
    for (let i = 0; i < 25; i += 1) counts.push((await follower.next(both))!.facesSeen);
    expect(counts.at(-1)).toBe(2);
  });
});

test('a refusal tells the limit that was applied', () => {
  const told = (changed: Partial<Face>): unknown => {
    try {
      return chooseFaces([{ ...face, number: 1, ...changed }], 'largest');
    } catch (error) {
      return error;
    }
  };
  const small = { ...face.box, width: 40, height: 47 };
  expect(told({ box: small })).toMatchObject({ code: 'face.too-small', params: { pixels: 47, limit: 48 } });
  const [cos, sin] = [Math.cos(0.8), Math.sin(0.8)];
  const pose = { ...face.pose, rotation: [cos, 0, sin, 0, 1, 0, -sin, 0, cos] };
  expect(told({ pose })).toMatchObject({ code: 'face.too-turned', params: { degrees: 46, limit: 45 } });
});

describe('networks that fail', () => {
  /** Counts what is open; models for which `fails` holds cannot be opened. */
  function counting(fails: (id: string) => boolean): { pool: SessionPool; open: () => number } {
    const real = createSessionPool({ providers: ['cpu'] });
    let open = 0;
    const pool: SessionPool = {
      ...real,
      async open(request) {
        if (fails(request.id)) throw new Error(`no ${request.id}`);
        const session = await real.open(request);
        open += 1;
        return {
          ...session,
          run: (...given) => session.run(...given),
          async close() {
            open -= 1;
            await session.close();
          },
        };
      },
    };
    return { pool, open: () => open };
  }

  test('those already open are closed', async () => {
    const { pool, open } = counting((id) => id === 'facemesh');
    await expect(openFaceNetworks(pool, testModelCache)).rejects.toThrow('no facemesh');
    expect(open()).toBe(0);
    await pool.close();
  });

  test('one that failed is tried again, and hinders no closing', async () => {
    let failing = true;
    const { pool, open } = counting((id) => failing && id === 'faceres');
    const networks = await openFaceNetworks(pool, testModelCache);
    await expect(networks.embedding()).rejects.toThrow('no faceres');
    failing = false;
    await networks.embedding();
    expect(open()).toBe(5);
    await networks.close();
    expect(open()).toBe(0);

    failing = true;
    const others = await openFaceNetworks(pool, testModelCache);
    const late = others.embedding();
    await others.close();
    await expect(late).rejects.toThrow('no faceres');
    expect(open()).toBe(0);
    await pool.close();
  });
});

describe('an expression in numbers', () => {
  test('does not see the head move, and sees the mouth open', () => {
    const head = toHead(face.pose, face.points);
    const larger = Float64Array.from(head, (value) => value * 1.4);
    const open = head.slice();
    open[3 * 14 + 1]! += 1;
    const neutral = expressionSignature(head);
    const again = expressionSignature(larger);
    expect(again.mouthOpening).toBeCloseTo(neutral.mouthOpening, 12);
    expect(again.browHeights[0]).toBeCloseTo(neutral.browHeights[0], 12);
    expect(again.eyeOpenings[1]).toBeCloseTo(neutral.eyeOpenings[1], 12);
    expect(expressionSignature(open).mouthOpening - neutral.mouthOpening).toBeGreaterThan(0.06);
  });
});

describe('a crop', () => {
  // Two ramps: red grows to the right by 1, green downwards by 2.
  const ramp: Picture = { width: 100, height: 80, data: new Uint8Array(100 * 80 * 3) };
  for (let y = 0; y < 80; y += 1) for (let x = 0; x < 100; x += 1) ramp.data.set([x, 2 * y, 0], (y * 100 + x) * 3);
  const at = (crop: Float32Array, side: number, x: number, y: number): number[] =>
    [...crop.subarray((y * side + x) * 3, (y * side + x) * 3 + 2)].map((value) => Math.round(value * 2550) / 10);

  test('samples between pixels, turned and mirrored', () => {
    const upright = { x: 50, y: 40, size: 8, angle: 0 };
    expect(at(cutCrop(ramp, upright, 8), 8, 0, 0)).toEqual([46.5, 73]);
    expect(at(cutCrop(ramp, upright, 8, true), 8, 0, 0)).toEqual([53.5, 73]);
    // Turned a quarter clockwise, its own x axis points down.
    expect(at(cutCrop(ramp, { ...upright, angle: Math.PI / 2 }, 8), 8, 7, 4)).toEqual([49.5, 87]);
  });

  test('averages where it shrinks, and repeats the edge outside', () => {
    expect(at(cutCrop(ramp, { x: 50, y: 40, size: 32, angle: 0 }, 8), 8, 4, 4)).toEqual([52, 84]);
    expect(at(cutCrop(ramp, { x: 50, y: 40, size: 72, angle: 0 }, 8), 8, 4, 4)[0]).toBeCloseTo(54.5, 0);
    expect(at(cutCrop(ramp, { x: 0, y: 0, size: 16, angle: 0 }, 8), 8, 0, 0)).toEqual([0, 0]);
  });
});

const photograph = sharedMedia('portraits/astronaut.png');

test.skipIf(photograph === undefined)(
  'the irises of a photograph lie on the pupils (portraits/astronaut.png)',
  async () => {
    const { photo } = await loadPhoto(photograph!, { longestSide: 4096 });
    const [found] = await findFaces(photo, bench.networks);
    for (const { iris, irisRadius } of found!.eyes) {
      const light = (x: number, y: number): number =>
        photo.data[(Math.round(y) * photo.width + Math.round(x)) * 3 + 1]!;
      // Dark all over but for the catch-light, which may lie on its very middle.
      const [x, y] = iris;
      const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => light(x + dx, y + dy))).sort((a, b) => a - b);
      expect(around[4]).toBeLessThan(90);
      expect(irisRadius).toBeGreaterThan(2.5);
      expect(irisRadius).toBeLessThan(5);
    }
  },
);
