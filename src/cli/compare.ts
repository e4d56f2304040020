/** `lumiere compare A B [OUT]`: a restoration beside its original, as a clip or as one picture. */
import { extname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';

import type { CompareLayout } from '../engine/compare/compare-pictures.ts';
import { LumiereError } from '../engine/errors.ts';
import { refuseOtherEnding, tryPlace } from '../engine/media/output-place.ts';
import { writeWhole } from '../engine/media/partial-file.ts';
import { openMarking, printMarks } from './mark-result.ts';
import { jsonOption, type Run, type SharedOptions, type StartRun } from './run.ts';

const examples = `
Examples:
  $ lumiere compare old.mp4 new.mp4                        writes compare.mp4, both side by side
  $ lumiere compare old.mp4 new.mp4 look.mp4 --layout divider
  $ lumiere compare old.mp4 new.mp4 look.jpg --at 2.5      one picture, 2.5 seconds in
  $ lumiere compare photo.jpg restored.png look.png --labels "1888,today"

The smaller one is enlarged to the height of the other, the slower one shown at the rate of the other.
An existing file is replaced; neither of the two that are compared ever is.`;

const pictureFormats: ReadonlyMap<string, 'png' | 'jpeg' | 'webp'> = new Map([
  ['.png', 'png'],
  ['.jpg', 'jpeg'],
  ['.jpeg', 'jpeg'],
  ['.webp', 'webp'],
]);

interface Options extends SharedOptions {
  readonly layout: CompareLayout;
  readonly at?: number;
  /** False with --no-labels; undefined when nothing was said. */
  readonly labels?: readonly [string, string] | false;
}

export function compareCommand(start: StartRun): Command {
  return new Command('compare')
    .summary('put two clips or pictures side by side')
    .description('Puts two clips or pictures side by side, or one against the other with a moving divider.')
    .argument('<a>', 'the first: a clip or a picture, shown on the left')
    .argument('<b>', 'the second, shown on the right; the sound is its own')
    .argument(
      '[out]',
      'what to write: .mp4 for a clip; .png, .jpg or .webp for one picture; an existing file is replaced ' +
        '(default: compare.mp4, or compare.png for two pictures and with --at)',
    )
    .addOption(
      new Option('-l, --layout <layout>', 'how they share the picture').choices(['side', 'divider']).default('side'),
    )
    .option('--at <seconds>', 'for a picture: the moment to show (default: the middle)', parseSeconds)
    .option('--labels <a,b>', 'words in the corners (default: "before,after" in your language)', parseLabels)
    .option('--no-labels', 'no words in the corners')
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action(async (a: string, b: string, out: string | undefined, options: Options) => {
      await runCompare(start(options), a, b, out, options);
    });
}

async function runCompare(run: Run, a: string, b: string, given: string | undefined, options: Options): Promise<void> {
  const { signal, t, terminal, progress } = run;
  if (given !== undefined) checkName(given, options);
  const labels =
    options.labels === false ? undefined : (options.labels ?? ([t('compare.before'), t('compare.after')] as const));
  const { compareClips } = await import('../engine/compare/compare-clips.ts');
  const { openMedia } = await import('../engine/media/open-media.ts');
  const [first, second] = await Promise.all([openMedia(a, signal), openMedia(b, signal)]);

  const still = options.at !== undefined || (first.kind === 'still' && second.kind === 'still');
  const out = given ?? (still ? 'compare.png' : 'compare.mp4');
  await tryPlace([a, b], out);

  const marking = await openMarking(run, [
    { part: first.kind === 'still' ? 'photograph' : 'clip', path: a },
    { part: second.kind === 'still' ? 'photograph' : 'clip', path: b },
  ]);
  const format = formatOf(out);
  if (format !== undefined) {
    const { comparePictures } = await import('../engine/compare/compare-pictures.ts');
    const { pictureOf } = await import('../engine/compare/still-frame.ts');
    const pictures = await Promise.all([first, second].map((side) => pictureOf(side, options.at, signal)));
    const picture = await comparePictures(pictures[0]!, pictures[1]!, { layout: options.layout, labels });
    const { data, info: size } = await picture
      .toFormat(format, format === 'jpeg' ? { quality: 92 } : {})
      .toBuffer({ resolveWithObject: true });
    const { marks } = await marking.write(
      out,
      async (path) => {
        await writeWhole(path, data);
        return { result: undefined, words: { kind: 'comparison', mediaType: `image/${format}` } };
      },
      unmarked,
    );
    progress.end();
    terminal.line(t('compare.picture', { out, width: size.width, height: size.height }));
    printMarks(marks, run);
    terminal.document({ output: out, width: size.width, height: size.height, marks });
    return;
  }
  const { result, marks } = await marking.write(
    out,
    async (path) => {
      const onProgress = (done: number, total: number): void => {
        progress.update({ stage: 'compare', done, total });
      };
      const comparison = await compareClips(first, second, path, {
        layout: options.layout,
        labels,
        signal,
        onProgress,
      });
      return { result: comparison, words: { kind: 'comparison', mediaType: 'video/mp4' } };
    },
    unmarked,
  );
  progress.end();
  terminal.line(t('compare.clip', { out, width: result.width, height: result.height, seconds: result.seconds }));
  printMarks(marks, run);
  terminal.document({ output: out, ...result, marks });
}

/** What is compared may be anybody's: the comparison is signed, and its pictures are left as they are. */
const unmarked = { watermarked: false } as const;

const formatOf = (out: string): 'png' | 'jpeg' | 'webp' | undefined => pictureFormats.get(extname(out).toLowerCase());

/** Throws `request.invalid` when the name says something else than what would be written. */
function checkName(out: string, { at }: Options): void {
  refuseOtherEnding(out, ['.mp4', ...pictureFormats.keys()]);
  if (at === undefined || formatOf(out) !== undefined) return;
  throw new LumiereError('request.invalid', { option: 'at', value: at, expected: 'picture-out' });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0)
    throw new InvalidArgumentError('Expected seconds, such as 2.5.');
  return seconds;
}

function parseLabels(text: string): readonly [string, string] {
  const [a, b, ...rest] = text.split(',').map((word) => word.trim());
  if (!a || !b || rest.length > 0)
    throw new InvalidArgumentError('Expected two words with a comma between them, such as 1888,today.');
  return [a, b];
}
