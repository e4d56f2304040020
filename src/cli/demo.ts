/** `lumiere demo [CLIP]`: the main job, shown on a clip of yours or on one made of a photograph. */
import { join } from 'node:path';
import { Command } from 'commander';

import { makeFolder, writeWhole } from '../engine/media/partial-file.ts';
import { openMarking } from './mark-result.ts';
import { showJob } from './progress.ts';
import { printPlan } from './restore-report.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere demo                  makes a period clip of an old photograph and restores it
  $ lumiere demo my-clip.mp4      restores yours and shows before and after
  $ npm run demo -- my-clip.mp4   the same, with the set-up before it`;

interface Options extends SharedOptions {
  readonly out: string;
}

/** Length of the clip that is made, in seconds: 30 drawings, a minute or so of work on two cores. */
const clipSeconds = 2.5;
const clipSeed = 1865;

export function demoCommand(start: StartRun): Command {
  return new Command('demo')
    .summary('restore a clip and show before and after')
    .description('Restores a clip and says where the result and a picture of before and after are.')
    .argument('[clip]', 'a clip of yours (default: one is made of a photograph of 1865)')
    .option('-o, --out <folder>', 'where the files go', 'demo-output')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (clip: string | undefined, options: Options) => {
      await runDemo(start(options), clip, options);
    });
}

async function runDemo(run: Run, clip: string | undefined, { out }: Options): Promise<void> {
  const { config, signal, t, terminal, progress } = run;
  await makeFolder(out);
  const source = clip ?? (await makeClip(run, join(out, 'period.mp4')));
  const [{ prepareRestore }, { restoreClip }, { defaultRequest }] = await Promise.all([
    import('../engine/restore/prepare.ts'),
    import('../engine/restore/restore.ts'),
    import('../engine/restore/request.ts'),
  ]);
  const machine = {
    modelsDir: config.modelsDir,
    ...(config.providers && { providers: config.providers }),
    ...(config.threads !== undefined && { threads: config.threads }),
  };
  const prepared = await prepareRestore(source, defaultRequest, { kind: 'keep' }, { machine, signal });
  if (!terminal.json) printPlan(prepared, run);
  const result = join(out, 'restored.mp4');
  const { restoreEdits } = await import('../engine/restore/restore-edits.ts');
  const marking = await openMarking(run, [{ part: 'clip', path: source }]);
  const made = await marking.write(result, async (path) => {
    const { watermark } = marking;
    const report = await restoreClip(prepared, path, { machine, signal, watermark, onProgress: showJob(progress) });
    return { result: report, words: { kind: 'restoration', mediaType: 'video/mp4', edits: restoreEdits(report) } };
  });
  const { bytes, marks } = made;
  const report = { ...made.result, output: { ...made.result.output, path: result, bytes } };
  const picture = join(out, 'before-after.png');
  await writePicture(run, source, result, picture);
  progress.end();
  terminal.line();
  terminal.line(t('demo.result', { path: result }));
  terminal.line(t('demo.picture', { path: picture }));
  if (clip === undefined) terminal.line(t('demo.again'));
  terminal.document({ source, result, picture, report: { ...report, marks } });
}

async function makeClip({ config, signal, t, terminal }: Run, path: string): Promise<string> {
  const [{ fetchPhotograph }, { makePeriodClip }] = await Promise.all([
    import('../demo/photograph.ts'),
    import('../demo/period-clip.ts'),
  ]);
  terminal.line(t('demo.photograph'));
  const photograph = await fetchPhotograph(join(config.modelsDir, 'photographs'), signal);
  await makePeriodClip(photograph, path, { seconds: clipSeconds, seed: clipSeed, signal });
  terminal.line(t('demo.made-clip', { path }));
  return path;
}

/** The middle of both clips side by side. */
async function writePicture(run: Run, before: string, after: string, target: string): Promise<void> {
  const { signal, t } = run;
  const [{ openMedia }, { pictureOf }, { comparePictures }] = await Promise.all([
    import('../engine/media/open-media.ts'),
    import('../engine/compare/still-frame.ts'),
    import('../engine/compare/compare-pictures.ts'),
  ]);
  const sides = await Promise.all([before, after].map((clip) => openMedia(clip, signal)));
  const [first, second] = await Promise.all(sides.map((side) => pictureOf(side, undefined, signal)));
  const picture = await comparePictures(first!, second!, {
    layout: 'side',
    labels: [t('compare.before'), t('compare.after')],
  });
  const marking = await openMarking(
    run,
    [before, after].map((path) => ({ part: 'clip', path })),
  );
  await marking.write(
    target,
    async (path) => {
      await writeWhole(path, await picture.png().toBuffer());
      return { result: undefined, words: { kind: 'comparison', mediaType: 'image/png' } };
    },
    { watermarked: false },
  );
}
