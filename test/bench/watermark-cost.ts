/** What marking costs of an encoding, by the processor time of this process and of ffmpeg, with and without in turns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Frame } from '../../src/engine/frame.ts';
import { decodeFrames } from '../../src/engine/media/decode.ts';
import type { Preset } from '../../src/engine/media/encode-options.ts';
import { encodeTo } from '../../src/engine/media/encode.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { watermarkLayer } from '../../src/engine/provenance/watermark/mark-frames.ts';
import { multiply, rational } from '../../src/engine/rational.ts';

const rounds = 7;
const rate = rational(25);

/** Ticks of processor time of this process and of all children that ended, as Linux counts them. */
function processorTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
}

export interface MarkCost {
  readonly preset: Preset;
  /** Of the processor time without a mark: the median of the rounds' ratios less 1. */
  readonly share: number;
  readonly shares: readonly number[];
}

/** Encodes the clip's frames from memory at `preset` in turns, marked and not. Linux only. */
export async function markCost(path: string, preset: Preset, folder: string): Promise<MarkCost> {
  const clip = await probe(path);
  const { width, height } = clip.video;
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(clip)) {
    frames.push({ ...frame, time: multiply(rational(frames.length), rational(1, 25)) });
  }
  const given = async function* (): AsyncGenerator<Frame> {
    for (const frame of frames) yield await Promise.resolve(frame);
  };
  const ticks = async (marked: boolean): Promise<number> => {
    const out = join(folder, 'cost.mp4');
    const before = processorTicks();
    const watermark = { key: Buffer.alloc(32, 7), payload: '0123456789ab' };
    const luma = marked ? { luma: watermarkLayer(watermark, { width, height }, rate) } : {};
    await encodeTo(out, given(), { path: out, rate, width, height, preset, ...luma });
    return processorTicks() - before;
  };
  await ticks(true);
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = [await ticks(round % 2 === 0), await ticks(round % 2 !== 0)];
    shares.push(round % 2 === 0 ? first / second - 1 : second / first - 1);
  }
  return { preset, share: shares.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!, shares };
}
