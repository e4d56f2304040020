/**
 * `npm run bench watermark`: whether the invisible mark is read after what happens to clips that are passed on, with keys and
 * clips that it was not tuned on; what unmarked files read like; what marking costs. The table stands in docs/watermark.md.
 * Each result is written as it comes: `--resume` goes on with a run that was stopped. Shorter: see watermark-options.ts.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
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
import type { BenchResult } from './report.ts';
import { type Attack, everyday, harder } from './watermark-attacks.ts';
import { smallClips, type TrialClip, trialClips, trialRate } from './watermark-clips.ts';
import { markCost } from './watermark-cost.ts';
import type { WatermarkBenchOptions } from './watermark-options.ts';
import { openResults, type Results, resultsPath, type Trial } from './watermark-results.ts';
import { rowsOf } from './watermark-table.ts';
import { placesOf, unmarkedFiles } from './watermark-unmarked.ts';

/** Keys and payloads of this set of trials: others than those that the sets before were run with. */
const keySet = 'third set of trials';
const rate = rational(trialRate);
const round = (value: number): number => Math.round(value * 100) / 100;

function markFor(name: string): Watermark {
  const key = createHash('sha256').update(`${keySet}: ${name}`).digest();
  return { key, payload: createHash('sha256').update(key).digest('hex').slice(0, 12) };
}

/** Encodes a clip into `path` as results are, with a mark or without. */
async function encode(clip: TrialClip, path: string, watermark?: Watermark): Promise<void> {
  const source = await probe(await clip.path());
  const { width, height } = source.video;
  const frames = async function* (): AsyncGenerator<Frame> {
    let index = 0;
    for await (const frame of decodeFrames(source)) {
      yield { ...frame, time: multiply(rational(index), rational(1, trialRate)) };
      index += 1;
    }
  };
  const luma = watermark && { luma: watermarkLayer(watermark, source.video, rate) };
  await encodeTo(path, frames(), { path, rate, width, height, ...luma });
}

async function search(path: string, key: Uint8Array): Promise<Finding> {
  return readShots({ key, shots: await sampleShots(path, undefined) });
}

/** What the payload reads like after an attack. */
async function tryAttack(
  marked: string,
  watermark: Watermark,
  { passes }: Attack,
  folder: string,
): Promise<Pick<Trial, 'read' | 'sync' | 'correlation'>> {
  let path = marked;
  for (const [index, { words, ending }] of passes.entries()) {
    const next = join(folder, `attacked-${index}.${ending}`);
    await runCommand('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', path, ...words, next]);
    path = next;
  }
  const finding = await search(path, watermark.key);
  const read = readingOf(finding)?.payload === watermark.payload;
  return { read, sync: round(finding.sync), correlation: round(finding.correlation) };
}

/** How much larger a file is for its mark. */
async function weigh(clip: TrialClip, folder: string, results: Results): Promise<void> {
  if (results.has(`bytes ${clip.name}`)) return;
  const bytes = async (watermark?: Watermark): Promise<number> => {
    const path = join(folder, 'weighed.mp4');
    await encode(clip, path, watermark);
    return (await stat(path)).size;
  };
  const [plain, marked] = [await bytes(), await bytes(markFor(`${clip.name}, weighed`))];
  await results.add({ kind: 'bytes', clip: clip.name, plain, marked });
}

/** Every attack on `clip` under one key that is not among the results yet. */
async function tryClip(
  clip: TrialClip,
  { group, key }: Pick<Trial, 'group' | 'key'>,
  attacks: readonly Attack[],
  folder: string,
  results: Results,
): Promise<void> {
  const base = { kind: 'trial', clip: clip.name, scene: clip.scene, group, key } as const;
  const left = attacks.filter(({ name }) => !results.has(`trial ${clip.name} ${key} ${name}`));
  if (left.length === 0) return;
  const watermark = markFor(`${clip.name}, key ${key}`);
  const marked = join(folder, 'marked.mp4');
  await encode(clip, marked, watermark);
  for (const attack of left) {
    const { read, sync, correlation } = await tryAttack(marked, watermark, attack, folder);
    await results.add({ ...base, attack: attack.name, read, sync, correlation });
    if (!read) console.log(`${clip.name}, key ${key}: lost by ${attack.name} (${sync}, ${correlation})`);
  }
  console.log(`${clip.name}, key ${key}: ${left.length} tried`);
}

/** What searches with keys that marked nothing find: each file once with one key, then each with another, until there are enough. */
async function searchUnmarked(
  clips: readonly TrialClip[],
  searches: number,
  folder: string,
  results: Results,
): Promise<void> {
  const marked = clips.slice(0, 2).map((clip, index) => ({
    name: clip.name,
    path: once(async () => {
      const path = join(folder, `others-${index}.mp4`);
      await encode(clip, path, markFor(`another installation, ${clip.name}`));
      return path;
    }),
  }));
  const files = unmarkedFiles(clips, marked);
  for (let count = 0; count < searches; count++) {
    const { name, path } = files[count % files.length]!;
    const key = Math.floor(count / files.length);
    if (results.has(`unmarked ${name} ${key}`)) continue;
    const shots = await sampleShots(await path(), undefined);
    const places = placesOf(shots, markFor(`${name}, stranger ${key}`).key);
    await results.add({ kind: 'unmarked', file: name, key, places });
  }
}

/** `make` when it is first asked for. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
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

export async function benchWatermark(options: WatermarkBenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    const results = await openResults(resultsPath, options.resume);
    const animated = once(async () => {
      const path = join(folder, 'animated.mp4');
      await animatedPortrait(path);
      return path;
    });
    const clips = (await trialClips(animated)).slice(0, options.clips);
    if (options.parts.includes('cost')) {
      for (const preset of ['fast', 'veryfast'] as const) {
        if (results.has(`cost ${preset}`)) continue;
        await results.add({ kind: 'cost', ...(await markCost(await clips[0]!.path(), preset, folder)) });
      }
      for (const clip of clips) await weigh(clip, folder, results);
    }
    if (options.parts.includes('trials')) {
      const attacks = [...everyday, ...harder].slice(0, options.attacks);
      for (let key = 0; key < options.keys; key++) {
        for (const clip of clips) await tryClip(clip, { group: 'trial', key }, attacks, folder, results);
        for (const clip of (await smallClips()).slice(0, options.clips)) {
          await tryClip(clip, { group: 'small', key }, everyday.slice(0, options.attacks), folder, results);
        }
      }
    }
    if (options.parts.includes('unmarked')) await searchUnmarked(clips, options.searches, folder, results);
    return { name: 'watermark', rows: rowsOf(results.all()), details: { results: resultsPath } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
