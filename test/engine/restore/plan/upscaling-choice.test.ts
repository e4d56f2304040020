/** Which networks enlarge, as a pure choice; and that the denoising twin's weights really go into the network that runs. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodeModel, encodeModel } from '../../../../src/engine/model/import/onnx-codec.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import { findEnlargingNetwork } from '../../../../src/engine/restore/networks.ts';
import { createUpscaler } from '../../../../src/engine/restore/enlarge/upscaler.ts';
import { chooseUpscaling } from '../../../../src/engine/restore/plan/upscaling-choice.ts';
import { scratchFolder } from '../../../clips.ts';
import { installForTest, testModelCache } from '../../../models.ts';

const all = ['general-x4v3', 'general-x4v3-wdn', 'anime4k-l', 'x4plus', 'cunet-x2', 'upconv7-x2'];
const facts = { factor: 4, gpu: false, noise: 0, installed: all };

describe('chooseUpscaling', () => {
  it('tempers denoising by the noise that is there, once the twin is installed', () => {
    const denoising = (noise: number): number | undefined =>
      chooseUpscaling('film', 'balanced', { ...facts, noise }).twin?.denoising;
    expect(denoising(0)).toBe(0.25);
    expect(denoising(4)).toBeCloseTo(0.625, 6);
    expect(denoising(8)).toBe(1);
    expect(denoising(40)).toBe(1);
    const alone = all.filter((id) => id !== 'general-x4v3-wdn');
    expect(chooseUpscaling('film', 'balanced', { ...facts, installed: alone })).not.toHaveProperty('twin');
  });

  it('has no twin for a network that takes no noise out', () => {
    expect(chooseUpscaling('animation', 'balanced', facts)).toEqual({ network: 'anime4k-l', share: 1 });
  });

  it('says which network it could not have, and why', () => {
    expect(chooseUpscaling('film', 'best', facts).instead).toEqual({ network: 'x4plus', because: 'needs-gpu' });
    expect(chooseUpscaling('faithful', 'balanced', { ...facts, installed: ['anime4k-l'] }).instead).toEqual({
      network: 'upconv7-x2',
      because: 'not-installed',
    });
  });
});

describe('the denoising twin', () => {
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  beforeAll(async () => {
    scratch = await scratchFolder();
  });
  afterAll(() => scratch.remove());

  it('gives the mean of both networks, weighted', async () => {
    await installForTest('general-x4v3');
    const network = await findEnlargingNetwork('general-x4v3', testModelCache);
    // A stand-in of the same structure: the network's last bias raised, which brightens its picture by a known amount.
    const graph = decodeModel(await readFile(network.path), 'twin');
    const bias = graph.initializers.get(graph.nodes.findLast(({ op }) => op === 'Conv')!.inputs[2]!)!;
    const floats = new Float32Array(new Uint8Array(bias.data).buffer).map((value) => value + 0.2);
    graph.initializers.set(bias.name, { ...bias, data: new Uint8Array(floats.buffer) });
    const path = join(scratch.path, 'twin.onnx');
    await writeFile(path, encodeModel(graph));
    const twin = { ...network, id: 'twin', path };

    const pool = createSessionPool({ providers: ['cpu'], threads: 1 });
    const size = { width: 16, height: 16, outputWidth: 64, outputHeight: 64, network };
    const frame = {
      format: 'rgb24',
      data: new Uint8Array(16 * 16 * 3).fill(100),
      width: 16,
      height: 16,
      time: { num: 0, den: 1 },
    } as const;
    const brightness = async (denoising: number | undefined): Promise<number> => {
      const upscaler = await createUpscaler(pool, {
        ...size,
        ...(denoising !== undefined && { twin: { model: twin, denoising } }),
      });
      const { data } = await upscaler.upscale(frame);
      await upscaler.close();
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    };
    try {
      const plain = await brightness(undefined);
      expect(await brightness(1)).toBeCloseTo(plain, 3);
      expect((await brightness(0)) - plain).toBeCloseTo(0.2 * 255, 0);
      expect((await brightness(0.5)) - plain).toBeCloseTo(0.1 * 255, 0);
    } finally {
      await pool.close();
    }
  });
});
