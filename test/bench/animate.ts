/**
 * `lumiere animate` over all portraits there are: every preset, the driving clips and a voice, each result with its measures;
 * a table of what was reached, every miss by name, and a contact sheet of each beside it. Then how fast it is. Where the
 * media folder is absent, a painting out of a package and the presets are what is left.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

import { measureNames, wanted, type MeasureName } from '../../src/engine/animate/measure/measures.ts';
import { presetNames } from '../../src/engine/animate/motion/preset-names.ts';
import type { AnimationReport } from '../../src/engine/animate/report.ts';
import { sharedMedia } from '../media.ts';
import { paintedPortrait } from '../photographs.ts';
import { runLumiere } from './command.ts';
import type { BenchResult, BenchRow } from './report.ts';

/** Motions by name, each with its words. */
type Motions = Readonly<Record<string, readonly string[]>>;

interface Job {
  readonly portrait: string;
  readonly motion: string;
  readonly framesPerSecond: number;
  readonly report: AnimationReport;
}

const sheets = fileURLToPath(new URL('../../bench-results/animate/', import.meta.url));

async function portraitsHere(): Promise<string[]> {
  const names = ['mona-lisa.jpg', 'pearl-earring.jpg', 'astronaut.png'];
  const shared = names.map((name) => sharedMedia(`portraits/${name}`)).filter((path) => path !== undefined);
  return shared.length > 0 ? shared : [await paintedPortrait()];
}

function motionsHere(): Motions {
  const moving = presetNames.filter((name) => name !== 'still');
  const presets = Object.fromEntries(moving.map((name) => [name, ['--motion', name]]));
  const others = [
    ['drive-talking', '--drive', sharedMedia('driving/talking.mp4')],
    ['drive-expressions', '--drive', sharedMedia('driving/expressions.mp4')],
    ['speech', '--speech', sharedMedia('speech/grid-bbaf2n.mpg')],
  ] as const;
  const found = others.flatMap(([name, option, path]) => (path === undefined ? [] : [[name, [option, path]] as const]));
  return { ...presets, ...Object.fromEntries(found) };
}

async function runJob(portrait: string, motion: string, words: readonly string[], folder: string): Promise<Job> {
  const name = `${parse(portrait).name}-${motion}`;
  const out = join(folder, `${name}.mp4`);
  const { stdout, seconds } = await runLumiere(['animate', portrait, out, ...words, '--contact-sheet', '--json']);
  const report = JSON.parse(stdout) as AnimationReport;
  if (report.output.contactSheet !== undefined)
    await sharp(report.output.contactSheet).toFile(join(sheets, `${name}.png`));
  return { portrait: basename(portrait), motion, framesPerSecond: report.output.frames / seconds, report };
}

/** One line for each result, so that a long run can be followed. */
function describeJob({ portrait, motion, framesPerSecond, report }: Job): string {
  const missed = report.measures.flatMap((row) =>
    'missing' in row || row.passed ? [] : [`${row.name} ${figure(row.value)}`],
  );
  const score = report.realism === undefined ? '' : `${report.realism.score} ${report.realism.band}`;
  const misses = missed.length === 0 ? 'nothing missed' : `missed: ${missed.join(', ')}`;
  return `${portrait} ${motion}: ${score}, ${framesPerSecond.toFixed(1)} frames/s, ${misses}`;
}

const figure = (value: number): string => String(Number(value.toFixed(3)));

function rowOf(name: MeasureName, jobs: readonly Job[]): BenchRow {
  const { atLeast, atMost } = wanted[name];
  const bounds = [
    ...(atLeast === undefined ? [] : [`>= ${atLeast}`]),
    ...(atMost === undefined ? [] : [`<= ${atMost}`]),
  ];
  const found = jobs.flatMap(({ portrait, motion, report }) => {
    const row = report.measures.find((measure) => measure.name === name);
    return row === undefined || 'missing' in row ? [] : [{ ...row, where: `${portrait} ${motion}` }];
  });
  const beyond = ({ value }: { value: number }): number =>
    Math.max(value - (atMost ?? Infinity), (atLeast ?? -Infinity) - value);
  const worst = found.toSorted((a, b) => beyond(b) - beyond(a))[0];
  const reached = found.filter(({ passed }) => passed).length;
  const measured =
    worst === undefined
      ? 'not measured'
      : `${reached} of ${found.length}, worst ${figure(worst.value)} (${worst.where})`;
  return { what: `animate: ${name}`, measured, reach: bounds.join(', '), ok: reached === found.length };
}

/** How fast a head of 512 x 512 pixels, the analysis and a large photograph are. */
async function speedRows(portrait: string, folder: string): Promise<BenchRow[]> {
  const head = join(folder, 'head.mp4');
  const small = await runLumiere(['animate', portrait, head, '--crop', 'head', '--size', '512', '--json']);
  const { output } = JSON.parse(small.stdout) as AnimationReport;
  const rate = output.frames / small.seconds;
  const looked = await runLumiere(['animate', portrait, '--dry-run']);
  const large = join(folder, 'large.jpg');
  await sharp(portrait).resize(3000, 4000, { fit: 'cover', position: 'top' }).jpeg({ quality: 92 }).toFile(large);
  const whole = await runLumiere(['animate', large, join(folder, 'large.mp4'), '--seconds', '5', '--json'], true);
  const megabytes = whole.peakBytes / 2 ** 20;
  return [
    {
      what: `animate: a head of ${output.width}x${output.height}, ${output.frames} frames, all included`,
      measured: `${rate.toFixed(1)} frames/s`,
      reach: 'at least 20',
      ok: rate >= 20,
    },
    {
      what: 'animate: looking at a photograph (`--dry-run`)',
      measured: `${looked.seconds.toFixed(2)} s`,
      reach: 'under 1.5 s',
      ok: looked.seconds < 1.5,
    },
    {
      what: 'animate: 5 s of a photograph of 12 megapixels',
      measured: `${whole.seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MiB`,
      reach: 'under 20 s, 1 GB',
      ok: whole.seconds < 20 && whole.peakBytes < 1e9,
    },
  ];
}

export async function benchAnimate(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  await mkdir(sheets, { recursive: true });
  try {
    const jobs: Job[] = [];
    const portraits = await portraitsHere();
    for (const portrait of portraits) {
      for (const [motion, words] of Object.entries(motionsHere())) {
        const job = await runJob(portrait, motion, words, folder);
        console.log(describeJob(job));
        jobs.push(job);
      }
    }
    const rows = measureNames.map((name) => rowOf(name, jobs));
    return { name: 'animate', rows: [...rows, ...(await speedRows(portraits[0]!, folder))], details: { sheets, jobs } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
