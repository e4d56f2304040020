/** The camera in its threads: the same looks, in order, and a subject that parts from its background. */
import { afterEach, describe, expect, it } from 'vitest';

import { type Camera, type CameraOptions, openCamera } from '../../../../src/engine/animate/camera/camera.ts';
import { look, type View } from '../../../../src/engine/animate/camera/resample.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { drawn } from './made-pictures.ts';

const size = { width: 240, height: 160 };
const middle: View = { x: 120, y: 80, zoom: 1.2, roll: 0 };
/** A bright square before stripes. */
const isSubject = (x: number, y: number): boolean => x >= 90 && x < 150 && y >= 50 && y < 160;
const photo = drawn(size.width, size.height, (x, y) => (isSubject(x, y) ? 240 : 40 + 60 * (Math.floor(x / 10) % 2)));
const mask = Float32Array.from({ length: size.width * size.height }, (_, i) =>
  isSubject(i % size.width, Math.floor(i / size.width)) ? 1 : 0,
);

let camera: Camera | undefined;
const open = async (change: Partial<CameraOptions> = {}): Promise<Camera> =>
  (camera = await openCamera({ size, threads: 2, ...change }));
afterEach(async () => {
  await camera?.close();
});

/** From where to where the subject is seen in a row. */
function edges({ data, width }: Picture, row: number): [number, number] {
  const bright = Array.from({ length: width }, (_, x) => data[(row * width + x) * 3]! > 170);
  return [bright.indexOf(true), bright.lastIndexOf(true)];
}

describe('the camera', () => {
  it('sees in its threads what a look sees, each frame its own', async () => {
    const seeing = await open();
    const views = [0, 1, 2, 3, 4].map((step) => ({ ...middle, x: 118 + step }));
    const seen = await Promise.all(views.map((view) => seeing.shoot(photo, { view })));
    seen.forEach(({ data }, i) => {
      expect(Buffer.compare(data, look(photo, views[i]!, size))).toBe(0);
    });
  });

  it('with subject and background at one place shows the photograph', async () => {
    const seeing = await open({ subject: { photo, mask } });
    const { data } = await seeing.shoot(photo, { view: middle, background: middle });
    const plain = look(photo, middle, size);
    expect(Math.max(...data.map((value, i) => Math.abs(value - plain[i]!)))).toBeLessThanOrEqual(1);
  });

  it('parts them: the subject moves one way, the stripes the other, and no hole opens', async () => {
    const seeing = await open({ subject: { photo, mask } });
    const view = { ...middle, x: 124 };
    const seen = await seeing.shoot(photo, { view, background: { ...middle, x: 117 } });
    const still = await seeing.shoot(photo, { view: middle, background: middle });
    const [from, to] = edges(seen, 100);
    const [stillFrom, stillTo] = edges(still, 100);
    // Four pixels of the picture to the left, at a zoom of 1.2.
    expect(Math.abs(from - (stillFrom - 4.8))).toBeLessThanOrEqual(2);
    expect(Math.abs(to - (stillTo - 4.8))).toBeLessThanOrEqual(2);
    const stripes = look(photo, { ...middle, x: 117 }, size);
    const left = (100 * size.width + 20) * 3;
    expect(seen.data.subarray(left, left + 90)).toEqual(stripes.subarray(left, left + 90));
    // What the subject uncovered is background again, neither black nor a rest of the subject.
    for (let x = to + 6; x < stillTo + 8; x += 1) {
      expect(seen.data[(100 * size.width + x) * 3]).toBeGreaterThan(25);
      expect(seen.data[(100 * size.width + x) * 3]).toBeLessThan(150);
    }
  });

  it('a head that moved beyond its place stays with the subject', async () => {
    const seeing = await open({ subject: { photo, mask } });
    const moved = drawn(size.width, size.height, (x, y) =>
      isSubject(x, y) || isSubject(x + 14, y) ? 240 : 40 + 60 * (Math.floor(x / 10) % 2),
    );
    const shot = { view: { ...middle, x: 124 }, background: { ...middle, x: 117 } };
    const [wide] = edges(await seeing.shoot(moved, shot), 100);
    const [before] = edges(await seeing.shoot(photo, shot), 100);
    expect(before - wide).toBeGreaterThan(13);
  });

  it('leans in place of parting where there is no subject', async () => {
    const seeing = await open();
    const seen = await seeing.shoot(photo, { view: { ...middle, x: 124 }, background: { ...middle, x: 117 } });
    expect(seen.data).toEqual(look(photo, { ...middle, x: 120.5, lean: -7 }, size));
  });

  it('says that it was cancelled, and closing it rejects what is under way', async () => {
    const seeing = await open();
    await expect(seeing.shoot(photo, { view: middle }, AbortSignal.abort())).rejects.toMatchObject({
      code: 'job.cancelled',
    });
    const pending = seeing.shoot(photo, { view: middle });
    const settled = expect(pending).rejects.toMatchObject({ code: 'job.cancelled' });
    await seeing.close();
    await settled;
  });
});
