/**
 * Quality of frames between: every second frame of a clip is taken out and rebuilt, and what comes out is compared with
 * what was there. Ours against ffmpeg's minterpolate at its best settings, a plain blend, and the reference RIFE program
 * (its weights, CPU mode; where it cannot be had, the same network run by us, and the result says so).
 *
 * Run alone: `npx tsx test/bench/interpolation.ts [triplets] [skip]` (12 triplets a clip from the start when left out).
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';

import type { Frame } from '../../src/engine/frame.ts';
import type { SessionPool } from '../../src/engine/model/session.ts';
import { createSessionPool } from '../../src/engine/model/session-pool.ts';
import { rational } from '../../src/engine/rational.ts';
import { createInterpolator } from '../../src/engine/restore/between/interpolator.ts';
import { markShots } from '../../src/engine/restore/cleaning/scene-cuts.ts';
import { installForTest } from '../models.ts';
import { fetchNcnnProgram, rifeFolder, runNcnn } from '../ncnn-program.ts';
import { loadRawClips, type RawClip } from './rebuilt-clips.ts';
import { benchTable, type BenchResult, type BenchRow, writeBenchResult } from './report.ts';
import { psnr, ssim } from './similarity.ts';

const methods = ['ours', 'rife', 'minterpolate', 'blend'] as const;
type Method = (typeof methods)[number];

interface Score {
  readonly psnr: number;
  readonly ssim: number;
}

interface ClipScore {
  readonly clip: string;
  readonly shows?: RawClip['shows'];
  readonly triplets: number;
  readonly scores: Readonly<Record<Method, Score>>;
  /** PSNR of every rebuilt frame. */
  readonly each: Readonly<Record<Method, readonly number[]>>;
}

const bestMinterpolate = 'minterpolate=fps=2:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1';
/** minterpolate does not give the last frames back. */
const minterpolateTail = 2;
const defaultTriplets = 12;
/** In dB: less is a tie, as where ours is the blend but for a few pixels. */
const tie = 0.01;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function asFrame({ width, height }: RawClip, data: Uint8Array, index: number): Frame {
  return { format: 'rgb24', data, width, height, time: rational(index) };
}

/** Frames 1, 3, 5, … from frames 0, 2, 4, …, as one method makes them. */
type Rebuild = (clip: RawClip, kept: readonly Uint8Array[]) => Promise<Uint8Array[]>;

const blend: Rebuild = (_, kept) =>
  Promise.resolve(kept.slice(1).map((after, index) => after.map((level, at) => (level + kept[index]![at]! + 1) >> 1)));

const minterpolate: Rebuild = ({ width, height }, kept) => {
  const { status, stdout, stderr } = spawnSync(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '1', '-i', '-'],
      ...['-vf', `${bestMinterpolate},format=rgb24`, '-f', 'rawvideo', '-'],
    ],
    { input: Buffer.concat(kept), maxBuffer: 2 ** 31 - 1 },
  );
  if (status !== 0) throw new Error(`ffmpeg ended with ${status ?? 'a signal'}: ${stderr.toString()}`);
  const bytes = width * height * 3;
  const between = Math.floor((stdout.length / bytes - 1) / 2);
  return Promise.resolve(
    Array.from({ length: between }, (_, index) => stdout.subarray((2 * index + 1) * bytes, (2 * index + 2) * bytes)),
  );
};

function ours(pool: SessionPool, network: string): Rebuild {
  return async (clip, kept) => {
    async function* frames() {
      for (const [index, data] of kept.entries()) yield await Promise.resolve(asFrame(clip, data, index));
    }
    const { width, height } = clip;
    const interpolator = await createInterpolator(pool, network, { width, height });
    const made: Uint8Array[] = [];
    let before: Frame | undefined;
    for await (const frame of markShots(frames(), { signal: new AbortController().signal })) {
      if (before !== undefined) {
        // As the timeline does: the last frame of a shot is held until the cut.
        const cut = frame.startsShot === true;
        const data = cut
          ? before.data
          : await interpolator.render(before, frame, await interpolator.motion(before, frame, 0.5));
        made.push(data);
      }
      before = frame;
    }
    await interpolator.close();
    return made;
  };
}

