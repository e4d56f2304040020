/** Imported networks against the reference ncnn program's outputs (see `make-ncnn-goldens.ts` for how they were made). */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { runGraph, type Values } from '../engine/model/import/run-graph.ts';
import { installForTest } from '../models.ts';
import { drawPicture, type Picture } from './pictures.ts';

/** The programs round to 8 bits on both sides, so an exact network lands above 90 dB and one wrong weight far below 60. */
const required = 60;

function toPlanes({ width, height, data }: Picture): Values {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  data.forEach((value, index) => {
    planes[(index % 3) * area + Math.floor(index / 3)] = value / 255;
  });
  return { dims: [1, 3, height, width], data: planes };
}

async function psnrAgainst(golden: string, { dims, data }: Values): Promise<number> {
  const path = fileURLToPath(new URL(golden, import.meta.url));
  const reference = await sharp(path).removeAlpha().raw().toBuffer();
  const area = dims[2]! * dims[3]!;
  expect(reference.length).toBe(3 * area);
  let squares = 0;
  reference.forEach((value, index) => {
    const ours = data[(index % 3) * area + Math.floor(index / 3)]! * 255;
    squares += (Math.max(0, Math.min(255, Math.floor(ours + 0.5))) - value) ** 2;
  });
  return 10 * Math.log10(255 ** 2 / (squares / reference.length));
}

describe('imported ncnn networks equal the reference program', () => {
  test('RIFE v4.6, the middle of two frames', async () => {
    const { network } = await installForTest('rife-v4.6');
    const half = { dims: [1, 1, 128, 160], data: new Float32Array(128 * 160).fill(0.5) };
    const feeds = { in0: toPlanes(drawPicture(160, 128, 0)), in1: toPlanes(drawPicture(160, 128, 1)), in2: half };
    const { out0 } = await runGraph(network!, feeds, ['out0']);
    expect(await psnrAgainst('rife-v4.6.png', out0!)).toBeGreaterThan(required);
  });

  test('Real-ESRGAN general x4 v3', async () => {
    const { network } = await installForTest('general-x4v3');
    const { output } = await runGraph(network!, { data: toPlanes(drawPicture(64, 64, -5)) });
    expect(await psnrAgainst('general-x4v3.png', output!)).toBeGreaterThan(required);
  });
});
