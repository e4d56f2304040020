/** Sound on disk as it is worked on: raw 48 kHz stereo float32, interleaved, read and written in blocks; and WAV, for ffmpeg. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { sampleRate, type Stereo } from './synth/block.ts';

const bytesPerSample = 8;

export interface PcmReader {
  /** Whole stereo samples in the file. */
  readonly length: number;
  /** Fills `out` from sample `position` on; what lies outside the file is silence. */
  read(out: Stereo, position: number): void;
  close(): void;
}

/** Opens a raw file. Blocking reads: for worker threads. */
export function openPcm(path: string): PcmReader {
  const file = openSync(path, 'r');
  const length = Math.floor(fstatSync(file).size / bytesPerSample);
  let interleaved = new Float32Array(0);
  return {
    length,
    read({ left, right }, position) {
      if (interleaved.length !== 2 * left.length) interleaved = new Float32Array(2 * left.length);
      interleaved.fill(0);
      const from = Math.max(0, -position);
      const count = Math.min(left.length, length - position) - from;
      if (count > 0) {
        const bytes = new Uint8Array(interleaved.buffer, from * bytesPerSample, count * bytesPerSample);
        let [done, got] = [0, 1];
        while (done < bytes.length && got > 0) {
          got = readSync(file, bytes, done, bytes.length - done, (position + from) * bytesPerSample + done);
          done += got;
        }
      }
      for (let i = 0; i < left.length; i++) {
        left[i] = interleaved[2 * i]!;
        right[i] = interleaved[2 * i + 1]!;
      }
    },
    close() {
      closeSync(file);
    },
  };
}

export interface PcmWriter {
  add(sound: Stereo): void;
  close(): void;
}

/** Creates a raw file, or with `wavSamples` a WAV of so many stereo samples. Blocking writes: for worker threads. */
export function createPcm(path: string, wavSamples?: number): PcmWriter {
  const file = openSync(path, 'w');
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  let interleaved = new Float32Array(0);
  if (wavSamples !== undefined) write(wavHeader(wavSamples));
  return {
    add({ left, right }) {
      if (interleaved.length !== 2 * left.length) interleaved = new Float32Array(2 * left.length);
      for (let i = 0; i < left.length; i++) {
        interleaved[2 * i] = left[i]!;
        interleaved[2 * i + 1] = right[i]!;
      }
      write(new Uint8Array(interleaved.buffer));
    },
    close() {
      closeSync(file);
    },
  };
}

/**
 * Header of a float32 stereo WAV at 48 kHz (RIFF, format 3). Sizes that 32 bits cannot hold (3.1 hours) are written as the
 * largest number, which ffmpeg reads as "to the end of the file".
 */
export function wavHeader(samples: number): Uint8Array {
  const header = Buffer.alloc(58);
  const dataBytes = Math.min(0xffffffff, samples * bytesPerSample);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(0xffffffff, dataBytes + 50), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(18, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * bytesPerSample, 28);
  header.writeUInt16LE(bytesPerSample, 32);
  header.writeUInt16LE(32, 34);
  header.write('fact', 38, 'latin1');
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(Math.min(0xffffffff, samples), 46);
  header.write('data', 50, 'latin1');
  header.writeUInt32LE(dataBytes, 54);
  return header;
}
