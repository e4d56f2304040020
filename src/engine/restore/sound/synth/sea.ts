/**
 * The sea on a beach: waves that overlap, each gathering, breaking and running back with a fizz of foam, over a surf that
 * never quite stops. No two come alike or at an even pace.
 */
import { quantum, quantumSeconds, type Stereo, type VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { placed, poisson, wander } from './envelope.ts';
import { chain, highpass, lowpass, sweptFilter } from './filter.ts';
import {
  between,
  betweenRatios,
  brownNoise,
  pareto,
  pinkNoise,
  type Random,
  randomStream,
  whiteNoise,
} from './noise.ts';
import { noiseBed } from './noise-bed.ts';

interface Wave {
  readonly start: number;
  /** Seconds it takes to gather, and to run back after it has broken. */
  readonly gathers: number;
  readonly runsBack: number;
  readonly size: number;
  readonly pan: number;
  readonly drift: number;
}

function nextWave(random: Random, start: number): Wave {
  return {
    start,
    gathers: between(random, 2.4, 4.2),
    runsBack: between(random, 3.5, 6.5),
    size: betweenRatios(random, 0.45, 1.25),
    pan: between(random, -0.7, 0.7),
    drift: between(random, -0.5, 0.5),
  };
}

/** Loudness of the roar, of the foam, and how open the sound is, at `seconds` after the start of a wave; all 0..1. */
function shapeOf(wave: Wave, seconds: number): { roar: number; foam: number; open: number } {
  const { gathers, runsBack } = wave;
  if (seconds < 0 || seconds > gathers + runsBack) return { roar: 0, foam: 0, open: 0 };
  if (seconds < gathers) {
    const x = seconds / gathers;
    return { roar: x ** 3, foam: 0.5 * x ** 8, open: 0.55 * x ** 4 };
  }
  const x = (seconds - gathers) / runsBack;
  const crash = Math.min(1, (seconds - gathers) / 0.25);
  const fade = (1 - x) ** 2;
  return {
    roar: (1 - x) ** 3.2 * (1 + 0.35 * crash * Math.exp(-6 * x)),
    foam: (0.5 + 0.5 * crash) * (0.35 + 0.65 * x ** 0.4) * fade,
    open: 0.55 + 0.45 * crash * Math.exp(-3 * x) - 0.35 * x,
  };
}

/** One of three that take turns, so that a wave may gather while the last runs back. */
function breaker(seed: number, name: string, firstStart: number): (out: Stereo, seconds: number) => number {
  const random = randomStream(seed, name);
  const [roarNoise, foamNoise] = [pinkNoise(random), whiteNoise(randomStream(seed, `${name} foam`))];
  const foamTop = lowpass(7500, 0.5);
  const [roarTone, foamTone] = [sweptFilter('low'), sweptFilter('high')];
  const [roarPlace, foamPlace] = [placed(), placed()];
  const [ripple, churn] = [wander(random, 3), wander(random, 11)];
  const body = highpass(45);
  const buffer = new Float32Array(quantum);
  let wave = nextWave(random, firstStart);
  return (out, seconds) => {
    if (seconds > wave.start + wave.gathers + wave.runsBack) wave = nextWave(random, seconds + between(random, 0.3, 6));
    const since = seconds - wave.start;
    const { roar, foam, open } = shapeOf(wave, since);
    const pan = wave.pan + wave.drift * (since / (wave.gathers + wave.runsBack));
    const rough = 1 + 0.22 * ripple() + 0.14 * churn();
    roarNoise(buffer);
    body(buffer);
    roarTone(buffer, 140 + 5200 * open * open * wave.size, 0.6);
    roarPlace(out, buffer, 0.95 * wave.size * roar * rough, pan);
    foamNoise(buffer);
    foamTone(buffer, 2600 + 1600 * (1 - foam), 0.6);
    foamTop(buffer);
    foamPlace(out, buffer, 0.16 * wave.size * foam * rough, pan * 0.6);
    return foam * wave.size;
  };
}

export const sea: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'sea');
  const surf = noiseBed(seed, 'surf', pinkNoise, () => chain(highpass(70), lowpass(1100, 0.5)));
  const deep = noiseBed(seed, 'deep', brownNoise, () => chain(highpass(28), lowpass(110)));
  const breeze = noiseBed(seed, 'breeze', pinkNoise, () => chain(highpass(900), lowpass(4500, 0.5)));
  const [surfLevel, deepLevel, breezeLevel] = [wander(random, 0.21), wander(random, 0.3), wander(random, 0.13)];
  // The first wave is on its way when the clip begins, so that a two-second clip hears one break.
  const breakers = [0, 1, 2].map((n) =>
    breaker(seed, `breaker ${n}`, -between(random, 1.2, 2.2) + n * between(random, 3, 4.5)),
  );
  const bubbles = dampedSines(300);
  const bubble = poisson(random);

  return (out, seconds, { amount }) => {
    out.left.fill(0);
    out.right.fill(0);
    let foam = 0;
    for (const one of breakers) foam += one(out, seconds + quantumSeconds);
    surf(out, 0.13 * (1 + 0.35 * surfLevel() + 0.5 * amount));
    deep(out, 0.4 * (1 + 0.4 * deepLevel()));
    breeze(out, 0.022 * (1 + 0.5 * breezeLevel()));
    bubble(650 * foam, (offset) => {
      bubbles.strike({
        offset,
        hz: betweenRatios(random, 1600, 8500),
        decay: betweenRatios(random, 0.003, 0.012),
        gain: 0.012 * pareto(random, 1.7, 6),
        pan: between(random, -0.9, 0.9),
        glide: between(random, 0, 10),
      });
    });
    bubbles.add(out);
  };
};