function referenceProgram(folder: string, program: string, model: string): Rebuild {
  return async ({ width, height }, kept) => {
    const paths = kept.map((_, index) => join(folder, `kept-${index}.png`));
    // In CPU mode the program spoils pictures whose width is no multiple of 32; it gets and gives the padded picture.
    const missing = (side: number): number => (32 - (side % 32)) % 32;
    const border = { right: missing(width), bottom: missing(height), extendWith: 'copy' } as const;
    for (const [index, data] of kept.entries()) {
      await sharp(data, { raw: { width, height, channels: 3 } })
        .extend(border)
        .png({ compressionLevel: 1 })
        .toFile(paths[index]!);
    }
    const made: Uint8Array[] = [];
    const output = join(folder, 'made.png');
    for (let index = 1; index < kept.length; index += 1) {
      runNcnn(program, ['-0', paths[index - 1]!, '-1', paths[index]!, '-o', output, '-m', model]);
      made.push(await sharp(output).removeAlpha().extract({ left: 0, top: 0, width, height }).raw().toBuffer());
    }
    return made;
  };
}

/** The network's own output, as the program computes it (equal at 92 dB), for machines that cannot run the program. */
function sameNetwork(pool: SessionPool, network: string): Rebuild {
  return async ({ width, height }, kept) => {
    const session = await pool.open({ id: 'rife-v4.6', model: network });
    const [wide, high] = [Math.ceil(width / 32) * 32, Math.ceil(height / 32) * 32];
    const planes = (data: Uint8Array) => {
      const values = new Float32Array(3 * wide * high);
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          for (let c = 0; c < 3; c += 1) values[(c * high + y) * wide + x] = data[(y * width + x) * 3 + c]! / 255;
        }
      }
      return { type: 'float32', dims: [1, 3, high, wide], data: values } as const;
    };
    const middle = new Float32Array(wide * high).fill(0.5);
    const made: Uint8Array[] = [];
    for (let index = 1; index < kept.length; index += 1) {
      const feeds = {
        in0: planes(kept[index - 1]!),
        in1: planes(kept[index]!),
        in2: { type: 'float32', dims: [1, 1, high, wide], data: middle },
      } as const;
      const { out0 } = await session.run(feeds, { outputs: ['out0'] });
      const picture = new Uint8Array(width * height * 3);
      for (let at = 0; at < picture.length; at += 1) {
        const [pixel, c] = [Math.floor(at / 3), at % 3];
        const place = (c * high + Math.floor(pixel / width)) * wide + (pixel % width);
        picture[at] = Math.max(0, Math.min(255, Math.round(out0!.data[place]! * 255)));
      }
      made.push(picture);
    }
    await session.close();
    return made;
  };
}

async function scoreClip(clip: RawClip, triplets: number, rebuild: Record<Method, Rebuild>): Promise<ClipScore> {
  const kept = clip.frames.filter((_, index) => index % 2 === 0);
  const truth = clip.frames.filter((_, index) => index % 2 === 1);
  const count = Math.min(triplets, kept.length - 1 - minterpolateTail);
  const scores = {} as Record<Method, Score>;
  const each = {} as Record<Method, number[]>;
  for (const method of methods) {
    const input = method === 'minterpolate' ? kept : kept.slice(0, count + 1);
    const made = (await rebuild[method](clip, input)).slice(0, count);
    if (made.length < count) throw new Error(`${method} made ${made.length} of ${count} frames of ${clip.name}`);
    each[method] = made.map((picture, index) => psnr(picture, truth[index]!));
    const alike = made.map((picture, index) => ssim(picture, truth[index]!, clip.width));
    scores[method] = { psnr: mean(each[method]), ssim: mean(alike) };
  }
  return { clip: clip.name, ...(clip.shows ? { shows: clip.shows } : {}), triplets: count, scores, each };
}

