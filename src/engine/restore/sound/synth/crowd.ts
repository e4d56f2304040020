/**
 * A crowd: two dozen people who talk near enough to be told apart and too far to be understood, over the murmur of the
 * many more behind them, in a place that throws the sound back.
 */
import { quantum, stereo, type VoiceMaker } from './block.ts';
import { follower, placed, poisson, wander } from './envelope.ts';
import { chain, highpass, lowpass, peaking } from './filter.ts';
import { between, betweenRatios, pinkNoise, randomStream } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';
import { reverb } from './reverb.ts';
import { speaker } from './speaker.ts';

/** The long-term spectrum of speech (Byrne et al., 1994): a hump at 500 Hz, -9 dB an octave above, little below 100 Hz. */
function speechTone(): ReturnType<typeof chain> {
  return chain(highpass(130), peaking(450, 0.7, 6), lowpass(900, 0.5), lowpass(3800, 0.5));
}

/** `talkers` people, to be heard by themselves or behind something else. */
export function crowdOf(
  talkers: number,
  seed: number,
): (out: { left: Float32Array; right: Float32Array }, excitement: number) => void {
  const random = randomStream(seed, 'crowd');
  const people = Array.from({ length: talkers }, (_, n) => ({
    talk: speaker(seed, `person ${n}`),
    place: placed(),
    pan: between(random, -0.95, 0.95),
    strolls: wander(random, 0.05),
    // Loudness falls with distance, and highs with it.
    gain: betweenRatios(random, 0.22, 1),
    dull: lowpass(betweenRatios(random, 2200, 6500), 0.6),
  }));
  const buffer = new Float32Array(quantum);
  return (out, excitement) => {
    for (const person of people) {
      person.talk(buffer, excitement);
      person.dull(buffer);
      person.place(out, buffer, person.gain * (0.85 + 0.25 * excitement), person.pan + 0.25 * person.strolls());
    }
  };
}

export const crowd: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'crowd place');
  const people = crowdOf(24, seed);
  const murmur = [0, 1, 2].map((n) => ({
    bed: noiseBed(seed, `murmur ${n}`, pinkNoise, speechTone),
    // Many voices at once still pulse at the rate of syllables, three to six a second.
    pulse: wander(random, 3.5 + 1.3 * n),
    swell: wander(random, 0.16),
  }));
  const shuffle = noiseBursts(random, 24);
  const shuffles = poisson(random);
  const excited = follower(0.2, 0.4, 1.5);
  const square = reverb({ seconds: 1.1, metres: 9, dampingHz: 2600 });
  const dry = stereo();

  return (out, _seconds, { amount, approach }) => {
    const excitement = excited(Math.min(1, 0.7 * amount + 0.5 * Math.max(0, approach)));
    dry.left.fill(0);
    dry.right.fill(0);
    people(dry, excitement);
    for (const { bed, pulse, swell } of murmur) {
      bed(dry, 0.04 * (0.85 + 0.3 * excitement) * (1 + 0.3 * pulse() + 0.25 * swell()));
    }
    shuffles(3.5 + 5 * excitement, (offset) => {
      shuffle.burst({
        offset,
        hz: betweenRatios(random, 900, 3200),
        q: 0.6,
        attack: 0.02,
        decay: between(random, 0.08, 0.3),
        gain: betweenRatios(random, 0.002, 0.012),
        pan: between(random, -0.9, 0.9),
      });
    });
    shuffle.add(dry);
    for (let i = 0; i < quantum; i++) {
      out.left[i] = 0.75 * dry.left[i]!;
      out.right[i] = 0.75 * dry.right[i]!;
    }
    square(dry, out, 0.22);
  };
};
