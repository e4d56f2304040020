/**
 * What marking costs of an encoding, by the processor time of this process and of ffmpeg: without a mark, with patterns that are
 * made and added but hold nothing (what the marking itself takes), and marked (an encoder works more on a picture that holds more).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Frame } from '../../src/engine/frame.ts';
import { decodeFrames } from '../../src/engine/media/decode.ts';
import { encodeTo } from '../../src/engine/media/encode.ts';
import type { LumaLayer } from '../../src/engine/media/luma-layer.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { watermarkLayer } from '../../src/engine/provenance/watermark/mark-frames.ts';
import { multiply, rational } from '../../src/engine/rational.ts';

const rounds = 5;
/** Seconds that are encoded; the clip's frames are given again and again. */
const seconds = 8;
const modes = ['none', 'empty', 'marked'] as const;
type Mode = (typeof modes)[number];
/** Frames a second that come with a preset: those of a restoration, those of an animation. */
const rates = { fast: 60, veryfast: 25 } as const;

/** Ticks of processor time of this process and of all children that ended, as Linux counts them. */
function processorTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
}

export interface MarkCost {
  readonly preset: keyof typeof rates;
  /** Frames a second. */
  readonly rate: number;
  /** Of the processor time without a mark: medians over the rounds. */
  readonly marking: number;
  readonly withEncoder: number;
  readonly ticks: readonly Readonly<Record<Mode, number>>[];
}

/** Encodes the clip's frames from memory at `preset` in turns, marked and not. Linux only. */
export async function markCost(path: string, preset: keyof typeof rates, folder: string): Promise<MarkCost> {
  const rate = rational(rates[preset]);
  const clip = await probe(path);
  const { width, height } = clip.video;
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(clip)) {
    frames.push(frame);
  }
  const given = async function* (): AsyncGenerator<Frame> {
    for (let index = 0; index < seconds * rates[preset]; index++) {
      const time = multiply(rational(index), rational(1, rates[preset]));
      yield await Promise.resolve({ ...frames[index % frames.length]!, time });
    }
  };
  const ticksOf = async (mode: Mode): Promise<number> => {
    const out = join(folder, 'cost.mp4');
    const before = processorTicks();
    const watermark = { key: Buffer.alloc(32, 7), payload: '0123456789ab' };
    const layer = watermarkLayer(watermark, { width, height }, rate);
    const nothing = new Uint8Array(layer.width * layer.height).fill(128);
    const empty: LumaLayer = { ...layer, next: (frame) => layer.next(frame).then((pattern) => pattern && nothing) };
    const luma = mode === 'none' ? {} : { luma: mode === 'empty' ? empty : layer };
    await encodeTo(out, given(), { path: out, rate, width, height, preset, ...luma });
    return processorTicks() - before;
  };
  await ticksOf('marked');
  const ticks: Record<Mode, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    const taken = { none: 0, empty: 0, marked: 0 };
    for (let turn = 0; turn < modes.length; turn++) {
      const mode = modes[(turn + round) % modes.length]!;
      taken[mode] = await ticksOf(mode);
    }
    ticks.push(taken);
  }
  const share = (mode: Mode): number => median(ticks.map((taken) => taken[mode] / taken.none)) - 1;
  return { preset, rate: rates[preset], marking: share('empty'), withEncoder: share('marked'), ticks };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
