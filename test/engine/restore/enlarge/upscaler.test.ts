import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/engine/frame.ts';
import { encodeModel } from '../../../../src/engine/model/import/onnx-codec.ts';
import {
  addFloats,
  addInput,
  addNode,
  addOutput,
  createGraph,
  type OnnxGraph,
} from '../../../../src/engine/model/import/onnx-graph.ts';
import type { SessionPool } from '../../../../src/engine/model/session.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import type { EnlargingModel } from '../../../../src/engine/restore/enlarge/enlarge-recipe.ts';
import { createUpscaler, tilePixels, type UpscalerOptions } from '../../../../src/engine/restore/enlarge/upscaler.ts';
import { scratchFolder } from '../../../clips.ts';
import { installForTest } from '../../../models.ts';
import { blobs, maxDifference, paint, psnr, type Scene } from '../pictures.ts';

let pool: SessionPool;
let general: EnlargingModel;
let faithful: EnlargingModel;
let scratch: Awaited<ReturnType<typeof scratchFolder>>;

beforeAll(async () => {
  pool = createSessionPool();
  scratch = await scratchFolder();
  const [perceptual, close] = await Promise.all([installForTest('general-x4v3'), installForTest('anime4k-l')]);
  general = { id: 'general-x4v3', path: perceptual.network!, scale: 4, margin: 0 };
  faithful = { id: 'anime4k-l', path: close.network!, scale: 2, margin: 0 };
});

afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

type Change = Partial<UpscalerOptions>;

async function enlarge(frame: Frame, width: number, height: number, options: Change): Promise<Frame> {
  const sizes = { width: frame.width, height: frame.height, outputWidth: width, outputHeight: height };
  const upscaler = await createUpscaler(pool, { ...sizes, ...options });
  try {
    return await upscaler.upscale(frame);
  } finally {
    await upscaler.close();
  }
}

