/** Runs ffprobe for its JSON and names the parts of it that we read. */
import { LumiereError } from '../errors.ts';
import { startFfprobe } from './ffmpeg.ts';
import type { MediaLimits } from './limits.ts';

export interface SideData {
  readonly side_data_type?: string;
  readonly displaymatrix?: string;
}

export interface FfprobeStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly codec_tag_string?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly pix_fmt?: string;
  readonly bits_per_raw_sample?: string;
  readonly field_order?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly time_base?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly duration_ts?: number;
  readonly nb_frames?: string;
  readonly sample_rate?: string;
  readonly channels?: number;
  readonly bit_rate?: string;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly SideData[];
}

export interface FfprobeFormat {
  readonly format_name?: string;
  readonly start_time?: string;
  readonly duration?: string;
}

export interface FfprobePacket {
  readonly pts?: number;
  readonly dts?: number;
  readonly duration?: number;
  readonly flags?: string;
}

export interface FfprobeFrame {
  readonly media_type?: string;
  readonly pts?: number;
  readonly best_effort_timestamp?: number;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly sample_aspect_ratio?: string;
  readonly interlaced_frame?: number;
  readonly top_field_first?: number;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly side_data_list?: readonly SideData[];
}

export interface FfprobeResult {
  readonly streams?: readonly FfprobeStream[];
  readonly format?: FfprobeFormat;
  readonly packets?: readonly FfprobePacket[];
  readonly frames?: readonly FfprobeFrame[];
  /** The last things ffprobe said on standard error. */
  readonly said: readonly string[];
}

/** What a look at a stranger's file may cost. */
export interface Look {
  readonly limits: MediaLimits;
  readonly signal: AbortSignal | undefined;
}

/** More than this of JSON is no description but an attack. */
const maxOutput = 16 * 2 ** 20;

/** Runs ffprobe on `file` with `entries` (`-show_streams …`). Rejects with a LumiereError when it fails or takes too long. */
export async function ffprobeJson(file: string, entries: readonly string[], look: Look): Promise<FfprobeResult> {
  const tool = await startFfprobe(file, ['-of', 'json=compact=1', ...entries], {
    limits: look.limits,
    signal: look.signal,
    wallMs: look.limits.probeMs,
    side: 'input',
  });
  const chunks: Buffer[] = [];
  let size = 0;
  tool.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxOutput) tool.stop(new LumiereError('input.corrupt', { detail: 'description too long' }));
    else chunks.push(chunk);
  });
  await tool.ended;
  try {
    const result = JSON.parse(Buffer.concat(chunks).toString()) as Omit<FfprobeResult, 'said'>;
    return { ...result, said: tool.lines() };
  } catch (error) {
    throw new LumiereError('input.corrupt', { detail: 'description unreadable' }, { cause: error });
  }
}
