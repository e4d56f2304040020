/**
 * Looks at short stretches of a clip, spread over its length, before the plan is made. Each frame arrives as its thumbnail
 * and a 256x256 piece at full resolution that wanders over the picture, in one stream from one ffmpeg; decoding is bounded
 * to some 110 megapixels, 0.2 s on two cores.
 */
import { decodeFrames } from '../../media/decode.ts';
import { startFfmpeg } from '../../media/ffmpeg.ts';
import { orientationFilters } from '../../media/geometry.ts';
import type { Probe } from '../../media/probe-result.ts';
import { LumiereError } from '../../errors.ts';
import { toNumber } from '../../rational.ts';
import type { Glimpse } from './glimpse.ts';
import { summarise } from './inspection-summary.ts';
import type { ClipInspection } from './inspection.ts';
import { thumbnailOf, thumbnailSize } from './thumbnail.ts';

/** Pixels decoded at most, in all stretches together. */
const decodeBudget = 110e6;
const shortClip = 20;
const stretchesOfShort = 3;
const stretchesOfLong = 6;
const atOnce = 2;
const windowSide = 256;
const fewestFrames = 24;
const mostFrames = 480;

export interface InspectOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with `job.cancelled`, or the `input.…` error of a clip that cannot be decoded. */
export async function inspectClip(probe: Probe, { signal }: InspectOptions = {}): Promise<ClipInspection> {
  const stretches = probe.container === 'webp' ? [await glimpseFrames(probe, signal)] : await glimpse(probe, signal);
  return await summarise(probe, stretches, signal);
}

/** An animated WebP, which ffmpeg does not decode. */
async function glimpseFrames(probe: Probe, signal: AbortSignal | undefined): Promise<Glimpse[]> {
  const glimpses: Glimpse[] = [];
  const most = Math.max(fewestFrames, Math.floor(decodeBudget / (probe.video.width * probe.video.height)));
  for await (const frame of decodeFrames(probe, { ...(signal && { signal }) })) {
    const thumbnail = thumbnailOf(frame);
    const width = Math.min(frame.width, windowSide);
    const height = Math.min(frame.height, windowSide);
    const [left, top] = [(frame.width - width) >> 1, (frame.height - height) >> 1];
    const data = new Uint8Array(width * height);
    for (let y = 0, out = 0; y < height; y++) {
      for (let x = 0, at = ((y + top) * frame.width + left) * 3; x < width; x++, out++, at += 3) {
        const [r, g, b] = [frame.data[at]!, frame.data[at + 1]!, frame.data[at + 2]!];
        data[out] = (54 * r + 183 * g + 19 * b) >> 8;
      }
    }
    glimpses.push({ thumbnail, window: { data, width, height } });
    if (glimpses.length === most) break;
  }
  return glimpses;
}

interface Layout {
  readonly thumbnail: { readonly width: number; readonly height: number };
  readonly window: { readonly width: number; readonly height: number };
  readonly sheet: { readonly width: number; readonly height: number };
  readonly filter: string;
}