/** The scene as it is at `scale` times the size. */
function larger(scene: Scene, scale: number): Scene {
  return (x, y) => scene((x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5);
}

/** A network that doubles by repeating pixels, using up `margin` on every side and refusing odd sides. */
async function planted(margin: number, change: (graph: OnnxGraph, picture: string) => string): Promise<EnlargingModel> {
  const graph = createGraph('planted');
  const picture = change(graph, addInput(graph, 'in', 'float32', [1, 3, 'h', 'w']));
  const scales = addFloats(graph, 'scales', [1, 1, 2, 2]);
  const mode = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  addNode(graph, 'Resize', [picture, '', scales], mode, 'out');
  addOutput(graph, 'out', 'float32', [1, 3, 'oh', 'ow']);
  const path = join(scratch.path, `planted-${margin}.onnx`);
  await writeFile(path, encodeModel(graph));
  return { id: 'planted', path, scale: 2, margin, multipleOf: 2 };
}

describe('the upscaler', () => {
  const scene = blobs(96, 72, 21, 2);
  const frame = paint(scene, 96, 72);

  it.each([
    ['x2', 192, 144],
    ['x4', 384, 288],
    ['a height of 200', 266, 200],
    ['x6', 576, 432],
  ])('enlarges to %s, close to the scene itself', async (_name, width, height) => {
    const made = await enlarge(frame, width, height, { network: general, faithful });
    expect([made.width, made.height]).toEqual([width, height]);
    const truth = paint(
      (x, y) => scene(((x + 0.5) * 96) / width - 0.5, ((y + 0.5) * 72) / height - 0.5),
      width,
      height,
    );
    expect(psnr(made, truth, 8)).toBeGreaterThan(33);
  });

  it.each([
    [33, 21],
    [7, 5],
    [1, 1],
  ])('enlarges a picture of %ix%i', async (width, height) => {
    const made = await enlarge(
      paint(() => [90, 120, 30], width, height),
      width * 4,
      height * 4,
      {
        network: general,
        faithful,
      },
    );
    expect(made.data).toHaveLength(width * height * 48);
    const middle = (height * 2 * width * 4 + width * 2) * 3;
    expect(Math.abs(made.data[middle + 1]! - 120)).toBeLessThanOrEqual(4);
  });

  it('is the same in tiles as at once, to one level', async () => {
    const detailed = paint(blobs(150, 110, 22, 1), 150, 110);
    const whole = await enlarge(detailed, 600, 440, { network: general, faithful });
    const tiled = await enlarge(detailed, 600, 440, { network: general, faithful, tilePixels: 6000 });
    expect(maxDifference(tiled.data, whole.data)).toBeLessThanOrEqual(1);
  });

  it('keeps tiles within the memory they were planned for', async () => {
    const upscaler = await createUpscaler(pool, {
      ...{ width: 640, height: 480, outputWidth: 1280, outputHeight: 960 },
      network: faithful,
    });
    await upscaler.upscale(paint(() => [1, 2, 3], 640, 480));
    // 3 tiles of at most 128,000 pixels, overlapping by 48 rows.
    expect(upscaler.modelPixels).toBeLessThanOrEqual(3 * tilePixels('cpu'));
    expect(upscaler.modelPixels).toBeGreaterThan(640 * 480);
    await upscaler.close();
  });

  it('does not mangle fine text: closer to the truth than the network alone', async () => {
    const strokes: Scene = (x, y) => {
      const stroke = Math.sin(x * 1.9 + 3 * Math.floor(y / 9)) > 0.5 && y % 9 < 6;
      return stroke ? [235, 235, 235] : [40, 40, 40];
    };
    const truth = paint(strokes, 320, 240);
    const { data } = await sharp(truth.data, { raw: { width: 320, height: 240, channels: 3 } })
      .resize(80, 60, { kernel: 'lanczos3', fit: 'fill' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const small: Frame = { ...truth, width: 80, height: 60, data };
    const alone = await enlarge(small, 320, 240, { network: general });
    const held = await enlarge(small, 320, 240, { network: general, faithful });
    expect(psnr(held, truth)).toBeGreaterThan(psnr(alone, truth) + 0.5);
  });

  it('keeps the tone of the source where the network changes it', async () => {
    const soft = paint(blobs(64, 48, 23, 6), 64, 48);
    const mean = ({ data }: Frame): number => data.reduce((sum, level) => sum + level, 0) / data.length;
    const made = await enlarge(soft, 256, 192, { network: general, faithful });
    expect(Math.abs(mean(made) - mean(soft))).toBeLessThan(0.3);
  });

  it('shows less of the network where a smaller share is asked for', async () => {
    const detailed = paint(blobs(64, 48, 24, 1), 64, 48);
    const shown = async (share: number) => enlarge(detailed, 256, 192, { network: general, faithful, share });
    const [none, half, all] = [await shown(0), await shown(0.5), await shown(1)];
    expect(psnr(half, none)).toBeGreaterThan(psnr(all, none) + 3);
  });

  it('resamples without a network, and passes equal sizes through untouched', async () => {
    const made = await enlarge(frame, 192, 144, {});
    expect(psnr(made, paint(larger(scene, 2), 192, 144), 4)).toBeGreaterThan(38);
    expect(await enlarge(frame, 96, 72, { network: general })).toBe(frame);
    const smaller = await enlarge(frame, 48, 36, { network: general });
    expect([smaller.width, smaller.height]).toEqual([48, 36]);
  });

  it('gives networks the border and the even sides they need', async () => {
    const crop = await planted(7, (graph, picture) => {
      const pool = addNode(graph, 'AveragePool', [picture], { kernel_shape: [15, 15] });
      // Fails on odd sides: pairs of rows and columns are folded into channels and back.
      const folded = addNode(graph, 'SpaceToDepth', [pool], { blocksize: 2 });
      return addNode(graph, 'DepthToSpace', [folded], { blocksize: 2, mode: 'DCR' });
    });
    const grey = paint(() => [100, 150, 200], 33, 21);
    const made = await enlarge(grey, 66, 42, { network: crop });
    expect(maxDifference(made.data, paint(() => [100, 150, 200], 66, 42).data)).toBe(0);
  });

  it('keeps the time and the cut mark, refuses other sizes, stops when cancelled', async () => {
    const sizes = { width: 8, height: 8, outputWidth: 16, outputHeight: 16 };
    const upscaler = await createUpscaler(pool, { ...sizes, network: faithful });
    const marked: Frame = { ...paint(() => [9, 9, 9], 8, 8, { num: 3, den: 7 }), startsShot: true };
    expect(await upscaler.upscale(marked)).toMatchObject({ time: { num: 3, den: 7 }, startsShot: true, width: 16 });
    await expect(upscaler.upscale(frame)).rejects.toThrow('expected 8x8');
    await expect(upscaler.upscale(marked, AbortSignal.abort())).rejects.toMatchObject({ code: 'job.cancelled' });
    await upscaler.close();
  });
});
