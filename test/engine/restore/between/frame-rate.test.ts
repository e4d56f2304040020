import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/engine/frame.ts';
import type { SessionPool } from '../../../../src/engine/model/session.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import { compare, divide, rational, toNumber } from '../../../../src/engine/rational.ts';
import {
  changeFrameRate,
  type FrameCounts,
  type FrameRateOptions,
} from '../../../../src/engine/restore/between/frame-rate.ts';
import { createInterpolator, type Interpolator } from '../../../../src/engine/restore/between/interpolator.ts';
import { createUpscaler, type Upscaler } from '../../../../src/engine/restore/enlarge/upscaler.ts';
import { installForTest } from '../../../models.ts';
import { blobs, maxDifference, moved, paint, psnr, type Scene } from '../pictures.ts';

const [width, height] = [96, 64];
let pool: SessionPool;
let rife: string;
let interpolator: Interpolator;
/** Passes frames through: what is tested here is which frames are made of which. */
let asTheyAre: Upscaler;
let doubled: Upscaler;

beforeAll(async () => {
  pool = createSessionPool();
  rife = (await installForTest('rife-v4.6')).network!;
  const network = { id: 'anime4k-l', path: (await installForTest('anime4k-l')).network!, scale: 2, margin: 0 } as const;
  interpolator = await createInterpolator(pool, rife, { width, height });
  asTheyAre = await createUpscaler(pool, { width, height, outputWidth: width, outputHeight: height });
  const output = { outputWidth: 2 * width, outputHeight: 2 * height };
  doubled = await createUpscaler(pool, { width, height, ...output, network });
});

afterAll(async () => {
  await Promise.all([interpolator.close(), asTheyAre.close(), doubled.close()]);
  await pool.close();
});

async function* clip(count: number, rate: number, sceneAt: (number: number) => Scene, cuts: readonly number[] = []) {
  for (let number = 0; number < count; number += 1) {
    const frame = paint(sceneAt(number), width, height, divide(rational(number), rational(rate)));
    yield await Promise.resolve(cuts.includes(number) ? { ...frame, startsShot: true } : frame);
  }
}

type Change = Partial<FrameRateOptions>;

async function collect(frames: AsyncIterable<Frame>, options: Change): Promise<{ made: Frame[]; counts: FrameCounts }> {
  const made: Frame[] = [];
  const counts: FrameCounts = { real: 0, between: 0, held: 0, enlarged: 0 };
  const stage = changeFrameRate({
    ...{ rate: rational(60), upscaler: asTheyAre, interpolator },
    onCounts: (now) => Object.assign(counts, now),
    ...options,
  });
  for await (const frame of stage(frames, { signal: new AbortController().signal })) made.push(frame);
  return { made, counts };
}

const scene = blobs(width, height, 31);

