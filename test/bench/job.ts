/**
 * The whole job, 320x240 at 16 frames a second to 1280x960 at 60: ours against a chain of the reference ncnn program in
 * CPU mode with the same weights, one after the other in turn on one machine. The chain interpolates and then enlarges
 * every frame, as such chains do. Also our overhead over the time inside the networks.
 *
 * The chain is timed with the reference program keeping one window of each enlarged frame (the network is computed whole)
 * and its encoder fed an enlargement of that window; three frames are computed window by window to compare quality.
 */
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

import { fetchNcnnProgram, rifeFolder, runNcnn, x4v3Folder } from '../ncnn-program.ts';
import { runCommand, runLumiere } from './command.ts';
import { frameAt, sourceRate, sourceSize, truthRate, truthSize, writePanningClip } from './panning-clip.ts';
import type { BenchResult } from './report.ts';
import { psnr } from './similarity.ts';

/** Two seconds: the start of either side weighs little, as it does for a clip that somebody sends. */
const sourceFrames = 32;
const rounds = 2;
/** Output frames that are compared with the truth: a real one would prove nothing about the frames between. */
const compared = [14, 26, 41] as const;
const scale = truthSize.width / sourceSize.width;

const words = ['--scale', '4', '--fps', '60', '--working-size', 'full', '--held-frames', 'keep'];
const untouched = ['--denoise', 'off', '--deflicker', 'off', '--deinterlace', 'off'];

interface Ours {
  readonly seconds: number;
  readonly overhead: number;
}

async function runOurs(clip: string, out: string): Promise<Ours> {
  const { stdout, seconds } = await runLumiere(['restore', clip, out, ...words, ...untouched, '--json']);
  const report = JSON.parse(stdout) as { seconds: number; modelSeconds: number };
  return { seconds, overhead: report.seconds / report.modelSeconds };
}

async function runChain(folder: string, program: string, rife: string, x4v3: string): Promise<number> {
  const started = performance.now();
  const outputs = String((sourceFrames * truthRate) / sourceRate);
  const [between, windows] = [join(folder, 'between'), join(folder, 'windows')];
  await mkdir(between, { recursive: true });
  await mkdir(windows, { recursive: true });
  await runCommand('ffmpeg', ['-v', 'error', '-y', '-i', join(folder, 'clip.mp4'), join(folder, 'in', '%08d.png')]);
  runNcnn(program, ['-i', join(folder, 'in'), '-o', between, '-m', rife, '-n', outputs]);
  // The program copies a picture where it has nothing to interpolate: every other output is such a copy, the rest are computed.
  runNcnn(program, ['-i', between, '-o', windows, '-m', x4v3, '-n', String(2 * Number(outputs))]);
  await runCommand('ffmpeg', [
    ...['-v', 'error', '-y', '-framerate', String(truthRate), '-i', join(windows, '%08d.png')],
    ...['-vf', `select=mod(n\\,2),scale=${truthSize.width}:${truthSize.height}:flags=neighbor`],
    ...['-c:v', 'libx264', '-preset', 'fast', '-crf', '18', '-pix_fmt', 'yuv420p', join(folder, 'chain.mp4')],
  ]);
  return (performance.now() - started) / 1000;
}

/** One output frame of the chain in full: the reference network's windows put together. */
async function chainFrame(folder: string, program: string, index: number): Promise<Uint8Array> {
  const input = join(folder, 'between', `${String(index + 1).padStart(8, '0')}.png`);
  const whole = new Uint8Array(truthSize.width * truthSize.height * 3);
  const { width, height } = sourceSize;
  for (let part = 0; part < scale * scale; part++) {
    const [row, column] = [height * Math.floor(part / scale), width * (part % scale)];
    const model = await x4v3Folder(join(folder, 'part'), { width, height, row, column });
    const output = join(folder, 'window.png');
    runNcnn(program, ['-0', input, '-1', input, '-o', output, '-m', model]);
    const data = await sharp(output).removeAlpha().raw().toBuffer();
    for (let y = 0; y < height; y++) {
      whole.set(data.subarray(3 * width * y, 3 * width * (y + 1)), 3 * (truthSize.width * (row + y) + column));
    }
  }
  return whole;
}

async function ourFrame(folder: string, clip: string, index: number): Promise<Uint8Array> {
  const picture = join(folder, `ours-${index}.png`);
  await runCommand('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-i',
    clip,
    '-vf',
    `select=eq(n\\,${index})`,
    '-frames:v',
    '1',
    picture,
  ]);
  return sharp(picture).removeAlpha().raw().toBuffer();
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export async function benchJob(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    await mkdir(join(folder, 'in'));
    const clip = join(folder, 'clip.mp4');
    await writePanningClip(sourceFrames, join(folder, 'in'), clip);
    const program = await fetchNcnnProgram(folder);
    const rife = await rifeFolder(folder);
    const x4v3 = await x4v3Folder(join(folder, 'timed'), { ...sourceSize, row: 0, column: 0 });
    const result = join(folder, 'ours.mp4');
    const ours: Ours[] = [];
    const chain: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await runOurs(clip, result));
      chain.push(await runChain(folder, program, rife, x4v3));
    }
    const quality = { ours: [] as number[], chain: [] as number[] };
    for (const index of compared) {
      const truth = await frameAt(index / truthRate, truthSize);
      quality.ours.push(psnr(await ourFrame(folder, result, index), truth));
      quality.chain.push(psnr(await chainFrame(folder, program, index), truth));
    }
    const [ourSeconds, chainSeconds] = [mean(ours.map(({ seconds }) => seconds)), mean(chain)];
    const faster = chainSeconds / ourSeconds;
    const difference = mean(quality.ours) - mean(quality.chain);
    const overhead = mean(ours.map((one) => one.overhead));
    return {
      name: 'job',
      rows: [
        {
          what: 'whole job, 320x240 at 16 fps to 1280x960 at 60, against the reference ncnn chain',
          measured: `${faster.toFixed(1)} times faster (${ourSeconds.toFixed(0)} s, ${chainSeconds.toFixed(0)} s)`,
          reach: 'at least 2.5 times',
          ok: faster >= 2.5,
        },
        {
          what: 'its quality against the chain, PSNR to the truth',
          measured: `${difference >= 0 ? '+' : ''}${difference.toFixed(2)} dB (${mean(quality.ours).toFixed(2)}, ${mean(quality.chain).toFixed(2)})`,
          reach: 'within 0.3 dB',
          ok: difference >= -0.3,
        },
        {
          what: 'wall time of the restoration over the time inside the networks',
          measured: overhead.toFixed(2),
          reach: 'at most 1.10',
          ok: overhead <= 1.1,
        },
      ],
      details: { sourceFrames, rounds, ours, chain, quality, compared },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
