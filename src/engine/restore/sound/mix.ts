/**
 * Makes the sound of a clip from its parts, in blocks, from disk to disk: memory does not grow with the length of the
 * clip. Blocks the thread it runs in, which is `sound-thread.ts`.
 */
import { balance, ceilingDbtp, isRealSound, type Measured, targetLufs } from './balance.ts';
import { fitFor, fitted } from './fit.ts';
import { limited, peakMeter } from './limiter.ts';
import { loudnessMeter } from './loudness.ts';
import { motionCadence, motionEnvelope } from './motion-envelope.ts';
import { unpackTrack } from './motion-track.ts';
import { createPcm, openPcm, type PcmReader } from './pcm-file.ts';
import type { AddedWork, SoundMix, SoundWork } from './sound-work.ts';
import { type Read, sampleRate, type Stereo, stereo } from './synth/block.ts';
import { fromDb } from './synth/envelope.ts';
import { synthesise } from './synth/synthesise.ts';

const block = 8192;
/** Seconds over which an ambience comes and goes at the ends of a clip, where the clip is long enough. */
const fadesIn = 0.15;
const fadesOut = 0.6;
/** How near to the target is near enough: a tenth of what anyone hears. */
const tolerance = 0.1;
/** Limiting takes some loudness away; it is given back and measured again, so often at the most. */
const attempts = 4;

type Progress = (done: number) => void;

/** Reads `samples` samples block by block. What is seen is overwritten by the next block. */
function passThrough(read: Read, samples: number, see: (sound: Stereo, position: number) => void): void {
  const whole = stereo(block);
  for (let at = 0; at < samples; at += block) {
    const left = samples - at;
    const sound = left >= block ? whole : { left: whole.left.subarray(0, left), right: whole.right.subarray(0, left) };
    read(sound);
    see(sound, at);
  }
}

function measure(read: Read, samples: number): Measured {
  const [loudness, peak] = [loudnessMeter(), peakMeter()];
  passThrough(read, samples, (sound) => {
    loudness.add(sound);
    peak.add(sound);
  });
  return { loudness: loudness.integrated(), peak: peak.peak() };
}

/** Reads on from the start of a file each time it is called anew. */
function fromStart(file: PcmReader): Read {
  let position = 0;
  return (out) => {
    file.read(out, position);
    position += out.left.length;
  };
}

/** Synthesises the ambience onto disk: it is read more than once. */
function makeAmbience(work: Extract<AddedWork, { kind: 'ambience' }>, samples: number, progress: Progress): void {
  const track = unpackTrack(work.motion);
  const envelope = motionEnvelope(track);
  const cadence = motionCadence(track);
  const score = {
    seed: work.seed,
    seconds: samples / sampleRate,
    frameRate: work.frameRate,
    cuts: envelope.cuts,
    ...(cadence === undefined ? {} : { cadence }),
  };
  const read = synthesise(work.name, score, envelope);
  const [rise, fall] = [Math.min(fadesIn * sampleRate, samples / 8), Math.min(fadesOut * sampleRate, samples / 8)];
  const file = createPcm(work.path);
  try {
    passThrough(read, samples, (sound, position) => {
      for (let i = 0; i < sound.left.length; i++) {
        const at = position + i;
        const gain = Math.min(1, (at + 1) / rise, (samples - at) / fall);
        sound.left[i]! *= gain;
        sound.right[i]! *= gain;
      }
      file.add(sound);
      progress(position / samples);
    });
  } finally {
    file.close();
  }
}

/** Makes the sound and writes it to `work.output` as a float32 WAV of exactly `work.samples` samples. */
export function mixSound(work: SoundWork, progress: Progress): SoundMix {
  const { samples, added } = work;
  if (added.kind === 'ambience') {
    makeAmbience(added, samples, (done) => {
      progress(0.7 * done);
    });
  }
  const addedFile = openPcm(added.path);
  const ownFile = work.own === undefined ? undefined : openPcm(work.own);
  try {
    const addedSound = (): Read => (added.kind === 'file' ? fitted(addedFile, samples) : fromStart(addedFile));
    const own = ownFile && measure(fromStart(ownFile), samples);
    const measured = measure(addedSound(), samples);
    progress(0.8);
    const gains = balance(own, measured, added.kind);
    const mixed = (): Read =>
      sumOf(ownFile && fromStart(ownFile), fromDb(gains.own), addedSound(), fromDb(gains.added));
    const { trim, result } = trimmed(mixed, samples, own !== undefined && isRealSound(own));
    progress(0.9);
    const file = createPcm(work.output, samples);
    try {
      passThrough(finished(mixed, trim), samples, (sound) => {
        file.add(sound);
      });
    } finally {
      file.close();
    }
    progress(1);
    const real = own !== undefined && isRealSound(own);
    return {
      ...result,
      own: own === undefined ? 'absent' : real ? 'real' : 'silent',
      ...(real && { below: own.loudness + gains.own - measured.loudness - gains.added }),
      ...(added.kind === 'file' && { fit: fitFor(addedFile.length, samples) }),
    };
  } finally {
    addedFile.close();
    ownFile?.close();
  }
}

function finished(mixed: () => Read, trim: number): Read {
  const [read, gain] = [mixed(), fromDb(trim)];
  const scaled: Read = (out) => {
    read(out);
    for (let i = 0; i < out.left.length; i++) {
      out.left[i]! *= gain;
      out.right[i]! *= gain;
    }
  };
  return limited(scaled, fromDb(ceilingDbtp));
}

/**
 * The last decibels to the target, found by measuring what comes out of the limiter. Sound that balance has left softer on
 * purpose (its peaks would not bear it) stays so: real sound is moved by 2 dB at the most.
 */
function trimmed(mixed: () => Read, samples: number, real: boolean): { trim: number; result: Measured } {
  const most = real ? 2 : 12;
  let trim = 0;
  let result = measure(finished(mixed, trim), samples);
  for (let n = 1; n < attempts; n++) {
    const missing = targetLufs - result.loudness;
    if (!Number.isFinite(missing) || Math.abs(missing) < tolerance || Math.abs(trim + missing) > most) break;
    trim += missing;
    result = measure(finished(mixed, trim), samples);
  }
  return { trim, result };
}

function sumOf(own: Read | undefined, ownGain: number, added: Read, addedGain: number): Read {
  let spare = stereo(block);
  return (out) => {
    added(out);
    if (spare.left.length !== out.left.length) spare = stereo(out.left.length);
    const other = own && spare;
    if (other) own(other);
    for (let i = 0; i < out.left.length; i++) {
      out.left[i] = addedGain * out.left[i]! + (other ? ownGain * other.left[i]! : 0);
      out.right[i] = addedGain * out.right[i]! + (other ? ownGain * other.right[i]! : 0);
    }
  };
}