describe('the frame rate stage', () => {
  it('keeps real frames as they are, at exact times, and moves what is between to its place', async () => {
    const { made, counts } = await collect(
      clip(4, 20, (number) => moved(scene, 6 * number, 0)),
      {},
    );
    expect(made).toHaveLength(12);
    expect(counts).toEqual({ real: 4, between: 6, held: 2, enlarged: 4 });
    made.forEach((frame, index) => {
      expect(compare(frame.time, rational(index, 60))).toBe(0);
      const truth = paint(moved(scene, Math.min(18, 2 * index), 0), width, height);
      if (index % 3 === 0) expect(maxDifference(frame.data, truth.data)).toBe(0);
      else if (index < 9) expect(psnr(frame, truth, 10)).toBeGreaterThan(34);
    });
  });

  it('shows nothing across a cut but pixels of one side or the other', async () => {
    const red: Scene = (x, y) => [200 + 20 * Math.sin(x / 5), 0, 20 * Math.sin(y / 7)];
    const blue: Scene = (x, y) => [0, 20 * Math.sin(x / 9), 200 + 20 * Math.cos(y / 5)];
    const frames = () => clip(4, 15, (number) => moved(number < 2 ? red : blue, number, 0), [0, 2]);
    const { made } = await collect(frames(), {});
    const isPure = ({ data }: Frame): boolean => {
      const sides = new Set<string>();
      for (let at = 0; at < data.length; at += 3)
        sides.add(data[at]! > 100 ? 'red' : data[at + 2]! > 100 ? 'blue' : '?');
      return sides.size === 1 && !sides.has('?');
    };
    expect(made.every(isPure)).toBe(true);
    // The cut is where it was, and marked there and at the beginning alone.
    expect(
      made.map(({ startsShot }, index) => (startsShot === true ? index : -1)).filter((index) => index >= 0),
    ).toEqual([0, 8]);
    expect(made[7]!.data[0]).toBeGreaterThan(100);
    expect(made[8]!.data[2]).toBeGreaterThan(100);
    // Without the mark the two would be mixed: the test can fail.
    const unmarked = clip(4, 15, (number) => moved(number < 2 ? red : blue, number, 0));
    expect((await collect(unmarked, {})).made.every(isPure)).toBe(false);
  });

  it('leaves a still scene exactly as it is, enlarges it once and makes nothing between', async () => {
    const { made, counts } = await collect(
      clip(4, 20, () => scene),
      {},
    );
    expect(counts).toEqual({ real: 4, between: 0, held: 8, enlarged: 1 });
    const truth = paint(scene, width, height);
    for (const frame of made) expect(maxDifference(frame.data, truth.data)).toBe(0);
  });

  it('enlarges each real frame once and warps the enlarged ones', async () => {
    const before = doubled.modelPixels;
    const { made, counts } = await collect(
      clip(3, 15, (number) => moved(scene, 8 * number, 0)),
      { upscaler: doubled },
    );
    expect(doubled.modelPixels - before).toBe(3 * width * height);
    expect(counts).toMatchObject({ between: 6, enlarged: 3 });
    const truth = paint((x, y) => scene((x + 0.5) / 2 - 0.5 - 4, (y + 0.5) / 2 - 0.5), 2 * width, 2 * height);
    expect(psnr(made[2]!, truth, 24)).toBeGreaterThan(33);
  });

  it('estimates motion on the enlarged frames when asked to', async () => {
    const large = await createInterpolator(pool, rife, { width: 2 * width, height: 2 * height });
    const { made } = await collect(
      clip(2, 30, (number) => moved(scene, 8 * number, 0)),
      { upscaler: doubled, interpolator: large, motionFrom: 'enlarged' },
    );
    await large.close();
    const truth = paint((x, y) => scene((x + 0.5) / 2 - 0.5 - 4, (y + 0.5) / 2 - 0.5), 2 * width, 2 * height);
    expect(psnr(made[1]!, truth, 24)).toBeGreaterThan(33);
  });

  it('shows the nearer frame where no frames are to be made', async () => {
    const stage = changeFrameRate({ rate: rational(60), upscaler: asTheyAre });
    const made: Frame[] = [];
    const frames = clip(3, 20, (number) => moved(scene, 6 * number, 0));
    for await (const frame of stage(frames, { signal: new AbortController().signal })) made.push(frame);
    const shown = made.map((frame) =>
      [0, 1, 2].find(
        (number) => maxDifference(frame.data, paint(moved(scene, 6 * number, 0), width, height).data) === 0,
      ),
    );
    expect(shown).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('keeps the duration and ends on the last frame', async () => {
    const frames = clip(5, 24, (number) => moved(scene, number, 0));
    const { made } = await collect(frames, { rate: rational(60000, 1001), duration: rational(5, 24) });
    expect(made).toHaveLength(Math.round(((5 / 24) * 60000) / 1001));
    expect(toNumber(made.at(-1)!.time)).toBeLessThan(5 / 24);
    expect(maxDifference(made.at(-1)!.data, paint(moved(scene, 4, 0), width, height).data)).toBe(0);
  });

  it('asks for source frames only as fast as its own are taken', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Frame> {
      for (;;) {
        const time = rational(asked, 30);
        asked += 1;
        yield await Promise.resolve(paint(moved(scene, asked % 5, 0), width, height, time));
      }
    }
    const stage = changeFrameRate({ rate: rational(60), upscaler: asTheyAre, interpolator });
    const output = stage(endless(), { signal: new AbortController().signal })[Symbol.asyncIterator]();
    for (let taken = 0; taken < 10; taken += 1) await output.next();
    expect(asked).toBeLessThanOrEqual(10 / 2 + 5);
    await output.return?.(undefined);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const stage = changeFrameRate({ rate: rational(60), upscaler: doubled, interpolator });
    const output = stage(
      clip(50, 15, (number) => moved(scene, number, 0)),
      { signal: controller.signal },
    );
    const run = async (): Promise<void> => {
      for await (const frame of output) if (toNumber(frame.time) > 0.1) controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});
