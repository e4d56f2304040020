/**
 * Two clips as one, side by side or with a divider that wanders across, so that anybody can judge a restoration. ffmpeg
 * does all of it: sizes, rates and lengths are matched in its filter graph. Only what it cannot read, stills of every
 * kind and animated WebP, is laid before it in another form.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { LumiereError } from '../errors.ts';
import { drawLabel } from '../label-picture.ts';
import { startFfmpeg, type Input, type ToolProcess } from '../media/ffmpeg.ts';
import { pathOf, type Media } from '../media/open-media.ts';
import { refuseSameFile } from '../media/output-place.ts';
import { beginPartialFile, makeScratchFolder, writeWhole } from '../media/partial-file.ts';
import { rgbFilters } from '../media/rgb-filters.ts';
import { compare, formatRational, rational, toNumber, type Rational } from '../rational.ts';
import type { CompareLayout } from './compare-pictures.ts';
import type { Size } from '../size.ts';
import { arrangePanels, labelHeight, type Panels } from './panels.ts';
import { readStill } from './still-file.ts';
import { webpAsClip } from './webp-clip.ts';

/** Seconds that two stills are shown when a clip is made of them. */
const stillSeconds = 6;
const stillRate = rational(30);
/** Seconds of one journey of the divider, there and back. */
const dividerSeconds = 6;

