/** `lumiere animate PHOTO [OUT]`: a portrait comes to life, or the camera moves over a picture. */
import { join, parse, resolve } from 'node:path';
import { Command, Option } from 'commander';

import { cameraMoves } from '../engine/animate/camera/camera-move.ts';
import type { AnimationReport } from '../engine/animate/report.ts';
import { defaultAnimation, inputsOf, type OutputFormat, outputFormats, regions } from '../engine/animate/request.ts';
import { refuseOtherEnding, tryPlace } from '../engine/media/output-place.ts';
import {
  type AnimateOptions,
  motionChoices,
  parseFace,
  parseFps,
  parseNumber,
  parseSize,
  parseUpscale,
  parseWhole,
  toRequest,
} from './animate-options.ts';
import { printAnimation, printPlan } from './animate-report.ts';
import { leavingRoom, openMarking, printMarks } from './mark-result.ts';
import { parseWords } from './parse-words.ts';
import { jsonOption, type Run, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere animate portrait.jpg                          writes portrait.animated.mp4: it breathes, blinks, looks
  $ lumiere animate portrait.jpg --motion wink --format gif
  $ lumiere animate portrait.jpg out.mp4 --drive clip.mp4 moves as the face in the clip does, with its sound
  $ lumiere animate portrait.jpg out.mp4 --speech voice.wav --also laughing.jpg
  $ lumiere animate group.jpg --face all --caption "when the tests" --caption-below "are green"
  $ lumiere animate landscape.jpg --motion none --camera parallax --seconds 8
  $ lumiere animate portrait.jpg --contact-sheet --json   frames by time as a picture, and every measure by name`;

export function animateCommand(start: StartRun): Command {
  const standard = defaultAnimation;
  const others = (name: string): string[] =>
    ['motion', 'drive', 'speech', 'sing', 'track'].filter((other) => other !== name);
  return new Command('animate')
    .summary('bring a portrait to life')
    .description('Animates a photograph or a painting: a preset motion, the motion of a clip, a voice, a camera move.')
    .argument('<photo>', 'the picture: JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC')
    .argument('[out]', 'the .mp4, .gif or .webp to write; an existing file is replaced (default: <photo>.animated.mp4)')
    .addOption(
      new Option('-m, --motion <name>', 'what the face does; none moves only the camera (default: painting)')
        .choices(motionChoices)
        .conflicts(others('motion')),
    )
    .addOption(
      new Option('-d, --drive <clip>', 'move as the face in this clip does, with its sound').conflicts(others('drive')),
    )
    .addOption(new Option('--speech <sound>', 'speak what is heard in this sound or clip').conflicts(others('speech')))
    .addOption(new Option('--sing <sound>', 'the same, singing').conflicts(others('sing')))
    .addOption(new Option('--track <json>', 'play a motion track (lumiere motion)').conflicts(others('track')))
    .addOption(new Option('--region <part>', "what of a clip's motion is taken (default: all)").choices(regions))
    .addOption(
      new Option('-c, --camera <move>', 'move the camera (default: none; push-in where nothing else moves)').choices(
        cameraMoves,
      ),
    )
    .addOption(
      new Option('-f, --face <which>', 'largest, left, right, all, or a number from the left')
        .argParser(parseFace)
        .default(standard.face),
    )
    .addOption(new Option('--strength <times>', 'how much the face moves, 0 to 2 (default: 1)').argParser(parseNumber))
    .addOption(new Option('--speed <times>', 'how fast a preset goes, 0.25 to 4 (default: 1)').argParser(parseNumber))
    .addOption(new Option('--seconds <length>', 'length of a preset or a camera move, 1 to 30').argParser(parseNumber))
    .option('--caption <text>', 'letters over the upper part of the picture, as memes have them', parseWords)
    .option('--caption-below <text>', 'the same over the lower part', parseWords)
    .addOption(
      new Option(
        '-r, --fps <rate>',
        'frames a second of presets, speech and camera moves, 10 to 60 (default: 25)',
      ).argParser(parseFps),
    )
    .option('--smooth', 'make frames between, up to 60 a second')
    .addOption(new Option('--upscale <times>', 'enlarge 2 or 4 times').argParser(parseUpscale).default(1))
    .addOption(
      new Option('--format <format>', 'mp4, gif or webp (default: by the ending of OUT)').choices(outputFormats),
    )
    .addOption(new Option('--crop <what>', 'head: a square around it').choices(['none', 'head']).default(standard.crop))
    .addOption(
      new Option('--size <pixels>', 'longest side of the result before it is enlarged, 64 to 4096')
        .argParser(parseWhole)
        .default(standard.longestSide),
    )
    .addOption(
      new Option('--also <photo>', 'another photograph of the same person, up to 3: lends teeth and lids')
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], 'none'),
    )
    .addOption(
      new Option('--sound <sound>', "keep the clip's or the speech's (default: keep)").choices(['keep', 'none']),
    )
    .addOption(new Option('--max-size <size>', 'never write more than this: 10MiB, 8MB, 500000').argParser(parseSize))
    .addOption(new Option('--seed <number>', 'what is drawn by chance comes from it').argParser(parseWhole).default(1))
    .addOption(
      new Option('--back-end <name>', 'live-portrait is experimental and needs weights of your own')
        .choices(['mesh', 'live-portrait'])
        .default(standard.backEnd),
    )
    .option('--contact-sheet', 'write a picture grid of frames by time beside the result')
    .option('-n, --dry-run', 'say what was found and what would be done, and stop')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (photo: string, output: string | undefined, options: AnimateOptions) => {
      await runAnimate(start(options), photo, output, options);
    });
}

async function runAnimate(run: Run, photo: string, given: string | undefined, options: AnimateOptions): Promise<void> {
  const { config, signal, t, terminal, progress } = run;
  const { prepareAnimation } = await import('../engine/animate/prepare.ts');
  const request = toRequest(options, given, t);
  const output = given ?? besidePhoto(photo, request.format);
  const formats = options.format === undefined ? outputFormats : [options.format];
  refuseOtherEnding(
    output,
    formats.map((format) => `.${format}`),
  );
  const machine = {
    modelsDir: config.modelsDir,
    ...(config.providers && { providers: config.providers }),
    ...(config.threads !== undefined && { threads: config.threads }),
  };
  const inputs = inputsOf(photo, request);
  await tryPlace(inputs, output);
  const sheet = options.contactSheet ? { contactSheet: besideResult(output) } : {};
  if ('contactSheet' in sheet) await tryPlace([...inputs, output], sheet.contactSheet);
  const prepared = await prepareAnimation(photo, request, { machine, signal });
  try {
    if (!terminal.json || options.dryRun) printPlan(prepared, run);
    if (options.dryRun) {
      const { original, chosen, warnings, output: size, rate, frames, predictedSeconds } = prepared;
      const faces = prepared.faces.map(({ number, box, confidence }) => ({ number, box, confidence }));
      const numbers = chosen.map(({ number }) => number);
      terminal.document({
        original,
        faces,
        chosen: numbers,
        output: { ...size, rate, frames },
        warnings,
        predictedSeconds,
      });
      return;
    }
    const { animatePhoto } = await import('../engine/animate/animate.ts');
    const { motion } = request;
    const marking = await openMarking(run, [
      { part: 'photograph', path: photo },
      ...(motion.kind === 'clip' ? [{ part: 'driver', path: motion.path } as const] : []),
      ...(motion.kind === 'speech' ? [{ part: 'speech', path: motion.path } as const] : []),
    ]);
    const work = (path: string, contactSheet: { readonly contactSheet?: string }): Promise<AnimationReport> =>
      leavingRoom(request.maxBytes, marking.room, (limit) =>
        animatePhoto({ ...prepared, request: { ...prepared.request, ...limit } }, path, {
          signal,
          watermark: marking.watermark,
          onProgress: (stage, done, total) => {
            const counted = stage === 'animate' || stage === 'follow';
            progress.update({ stage, done, total, unit: counted ? 'frames' : 'percent' });
          },
          ...contactSheet,
        }),
      );
    const withSheet = async (path: string, contactSheet: string): Promise<AnimationReport> => {
      const drawn = await marking.write(
        contactSheet,
        async (place) => ({
          result: await work(path, { contactSheet: place }),
          words: { kind: 'animation', mediaType: 'image/png' },
        }),
        { watermarked: false },
      );
      return { ...drawn.result, output: { ...drawn.result.output, contactSheet } };
    };
    const {
      result: made,
      bytes,
      marks,
    } = await marking.write(output, async (path) => ({
      result: await ('contactSheet' in sheet ? withSheet(path, sheet.contactSheet) : work(path, {})),
      words: { kind: 'animation', mediaType: mediaTypes[request.format] },
    }));
    progress.end();
    const report = { ...made, output: { ...made.output, path: output, bytes } };
    printAnimation(report, prepared.warnings, run);
    printMarks(marks, run);
    terminal.document({ ...report, marks });
  } finally {
    await prepared.close();
  }
}

const mediaTypes: Readonly<Record<OutputFormat, string>> = { mp4: 'video/mp4', gif: 'image/gif', webp: 'image/webp' };

function besidePhoto(photo: string, format: OutputFormat): string {
  const { dir, name } = parse(resolve(photo));
  return join(dir, `${name}.animated.${format}`);
}

function besideResult(output: string): string {
  const { dir, name } = parse(resolve(output));
  return join(dir, `${name}.sheet.png`);
}
