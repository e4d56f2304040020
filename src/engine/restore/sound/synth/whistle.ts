/** A steam whistle: a chord of stopped pipes that scoops up to pitch, with breath in it. Blown once in a minute or so. */
import { quantum, type Stereo } from './block.ts';
import { placed, wander } from './envelope.ts';
import { sweptFilter } from './filter.ts';
import { between, randomStream, whiteNoise } from './noise.ts';
import { sine } from './oscillator.ts';

/** Pipes in Hz: single French and British whistles, and a three-pipe chime. */
const chords: readonly (readonly number[])[] = [[698], [622, 784], [392, 494, 587]];

/** Loudness 0..1 at `since` seconds into a blow of `length` seconds. */
function breath(since: number, length: number): number {
  if (since <= 0 || since >= length + 0.25) return 0;
  const rise = Math.min(1, since / 0.09);
  const fall = since < length ? 1 : 1 - (since - length) / 0.25;
  return rise * rise * (3 - 2 * rise) * fall * fall;
}

/** Adds the whistle to `out` when it blows: `pitch` is the Doppler factor. Clips under 12 s hear none. */
export function whistle(seed: number, clipSeconds: number): (out: Stereo, seconds: number, pitch: number) => void {
  const random = randomStream(seed, 'whistle');
  const pipes = chords[Math.floor(random() * chords.length)]!.map((hz) => ({
    hz: hz * between(random, 0.99, 1.01),
    partials: [1, 3, 2, 5].map((n) => ({ n, tone: sine(random()) })),
    air: whiteNoise(randomStream(seed, `pipe ${hz}`)),
    tone: sweptFilter('band'),
    shake: wander(random, 5),
    place: placed(),
    last: hz,
  }));
  const gains = [1, 0.22, 0.12, 0.05];
  let next = clipSeconds < 12 ? Infinity : between(random, 0.15, 0.7) * Math.min(clipSeconds, 45);
  let [length, level] = [between(random, 0.7, 1.5), 0];
  const buffer = new Float32Array(quantum);
  return (out, seconds, pitch) => {
    const before = level;
    level = breath(seconds - next, length);
    if (seconds > next + length + 0.3) {
      next = seconds + between(random, 40, 80);
      length = between(random, 0.7, 1.6);
    }
    if (level === 0 && before === 0) return;
    for (const pipe of pipes) {
      const scoop = 1 - 0.07 * (1 - level) ** 1.5;
      const hz = pipe.hz * pitch * scoop * (1 + 0.004 * pipe.shake());
      pipe.air(buffer);
      pipe.tone(buffer, hz * 1.01, 18);
      for (let i = 0; i < quantum; i++) buffer[i]! *= 0.5 * (before + ((level - before) * i) / quantum);
      pipe.partials.forEach(({ n, tone }, i) => {
        tone(buffer, pipe.last * n, hz * n, gains[i]! * before * before, gains[i]! * level * level);
      });
      pipe.last = hz;
      pipe.place(out, buffer, 0.12 / Math.sqrt(pipes.length), 0);
    }
  };
}