export interface CompareClipsOptions {
  readonly layout: CompareLayout;
  /** Words in the upper corners; none when left out. */
  readonly labels?: readonly [string, string] | undefined;
  readonly signal?: AbortSignal;
  /** Called a few times a second with the frames written so far and those there will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Comparison extends Size {
  readonly rate: Rational;
  readonly seconds: number;
}

/**
 * Writes an MP4 (H.264, AAC) of both sides, a still held as long as the other lasts, to `path`: the taller one's height, the higher rate, the longer duration (the
 * other side holds its last frame), the second side's sound or else the first's. Rejects with a LumiereError, among them
 * `request.invalid` when `path` is one of the sides.
 */
export async function compareClips(
  first: Media,
  second: Media,
  path: string,
  options: CompareClipsOptions,
): Promise<Comparison> {
  const sides = [first, second] as const;
  await refuseSameFile(sides.map(pathOf), path);
  const rate = highestRate(sides);
  const seconds = longest(sides);
  const panels = arrangePanels(sizeOf(first), sizeOf(second), options.layout === 'side' ? 2 : 1);
  const folder = await makeScratchFolder('lumiere-compare-');
  try {
    const inputs: Input[] = [];
    for (const [index, side] of sides.entries()) {
      const shape = { size: panels.fitted[index]!, rate, signal: options.signal };
      inputs.push(await inputFor(side, join(folder, `side-${index}`), shape));
    }
    for (const [index, text] of (options.labels ?? []).entries()) {
      const file = join(folder, `label-${index}.png`);
      await writeWhole(file, (await drawLabel(text, labelHeight(panels.panel))).png);
      inputs.push({ kind: 'still', path: file });
    }
    const graph = filterGraph(sides, panels, rate, options);
    const total = Math.max(1, Math.round(seconds * toNumber(rate)));
    const partial = await beginPartialFile(path);
    try {
      const process = await startFfmpeg(
        inputs,
        [{ target: { file: partial.path }, options: [...graph, ...soundOptions(sides), ...encoding(rate, seconds)] }],
        { side: 'output', ...(options.signal && { signal: options.signal }) },
      );
      followFrames(process.stdout, (done) => options.onProgress?.(Math.min(done, total), total));
      await process.ended.catch((error: unknown) => {
        throw lacksToneMapping(process) ? new LumiereError('input.hdr-refused', {}, { cause: error }) : error;
      });
      await partial.commit();
    } finally {
      await partial.discard();
    }
    const width = panels.panel.width * (options.layout === 'side' ? 2 : 1);
    return { width, height: panels.panel.height, rate, seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sizeOf(side: Media): Size {
  return side.kind === 'still' ? side.size : { width: side.probe.video.width, height: side.probe.video.height };
}

function highestRate(sides: readonly Media[]): Rational {
  const rates = sides.flatMap((side) => (side.kind === 'clip' ? [side.probe.video.rate] : []));
  return rates.length === 0 ? stillRate : rates.reduce((a, b) => (compare(a, b) >= 0 ? a : b));
}

function longest(sides: readonly Media[]): number {
  const lengths = sides.flatMap((side) => (side.kind === 'clip' ? [toNumber(side.probe.video.duration)] : []));
  return lengths.length === 0 ? stillSeconds : Math.max(...lengths);
}

/** What ffmpeg shall read for a side; `file` is where a form that it can read may be put, without an ending. */
async function inputFor(
  side: Media,
  file: string,
  shape: { size: Size; rate: Rational; signal: AbortSignal | undefined },
): Promise<Input> {
  if (side.kind === 'still') {
    const path = `${file}.png`;
    await writeWhole(path, await readStill(side.path));
    return { kind: 'still', path };
  }
  if (side.probe.container !== 'webp') return { kind: 'file', path: side.probe.path };
  const path = `${file}.mp4`;
  await webpAsClip(side.probe, path, shape);
  return { kind: 'file', path };
}

/** Filters that bring a side to `size`, whatever its range, matrix and depth; ffmpeg has turned it as the file says. */
function scaleTo(side: Media, size: Size): string {
  const scale = `scale=${size.width}:${size.height}:flags=bicubic:out_color_matrix=bt709:out_range=tv`;
  if (side.kind === 'still' || side.probe.container === 'webp') return scale;
  const { color, alpha } = side.probe.video;
  if (color.hdr || alpha) return [...rgbFilters(side.probe.video, [], size), scale].join(',');
  if (color.matrix === 'rgb') return scale;
  return `${scale}:in_color_matrix=${color.matrix}:in_range=${color.range === 'full' ? 'pc' : 'tv'}`;
}

const lacksToneMapping = (tool: ToolProcess): boolean =>
  tool.lines().some((line) => line.includes("No such filter: 'zscale'"));

function filterGraph(
  sides: readonly [Media, Media],
  { panel, fitted }: Panels,
  rate: Rational,
  options: CompareClipsOptions,
): string[] {
  const { width, height } = panel;
  const fps = formatRational(rate);
  const panels = sides.map((side, index) => {
    const stream = side.kind === 'clip' ? `${index}:${side.probe.video.index}` : `${index}:v`;
    const hold = side.kind === 'clip' ? 'tpad=stop=-1:stop_mode=clone' : 'loop=loop=-1:size=1:start=0';
    return (
      `[${stream}]setpts=PTS-STARTPTS,${scaleTo(side, fitted[index]!)},setsar=1,` +
      `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,format=yuv420p,${hold},${side.kind === 'still' ? `setpts=N/(${fps})/TB,` : ''}fps=${fps}[p${index}]`
    );
  });
  const joined = options.layout === 'side' ? ['[p0][p1]hstack=shortest=0[joined]'] : divide(panel, fps);
  const total = options.layout === 'side' ? width * 2 : width;
  const margin = Math.round(labelHeight(panel) / 2);
  const labels = options.labels
    ? [`[joined][2:v]overlay=${margin}:${margin}[one]`, `[one][3:v]overlay=${total}-w-${margin}:${margin}[out]`]
    : ['[joined]null[out]'];
  return ['-filter_complex', [...panels, ...joined, ...labels].join(';'), '-map', '[out]'];
}

/** The second picture through a mask whose edge moves, over the first, and a white bar on the edge. */
function divide({ width, height }: Size, fps: string): string[] {
  const edge = `${width}*(0.5+0.4*sin(2*PI*t/${dividerSeconds}))`;
  const plain = (color: string, w: number): string => `color=${color}:s=${w}x${height}:r=${fps}`;
  return [
    `${plain('black', width)}[dark]`,
    `${plain('white', width)}[light]`,
    `[dark][light]overlay=x='${edge}':y=0:format=yuv444,format=gray[mask]`,
    `[p1][mask]alphamerge[seen]`,
    `[p0][seen]overlay=format=yuv420[both]`,
    `${plain('white', width >= 640 ? 4 : 2)}[bar]`,
    `[both][bar]overlay=x='${edge}-w/2':y=0[joined]`,
  ];
}

function soundOptions(sides: readonly [Media, Media]): string[] {
  for (const index of [1, 0] as const) {
    const side = sides[index];
    const audio =
      side.kind === 'clip' ? (side.probe.audio.find((stream) => stream.isDefault) ?? side.probe.audio[0]) : undefined;
    if (audio) return ['-map', `${index}:${audio.index}`, '-c:a', 'aac', '-b:a', '160k', '-ac', '2'];
  }
  return [];
}

function encoding(rate: Rational, seconds: number): string[] {
  return [
    ...[
      '-t',
      seconds.toFixed(6),
      '-r',
      formatRational(rate),
      '-c:v',
      'libx264',
      '-profile:v',
      'high',
      '-preset',
      'veryfast',
      '-crf',
      '18',
    ],
    ...[
      '-pix_fmt',
      'yuv420p',
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
      '-color_range',
      'tv',
    ],
    ...['-map_metadata', '-1', '-movflags', '+faststart', '-progress', 'pipe:1', '-f', 'mp4'],
  ];
}

/** Reads ffmpeg's `-progress` report, `key=value` lines in blocks. */
function followFrames(report: NodeJS.ReadableStream, onFrames: (done: number) => void): void {
  let rest = '';
  report.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const frame = /^frame=\s*(\d+)/.exec(line);
      if (frame) onFrames(Number(frame[1]));
    }
  });
}
