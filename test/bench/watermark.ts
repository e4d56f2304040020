/**
 * `npm run bench watermark`: whether the invisible mark is read after what happens to clips that are passed on, with keys and
 * clips that it was not tuned on; what unmarked clips read like; what marking costs. The table stands in docs/watermark.md.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { animatePhoto } from '../../src/engine/animate/animate.ts';
import { faceModels } from '../../src/engine/animate/face/networks.ts';
import { prepareAnimation } from '../../src/engine/animate/prepare.ts';
import { defaultAnimation } from '../../src/engine/animate/request.ts';
import type { Frame } from '../../src/engine/frame.ts';
import { decodeFrames } from '../../src/engine/media/decode.ts';
import { encodeTo } from '../../src/engine/media/encode.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { watermarkLayer } from '../../src/engine/provenance/watermark/mark-frames.ts';
import { readingOf, readShots } from '../../src/engine/provenance/watermark/read-shots.ts';
import { sampleShots } from '../../src/engine/provenance/watermark/sampled-shots.ts';
import type { Finding } from '../../src/engine/provenance/watermark/search.ts';
import type { Watermark } from '../../src/engine/provenance/watermark/watermark.ts';
import { multiply, rational } from '../../src/engine/rational.ts';
import { installForTest, testModelCache } from '../models.ts';
import { paintedPortrait } from '../photographs.ts';
import { runCommand } from './command.ts';
import type { BenchResult, BenchRow } from './report.ts';
import { fitGumbel, wilsonInterval } from './statistics.ts';
import { type Attack, everyday, harder } from './watermark-attacks.ts';
import { smallClips, type TrialClip, trialClips, trialRate } from './watermark-clips.ts';
import { markCost } from './watermark-cost.ts';

interface Trial {
  readonly clip: string;
  readonly attack: string;
  readonly read: boolean;
  readonly sync: number;
  readonly correlation: number;
}

/** Keys that each unmarked clip is searched with. */
const strangersEach = 10;
/** What marks are searched with in unmarked clips may be believed once in so many files. */
const mostBelieved = 1e-6;

const rate = rational(trialRate);
const round = (value: number): number => Math.round(value * 100) / 100;

function markFor(name: string): Watermark {
  const hash = createHash('sha256').update(`trial of ${name}`).digest();
  return { key: hash, payload: createHash('sha256').update(hash).digest('hex').slice(0, 12) };
}

async function mark(clip: TrialClip, watermark: Watermark, path: string): Promise<void> {
  const source = await probe(clip.path);
  const { width, height } = source.video;
  const frames = async function* (): AsyncGenerator<Frame> {
    let index = 0;
    for await (const frame of decodeFrames(source)) {
      yield { ...frame, time: multiply(rational(index), rational(1, trialRate)) };
      index += 1;
    }
  };
  await encodeTo(path, frames(), { path, rate, width, height, luma: watermarkLayer(watermark, source.video, rate) });
}

async function search(path: string, key: Uint8Array): Promise<Finding> {
  return readShots({ key, shots: await sampleShots(path, undefined) });
}

async function tryAttack(
  clip: string,
  marked: string,
  watermark: Watermark,
  { name, passes }: Attack,
  folder: string,
): Promise<Trial> {
  let path = marked;
  for (const [index, { words, ending }] of passes.entries()) {
    const next = join(folder, `attacked-${index}.${ending}`);
    await runCommand('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', path, ...words, next]);
    path = next;
  }
  const finding = await search(path, watermark.key);
  const read = readingOf(finding)?.payload === watermark.payload;
  return { clip, attack: name, read, sync: round(finding.sync), correlation: round(finding.correlation) };
}

async function tryClip(clip: TrialClip, attacks: readonly Attack[], folder: string): Promise<Trial[]> {
  const watermark = markFor(clip.name);
  const marked = join(folder, 'marked.mp4');
  await mark(clip, watermark, marked);
  const trials: Trial[] = [];
  for (const attack of attacks) trials.push(await tryAttack(clip.name, marked, watermark, attack, folder));
  const lost = trials.filter(({ read }) => !read);
  console.log(
    `${clip.name}: ${trials.length - lost.length} of ${trials.length}${lost.map((t) => `; ${t.attack} (${t.sync}, ${t.correlation})`).join('')}`,
  );
  return trials;
}

