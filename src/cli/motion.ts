/** `lumiere motion extract|preview`: the motion of a face out of a clip, and a look at a motion. */
import { stat } from 'node:fs/promises';
import { basename, extname, join, parse, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';

import type { ExtractedTrack } from '../engine/animate/driving/extract-track.ts';
import { type PresetName, presetNames } from '../engine/animate/motion/preset-names.ts';
import type { MotionTrack } from '../engine/animate/motion/track.ts';
import { defaultAnimation, maxDrivingSeconds } from '../engine/animate/request.ts';
import { refuseOtherEnding, tryPlace } from '../engine/media/output-place.ts';
import { formatRational, toNumber } from '../engine/rational.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere motion extract clip.mp4                 writes clip.motion.json, the motion of the face in it
  $ lumiere motion preview clip.motion.json look.mp4
  $ lumiere motion preview wink sheet.png           a preset, as frames in rows

A portrait moves by it with: lumiere animate portrait.jpg --track clip.motion.json
docs/motion-track.md says what a motion track holds.`;

interface ExtractWords extends SharedOptions {
  readonly seconds: number;
}

export function motionCommand(start: StartRun): Command {
  const motion = new Command('motion')
    .summary('read the motion of a face out of a clip, and look at it')
    .description('Motion tracks: what a face does, as a file that moves any portrait.')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples);
  motion
    .command('extract')
    .description('Follow the largest face in a clip and write its motion as a track.')
    .argument('<clip>', 'a clip with a face in it')
    .argument('[out]', 'the .json to write; an existing file is replaced (default: <clip>.motion.json)')
    .addOption(
      new Option('--seconds <length>', `only the beginning, 1 to ${maxDrivingSeconds}`)
        .argParser(parseSeconds)
        .default(maxDrivingSeconds),
    )
    .option(...jsonOption)
    .action(async (clip: string, out: string | undefined, options: ExtractWords) => {
      await extract(start(options), clip, out, options);
    });
  motion
    .command('preview')
    .description('Show a motion on a face of triangles.')
    .argument('<motion>', `a track (.json), a clip, or a preset: ${presetNames.join(', ')}`)
    .argument('<out>', 'the .mp4 or, for frames in rows, the .png to write; an existing file is replaced')
    .option(...jsonOption)
    .action(async (source: string, out: string, options: SharedOptions) => {
      await preview(start(options), source, out);
    });
  return motion;
}

async function extract(run: Run, clip: string, given: string | undefined, { seconds }: ExtractWords): Promise<void> {
  const { t, terminal } = run;
  const out = given ?? besideClip(clip);
  refuseOtherEnding(out, ['.json']);
  await tryPlace([clip], out);
  const { track, warnings } = await follow(run, clip, seconds);
  const { writeMotionTrack } = await import('../engine/animate/motion/track-file.ts');
  await writeMotionTrack(out, track);
  const { size: bytes } = await stat(out);
  const frames = track.frames.length;
  terminal.line(
    t('motion.extracted', { out, frames, rate: formatRational(track.rate), seconds: frames / toNumber(track.rate) }),
  );
  for (const { code, params } of warnings) terminal.line(t(`warnings.${code}`, params));
  const tracked = track.frames.filter((frame) => frame.tracked !== false).length;
  terminal.document({ output: { path: out, bytes }, frames, tracked, rate: track.rate, warnings });
}

async function preview(run: Run, source: string, out: string): Promise<void> {
  const { config, signal, t, terminal, progress } = run;
  refuseOtherEnding(out, ['.mp4', '.png']);
  await tryPlace([source], out);
  const { loadCanonicalFace } = await import('../engine/animate/face/canonical.ts');
  const { previewClip, previewSheet } = await import('../engine/animate/motion/preview/preview-track.ts');
  const canonical = await loadCanonicalFace(config.modelsDir);
  const { track, warnings } = await motionFrom(run, source);
  for (const { code, params } of warnings) terminal.line(t(`warnings.${code}`, params));
  const about = { motion: track.source, frames: track.frames.length, rate: track.rate, warnings };
  if (extname(out).toLowerCase() === '.png') {
    const { width, height, bytes } = await previewSheet(canonical, track, out);
    terminal.line(t('motion.sheet', { out, width, height }));
    terminal.document({ output: { path: out, bytes, width, height }, ...about });
    return;
  }
  const { bytes, width, height } = await previewClip(canonical, track, out, {
    signal,
    onProgress: (done, total) => {
      progress.update({ stage: 'animate', done, total });
    },
  });
  progress.end();
  terminal.line(t('motion.preview', { out, width, height, seconds: track.frames.length / toNumber(track.rate) }));
  terminal.document({ output: { path: out, bytes, width, height }, ...about });
}

/** A preset by its name, a track by its ending, else a clip. */
async function motionFrom(run: Run, source: string): Promise<ExtractedTrack> {
  if (isPreset(source)) {
    const { presetTrack } = await import('../engine/animate/motion/preset.ts');
    const { rate, strength, speed, seed } = defaultAnimation;
    return { track: presetTrack(source, { rate, strength, speed, seed }), warnings: [] };
  }
  if (extname(source).toLowerCase() === '.json') {
    const { readMotionTrack } = await import('../engine/animate/motion/track-file.ts');
    const track: MotionTrack = await readMotionTrack(source);
    return { track, warnings: [] };
  }
  return await follow(run, source, maxDrivingSeconds);
}

const isPreset = (name: string): name is PresetName => (presetNames as readonly string[]).includes(name);

async function follow({ config, signal, progress }: Run, clip: string, maxSeconds: number): Promise<ExtractedTrack> {
  const [{ createSessionPool }, { providerOptions }, { openFaceNetworks }, { extractTrack }] = await Promise.all([
    import('../engine/model/session-pool.ts'),
    import('../engine/restore/plan/machine.ts'),
    import('../engine/animate/face/networks.ts'),
    import('../engine/animate/driving/extract-track.ts'),
  ]);
  const { modelsDir, providers, threads } = config;
  const machine = { modelsDir, ...(providers && { providers }) };
  const pool = createSessionPool({ ...providerOptions(machine), ...(threads !== undefined && { threads }) });
  try {
    const networks = await openFaceNetworks(pool, modelsDir);
    try {
      return await extractTrack(clip, networks, networks.canonical, {
        signal,
        maxSeconds,
        onProgress: (done, total) => {
          progress.update({ stage: 'follow', done, total });
        },
      });
    } finally {
      await networks.close();
    }
  } finally {
    await pool.close();
    progress.end();
  }
}

function besideClip(clip: string): string {
  const { dir, name } = parse(resolve(clip));
  return join(dir, `${name || basename(clip)}.motion.json`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,3}(\.\d{1,6})?$/.test(text) || seconds < 1 || seconds > maxDrivingSeconds)
    throw new InvalidArgumentError(`Expected seconds from 1 to ${maxDrivingSeconds}.`);
  return seconds;
}
