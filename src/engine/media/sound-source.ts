/** Which sound goes with the new picture, and where it lies against it. */
import { compare, rational, subtract, type Rational } from '../rational.ts';
import { audioDecoders } from './formats.ts';
import type { AudioStream, Probe } from './probe-result.ts';
import type { MediaWarning } from './warnings.ts';

/** A sound track inside a file, for `encodeFrames`. */
export interface SoundSource {
  readonly path: string;
  /** Position of the track among all streams of the file. */
  readonly stream: number;
  /** Seconds added to the file's own clock, whose zero is its earliest stream; what then lies before 0 is cut. */
  readonly shift: Rational;
  /** Seconds after which it is cut. */
  readonly end?: Rational;
  /** True when its packets can go into an MP4 as they are. */
  readonly copy: boolean;
  /** The sound has this many channels. */
  readonly channels: number;
}

export interface ClipSound {
  /** Absent when the clip is silent or its sound cannot be read. */
  readonly sound?: SoundSource;
  readonly warnings: readonly MediaWarning[];
}

/** As far before the picture as an edit list hides exactly when packets are copied; a longer part is cut by encoding again. */
const shortLead = rational(-1, 10);

/** FFmpeg's codec names that have another name as a decoder. */
const decoderNames: Readonly<Record<string, string>> = {
  dts: 'dca',
  mp3: 'mp3float',
  amr_nb: 'amrnb',
  amr_wb: 'amrwb',
};

/**
 * The sound of a clip that goes with its frames from `from` to `to` (seconds from the first frame). Of several tracks the
 * default one is kept, else the first that can be read, and the warnings say so.
 */
export function clipSound(probe: Probe, { from, to }: { from?: Rational; to?: Rational } = {}): ClipSound {
  const readable = probe.audio.filter(isReadable);
  const kept = readable.find((stream) => stream.isDefault) ?? readable[0];
  if (!kept) {
    const first = probe.audio[0];
    return { warnings: first ? [{ code: 'sound.unreadable', params: { codec: first.codec } }] : [] };
  }
  const warnings: MediaWarning[] = [];
  if (probe.audio.length > 1) {
    const position = probe.audio.indexOf(kept) + 1;
    warnings.push({ code: 'sound.one-kept', params: { kept: position, count: probe.audio.length } });
  }
  const begin = from ?? rational(0);
  const lead = subtract(kept.offset, begin);
  const copy = kept.codec === 'aac' && compare(lead, shortLead) >= 0 && to === undefined;
  if (!copy && kept.codec !== 'aac') warnings.push({ code: 'sound.encoded-again', params: { codec: kept.codec } });
  const sound: SoundSource = {
    path: probe.path,
    stream: kept.index,
    shift: subtract(subtract(probe.start, probe.video.start), begin),
    ...(to && { end: subtract(to, begin) }),
    copy,
    channels: kept.channels,
  };
  return { sound, warnings };
}

function isReadable(stream: AudioStream): boolean {
  const names: readonly string[] = audioDecoders;
  return stream.channels > 0 && names.includes(decoderNames[stream.codec] ?? stream.codec);
}