/** What searches with keys that marked nothing find at best. */
async function searchUnmarked(clips: readonly TrialClip[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, path } of clips) {
    const shots = await sampleShots(path, undefined);
    for (let index = 0; index < strangersEach; index++) {
      findings.push(readShots({ key: markFor(`${name}, stranger ${index}`).key, shots }));
    }
  }
  return findings;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function rowOf(what: string, trials: readonly Trial[], reach: number): BenchRow {
  const read = trials.filter((trial) => trial.read).length;
  const { from, to } = wilsonInterval(read, trials.length);
  const share = read / trials.length;
  return {
    what: `watermark: ${what}`,
    measured: `${read} of ${trials.length}, ${percent(share)} (95 %: ${percent(from)} to ${percent(to)})`,
    reach: reach === 0 ? 'no target' : `at least ${reach * 100} %`,
    ok: share >= reach,
  };
}

const rowsOf = (attacks: readonly Attack[], trials: readonly Trial[], reach: number): BenchRow[] =>
  attacks.map(({ name }) =>
    rowOf(
      name,
      trials.filter(({ attack }) => attack === name),
      reach,
    ),
  );

function falsePositiveRow(findings: readonly Finding[]): { row: BenchRow; details: unknown } {
  const sync = fitGumbel(findings.map((finding) => finding.sync));
  const correlation = fitGumbel(findings.map((finding) => finding.correlation));
  const beyond = (value: number, { location, scale }: typeof sync): number =>
    -Math.expm1(-Math.exp(-(value - location) / scale));
  // Three shots with up to seven places decoded in each; a payload of chance passes the check once in 65,536.
  const chance = (beyond(6, sync) * beyond(8, correlation) * 21) / 65_536;
  const largest = (of: (finding: Finding) => number): string => Math.max(...findings.map(of)).toFixed(2);
  return {
    row: {
      what: 'watermark: an unmarked file is believed to be marked',
      measured: `${chance.toExponential(1)} by the tails of ${findings.length} searches (largest sync ${largest((f) => f.sync)}, correlation ${largest((f) => f.correlation)})`,
      reach: 'under 1e-6',
      ok: chance < mostBelieved,
    },
    details: {
      sync,
      correlation,
      findings: findings.map((finding) => [round(finding.sync), round(finding.correlation)]),
    },
  };
}

async function animatedPortrait(path: string): Promise<void> {
  for (const id of faceModels) await installForTest(id);
  const { signal } = new AbortController();
  const machine = { modelsDir: testModelCache, providers: ['cpu'] as const };
  const request = { ...defaultAnimation, label: 'Animated with Lumière', seconds: 3 };
  const prepared = await prepareAnimation(await paintedPortrait(), request, { machine, signal });
  try {
    await animatePhoto(prepared, path, { signal });
  } finally {
    await prepared.close();
  }
}

export async function benchWatermark(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    const animated = join(folder, 'animated.mp4');
    await animatedPortrait(animated);
    const clips = await trialClips(animated);
    const costs = [];
    for (const preset of ['fast', 'veryfast'] as const) {
      const clip = clips.findLast(({ name }) => name.includes('1280x720'))!;
      const cost = await markCost(clip.path, preset, folder);
      console.log(`marking, ${preset}: ${percent(cost.marking)}; with the encoder's ${percent(cost.withEncoder)}`);
      costs.push(cost);
    }
    const trials: Trial[] = [];
    for (const clip of clips) trials.push(...(await tryClip(clip, [...everyday, ...harder], folder)));
    const small: Trial[] = [];
    for (const clip of await smallClips()) small.push(...(await tryClip(clip, everyday, folder)));
    const unmarked = falsePositiveRow(await searchUnmarked(clips));
    const of = (attacks: readonly Attack[]): Trial[] =>
      trials.filter(({ attack }) => attacks.some(({ name }) => name === attack));
    const rows: BenchRow[] = [
      rowOf('everything that happens every day, together', of(everyday), 0.99),
      ...rowsOf(everyday, trials, 0.99),
      rowOf('what is harder, together', of(harder), 0.95),
      ...rowsOf(harder, trials, 0.95),
      rowOf('clips of 192x144', small, 0),
      unmarked.row,
      ...costs.flatMap(({ preset, marking, withEncoder }) => [
        {
          what: `watermark: processor time of marking, of an encoding at 1280x720, preset ${preset}`,
          measured: percent(marking),
          reach: 'under 5 %',
          ok: marking < 0.05,
        },
        {
          what: `watermark: the same with what the encoder takes longer for a marked picture`,
          measured: percent(withEncoder),
          reach: 'no target',
          ok: true,
        },
      ]),
    ];
    return { name: 'watermark', rows, details: { trials, small, unmarked: unmarked.details, costs } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