/** A row for the worst of several clips: by how much ours is above `rival`, in dB. */
function worstRow(what: string, clips: readonly ClipScore[], rival: (clip: ClipScore) => number): BenchRow {
  const margins = clips.map((clip) => ({ clip: clip.clip, above: clip.scores.ours.psnr - rival(clip) }));
  const worst = margins.reduce((least, one) => (one.above < least.above ? one : least));
  const sign = worst.above >= 0 ? '+' : '';
  return {
    what,
    measured: `${sign}${worst.above.toFixed(2)} dB (${worst.clip})`,
    reach: 'not below',
    ok: worst.above >= -tie,
  };
}

/** Scores as a Markdown table: PSNR in dB / SSIM. */
export function scoreTable(clips: readonly ClipScore[]): string {
  const cell = ({ psnr: db, ssim: alike }: Score): string => `${db.toFixed(2)} / ${alike.toFixed(4)}`;
  return [
    `| clip | ${methods.join(' | ')} |`,
    `|---|${methods.map(() => '---').join('|')}|`,
    ...clips.map(({ clip, scores }) => `| ${clip} | ${methods.map((method) => cell(scores[method])).join(' | ')} |`),
  ].join('\n');
}

/** Rebuilds `triplets` frames of each clip, from frame `skip` of the media clips on. */
export async function benchInterpolation(triplets = defaultTriplets, skip = 0): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  const pool = createSessionPool();
  try {
    const network = (await installForTest('rife-v4.6')).network!;
    const program = await fetchNcnnProgram(folder).catch(() => undefined);
    const works =
      program !== undefined && spawnSync(program, ['-h'], { encoding: 'utf8' }).stderr.includes('rife-ncnn-vulkan');
    const rife = works ? referenceProgram(folder, program, await rifeFolder(folder)) : sameNetwork(pool, network);
    const rebuild = { ours: ours(pool, network), rife, minterpolate, blend };
    const { clips, missing } = loadRawClips(2 * (triplets + minterpolateTail) + 1, skip);
    const scored: ClipScore[] = [];
    for (const clip of clips) scored.push(await scoreClip(clip, triplets, rebuild));

    const ordinary = scored.filter(({ shows }) => shows === undefined);
    const against = mean(ordinary.map(({ scores }) => scores.ours.psnr - scores.rife.psnr));
    const rows: BenchRow[] = [
      worstRow('frames between, worst clip against the better of minterpolate and blend', scored, ({ scores }) =>
        Math.max(scores.minterpolate.psnr, scores.blend.psnr),
      ),
      {
        what: `frames between, against the reference RIFE ${works ? 'program' : 'network'} on average`,
        measured: `${against >= 0 ? '+' : ''}${against.toFixed(2)} dB`,
        reach: 'within 0.2 dB',
        ok: against >= -0.2,
      },
      ...(['cuts', 'still'] as const).map((shows) =>
        worstRow(
          shows === 'cuts' ? 'the same at cuts' : 'the same in still scenes',
          scored.filter((clip) => clip.shows === shows),
          ({ scores }) => scores.rife.psnr,
        ),
      ),
    ];
    return {
      name: 'interpolation',
      rows,
      details: { triplets, skip, reference: works ? 'program' : 'network', missing, scored },
    };
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [triplets, skip] = process.argv.slice(2).map(Number);
  const result = await benchInterpolation(triplets, skip);
  const { scored, missing } = result.details as { scored: ClipScore[]; missing: string[] };
  console.log(`${scoreTable(scored)}\n\n${benchTable(result.rows)}`);
  if (missing.length > 0) console.log(`\nNot there: ${missing.join(', ')}`);
  console.log(await writeBenchResult(result));
}
