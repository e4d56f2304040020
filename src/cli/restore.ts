/** `lumiere restore IN [OUT]`: the plan is shown, then carried out. */
import { dirname, join, parse, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';

import { parseRational } from '../engine/rational.ts';
import {
  defaultRequest,
  looks,
  qualities,
  type Repair,
  type RestoreRequest,
  type TargetRate,
  type TargetSize,
} from '../engine/restore/request.ts';
import { parseByteSize } from '../engine/media/byte-size.ts';
import { refuseOtherEnding, tryPlace } from '../engine/media/output-place.ts';
import { leavingRoom, openMarking, printMarks } from './mark-result.ts';
import { parseWords } from './parse-words.ts';
import { showJob } from './progress.ts';
import { printPlan, printReport } from './restore-report.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere restore old.mp4                              writes old.restored.mp4: x4, 60 frames a second
  $ lumiere restore old.mp4 new.mp4 --dry-run            what would be done, and how long it would take
  $ lumiere restore old.mp4 new.mp4 --max-size 10MiB     never larger than that; says what was given up
  $ lumiere restore old.mp4 new.mp4 --height 1080 --fps 25 --look faithful
  $ lumiere restore train.mp4 new.mp4 --sound ambience:steam-train
  $ lumiere restore game.gif slow.mp4 --slow-motion 4 --look animation --quality fast`;

interface Options extends SharedOptions {
  readonly scale?: 1 | 2 | 4;
  readonly height?: number;
  readonly fps?: TargetRate;
  readonly slowMotion: number;
  readonly look: RestoreRequest['look'];
  readonly quality: RestoreRequest['quality'];
  readonly between: RestoreRequest['between'];
  readonly deinterlace: Repair;
  readonly denoise: Repair;
  readonly deflicker: Repair;
  readonly stabilise?: boolean;
  readonly heldFrames: RestoreRequest['heldFrames'];
  readonly workingSize: RestoreRequest['workingSize'];
  readonly grain?: boolean;
  readonly sound: string;
  readonly maxSize?: number;
  readonly label?: string;
  readonly dryRun?: boolean;
}

const repair = (name: string, what: string, standard: Repair): Option =>
  new Option(`--${name} <when>`, what).choices(['auto', 'on', 'off']).default(standard);

export function restoreCommand(start: StartRun): Command {
  const standard = defaultRequest;
  return new Command('restore')
    .summary('clean, enlarge and smooth a clip')
    .description('Restores a clip: cleans it, enlarges it and makes the frames between, with its sound kept.')
    .argument('<in>', 'the clip: a video, an animated GIF or WebP')
    .argument('[out]', 'the .mp4 to write; an existing file is replaced (default: <in>.restored.mp4 beside it)')
    .addOption(
      new Option('-s, --scale <factor>', 'enlarge 1, 2 or 4 times (default: 4, at most 2160 lines)').argParser(
        parseScale,
      ),
    )
    .addOption(
      new Option('--height <lines>', 'enlarge or reduce to this height, 16 to 2160')
        .argParser(parseHeight)
        .conflicts('scale'),
    )
    .addOption(
      new Option(
        '-r, --fps <rate>',
        "frames a second: 60, 24000/1001, x2 for twice the rate, or source (default: 60 or the source's, the higher)",
      ).argParser(parseFps),
    )
    .addOption(
      new Option('--slow-motion <times>', 'how many times slower, 1 to 16; without sound')
        .argParser(parseWhole)
        .default(standard.slowMotion),
    )
    .addOption(
      new Option('-l, --look <look>', 'film and video invent plausible detail, faithful adds none')
        .choices(looks)
        .default(standard.look),
    )
    .addOption(
      new Option('-q, --quality <quality>', 'the trade of time for quality')
        .choices(qualities)
        .default(standard.quality),
    )
    .addOption(
      new Option('--between <how>', 'warp enlarged frames, or interpolate after upscaling (slow)')
        .choices(['warp', 'interpolate'])
        .default(standard.between),
    )
    .addOption(repair('deinterlace', 'weave interlaced fields into whole frames', standard.deinterlace))
    .addOption(repair('denoise', 'remove noise and coding blocks', standard.denoise))
    .addOption(repair('deflicker', 'even out brightness from frame to frame', standard.deflicker))
    .option('--stabilise', 'hold the picture still: gate weave, shaking hands')
    .addOption(
      new Option('--held-frames <how>', 'drop repeated frames of old transfers, or keep them')
        .choices(['auto', 'keep'])
        .default(standard.heldFrames),
    )
    .addOption(
      new Option('--working-size <how>', 'reduce a picture that is softer than its pixel count first, or never')
        .choices(['auto', 'full'])
        .default(standard.workingSize),
    )
    .option('--grain', 'give back as much film grain as the source had')
    .addOption(
      new Option(
        '--sound <sound>',
        'keep, none, a file to mix in, or ambience:NAME (projector, steam-train, street, crowd, rain, sea, wind, footsteps, vinyl)',
      ).default('keep'),
    )
    .addOption(new Option('--max-size <size>', 'never write more than this: 10MiB, 8MB, 500000').argParser(parseSize))
    .option('--label <text>', 'a line of text in the corner of every frame', parseWords)
    .option('-n, --dry-run', 'print the plan and the predicted time, and stop')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (input: string, output: string | undefined, options: Options) => {
      await runRestore(start(options), input, output, options);
    });
}

async function runRestore(run: Run, input: string, given: string | undefined, options: Options): Promise<void> {
  const { config, signal, t, terminal, progress } = run;
  const { prepareRestore } = await import('../engine/restore/prepare.ts');
  const { parseSound } = await import('../engine/restore/sound/request.ts');
  const output = given ?? besideInput(input);
  refuseOtherEnding(output, ['.mp4']);
  const machine = {
    modelsDir: config.modelsDir,
    ...(config.providers && { providers: config.providers }),
    ...(config.threads !== undefined && { threads: config.threads }),
  };
  const sound = parseSound(options.sound);
  const prepared = await prepareRestore(input, toRequest(options), sound, { machine, signal });
  await tryPlace(sound.kind === 'file' ? [input, sound.path] : [input], output);
  if (options.dryRun) {
    printPlan(prepared, run);
    terminal.document({ plan: prepared.plan, inspection: prepared.inspection, warnings: prepared.probe.warnings });
    return;
  }
  if (!terminal.json) printPlan(prepared, run);
  const { restoreClip } = await import('../engine/restore/restore.ts');
  const { restoreEdits } = await import('../engine/restore/restore-edits.ts');
  const marking = await openMarking(run, [{ part: 'clip', path: input }]);
  const {
    result: made,
    bytes,
    marks,
  } = await marking.write(output, async (path) => {
    const result = await leavingRoom(prepared.plan.maxBytes, marking.room, (limit) =>
      restoreClip({ ...prepared, plan: { ...prepared.plan, ...limit } }, path, {
        machine,
        signal,
        watermark: marking.watermark,
        ...(sound.kind === 'ambience' && {
          soundLabel: t('sound.added-label', { name: t(`sound.name.${sound.name}`) }),
        }),
        ...(sound.kind === 'file' && { soundLabel: t('sound.added-file-label') }),
        onProgress: showJob(progress),
      }),
    );
    return { result, words: { kind: 'restoration', mediaType: 'video/mp4', edits: restoreEdits(result) } };
  });
  progress.end();
  const report = { ...made, output: { ...made.output, path: output, bytes } };
  printReport(report, run);
  printMarks(marks, run);
  terminal.document({ ...report, marks });
}

function toRequest(options: Options): RestoreRequest {
  const size: TargetSize =
    options.height !== undefined
      ? { height: options.height }
      : options.scale !== undefined
        ? { scale: options.scale }
        : defaultRequest.size;
  return {
    size,
    rate: options.fps ?? defaultRequest.rate,
    slowMotion: options.slowMotion,
    look: options.look,
    quality: options.quality,
    between: options.between,
    deinterlace: options.deinterlace,
    denoise: options.denoise,
    deflicker: options.deflicker,
    stabilise: options.stabilise ?? false,
    heldFrames: options.heldFrames,
    workingSize: options.workingSize,
    grain: options.grain ?? false,
    ...(options.maxSize !== undefined && { maxBytes: options.maxSize }),
    ...(options.label !== undefined && { label: options.label }),
  };
}

function besideInput(input: string): string {
  const { dir, name } = parse(resolve(input));
  return join(dirname(join(dir, name)), `${name}.restored.mp4`);
}

function parseWhole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

function parseScale(text: string): 1 | 2 | 4 {
  const scale = Number(text.replace(/^x/, ''));
  if (scale !== 1 && scale !== 2 && scale !== 4) throw new InvalidArgumentError('Expected 1, 2 or 4.');
  return scale;
}

function parseHeight(text: string): number {
  return parseWhole(text.replace(/p$/, ''));
}

function parseFps(text: string): TargetRate {
  if (text === 'source') return 'source';
  if (/^x\d{1,3}$/.test(text)) return { multiply: Number(text.slice(1)) };
  const fps = parseRational(text);
  if (fps === undefined || fps.num <= 0) {
    throw new InvalidArgumentError(
      'Expected a rate such as 60, 29.97 or 30000/1001, a multiple such as x2, or source.',
    );
  }
  return { fps: commonRate(fps) };
}

/** People write 23.976, 29.97 and 59.94 and mean the exact rates of television. */
function commonRate(fps: { num: number; den: number }): { num: number; den: number } {
  for (const whole of [24, 30, 48, 60, 120]) {
    const exact = { num: whole * 1000, den: 1001 };
    if (fps.den !== 1 && Math.abs(fps.num / fps.den - exact.num / exact.den) < 0.006) return exact;
  }
  return fps;
}

function parseSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Expected a size such as 10MiB, 8MB or 500000.');
  return bytes;
}