async function glimpse(probe: Probe, signal: AbortSignal | undefined): Promise<Glimpse[][]> {
  const { video } = probe;
  const affordable = Math.floor(decodeBudget / (video.codedWidth * video.codedHeight));
  const frames = Math.min(mostFrames, Math.max(fewestFrames, affordable));
  const duration = toNumber(video.duration);
  const whole = video.frameCount.count <= frames;
  const count = whole ? 1 : duration < shortClip ? stretchesOfShort : stretchesOfLong;
  const layout = layOut(probe);
  const stretches: Glimpse[][] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const at = next++;
      const limit = Math.ceil(frames / count);
      stretches[at] = await readStretch(probe, layout, (at * duration) / count, limit, stretches, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  const read = stretches.filter((stretch) => stretch.length > 0);
  if (read.length === 0) throw new LumiereError('input.corrupt', { detail: 'no frame could be decoded' });
  return read;
}

/** One sheet a frame: the thumbnail as shown on screen, and under it a piece of the stored picture on its coding grid. */
function layOut({ video }: Probe): Layout {
  const thumbnail = thumbnailSize(video.width, video.height);
  const turned = video.orientation.quarterTurns % 2 === 1;
  const stored = turned ? { width: thumbnail.height, height: thumbnail.width } : thumbnail;
  const even = (side: number) => Math.min(windowSide, side - (side % 2));
  const window = { width: even(video.codedWidth), height: even(video.codedHeight) };
  const sheet = { width: Math.max(thumbnail.width, window.width), height: thumbnail.height + window.height };
  // Two frames at each place; places step by golden sections so that a few of them already cover the picture.
  const wander = (room: number, part: number) =>
    `8*floor(${Math.floor(room / 8)}*mod(floor(n/2)*${part.toFixed(4)}+0.5\\,1))`;
  const place = `x=${wander(video.codedWidth - window.width, 0.618)}:y=${wander(video.codedHeight - window.height, 0.7549)}`;
  const range = video.color.matrix === 'rgb' ? '' : `:in_range=${video.color.range === 'full' ? 'pc' : 'tv'}`;
  const full = `${range}:out_range=pc`;
  const small = [
    `scale=${stored.width}:${stored.height}:flags=area${full}`,
    'format=yuv420p',
    ...orientationFilters(video.orientation),
    'setsar=1',
    `pad=${sheet.width}:${thumbnail.height}:0:0`,
  ];
  const piece = [
    `crop=${window.width}:${window.height}:${place}`,
    `scale=${window.width}:${window.height}${full}`,
    'format=yuv420p',
    'setsar=1',
    `pad=${sheet.width}:${window.height}:0:0`,
  ];
  const filter = `[0:${video.index}]split[a][b];[a]${small.join(',')}[small];[b]${piece.join(',')}[piece];[small][piece]vstack[sheet]`;
  return { thumbnail, window, sheet, filter };
}

/**
 * Reads up to `limit` frames from the key frame before `from` on. A stretch that begins with the same picture as an earlier
 * one (few key frames) is given up at once and comes back empty.
 */
async function readStretch(
  probe: Probe,
  layout: Layout,
  from: number,
  limit: number,
  others: readonly (readonly Glimpse[] | undefined)[],
  signal: AbortSignal | undefined,
): Promise<Glimpse[]> {
  const place = Math.max(0, toNumber(probe.video.start) - toNumber(probe.start) + from);
  const seek = from > 0 ? ['-noaccurate_seek', '-ss', place.toFixed(3)] : [];
  const tool = await startFfmpeg(
    [{ kind: 'file', path: probe.path, options: ['-noautorotate', ...seek] }],
    [
      {
        target: 'pipe',
        options: [
          ...['-filter_complex', layout.filter, '-map', '[sheet]', '-fps_mode', 'passthrough'],
          ...['-frames:v', String(limit), '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
        ],
      },
    ],
    { side: 'input', signal, verbosity: 'error' },
  );
  const glimpses: Glimpse[] = [];
  const { width, height } = layout.sheet;
  const bytes = width * height + 2 * (Math.ceil(width / 2) * Math.ceil(height / 2));
  const sheet = Buffer.alloc(bytes);
  let filled = 0;
  try {
    for await (const chunk of tool.stdout as AsyncIterable<Buffer>) {
      for (let used = 0; used < chunk.length;) {
        const copied = chunk.copy(sheet, filled, used, Math.min(chunk.length, used + bytes - filled));
        used += copied;
        filled += copied;
        if (filled < bytes) continue;
        const glimpsed = cut(sheet, layout);
        if (glimpses.length === 0 && others.some((other) => other?.[0] && samePicture(other[0], glimpsed))) return [];
        glimpses.push(glimpsed);
        filled = 0;
      }
    }
    // A clip damaged further on still shows what it is made of.
    if (glimpses.length === 0 && from === 0) await tool.ended;
    return glimpses;
  } finally {
    tool.stop(new LumiereError('job.cancelled'));
    await tool.ended.catch(() => undefined);
    if (signal?.aborted) throw new LumiereError('job.cancelled');
  }
}

function samePicture(a: Glimpse, b: Glimpse): boolean {
  return Buffer.compare(a.thumbnail.data, b.thumbnail.data) === 0;
}

function cut(sheet: Buffer, { thumbnail, window, sheet: { width } }: Layout): Glimpse {
  const luma = (top: number, size: { width: number; height: number }) => {
    const data = new Uint8Array(size.width * size.height);
    for (let y = 0; y < size.height; y++) {
      data.set(sheet.subarray((top + y) * width, (top + y) * width + size.width), y * size.width);
    }
    return { ...size, data };
  };
  return {
    thumbnail: luma(0, thumbnail),
    window: luma(thumbnail.height, window),
  };
}
