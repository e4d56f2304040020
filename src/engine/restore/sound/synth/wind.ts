/**
 * Wind: air that rushes in gusts, heard through whatever stands in its way. Each obstacle sings in a band that rises and
 * narrows as the wind freshens (Farnell, Designing Sound, 2010, ch. 41); a gust reaches the places one after another.
 */
import { quantum, type VoiceMaker } from './block.ts';
import { follower, placed, wander } from './envelope.ts';
import { chain, highpass, lowpass, sweptFilter } from './filter.ts';
import { between, betweenRatios, brownNoise, pinkNoise, randomStream } from './noise.ts';
import { noiseBed } from './noise-bed.ts';

/** A post, a branch, a wire, a chimney: base pitch in Hz, and how narrow its band is at rest and in a gust. */
const obstacles = [
  { hz: 150, q: 1.2, gustQ: 2, gain: 1.0 },
  { hz: 260, q: 1.6, gustQ: 3.5, gain: 0.8 },
  { hz: 430, q: 2.5, gustQ: 7, gain: 0.5 },
  { hz: 640, q: 4, gustQ: 16, gain: 0.24 },
  { hz: 980, q: 6, gustQ: 26, gain: 0.1 },
] as const;

export const wind: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'wind');
  const [slow, middling, quick] = [wander(random, 0.11), wander(random, 0.37), wander(random, 1.6)];
  const rush = noiseBed(seed, 'rush', pinkNoise, () => chain(highpass(60), lowpass(420, 0.5)));
  const buffet = noiseBed(seed, 'buffet', brownNoise, () => chain(highpass(30), lowpass(120)));
  const leaves = noiseBed(seed, 'leaves', pinkNoise, () => chain(highpass(1800, 0.5), lowpass(7000, 0.5)));
  const [rustle, flap] = [wander(random, 5.5), wander(random, 9)];
  const singers = obstacles.map((obstacle, n) => {
    const own = randomStream(seed, `obstacle ${n}`);
    return {
      ...obstacle,
      hz: obstacle.hz * betweenRatios(own, 0.85, 1.18),
      noise: pinkNoise(own),
      tone: sweptFilter('band'),
      place: placed(),
      pan: between(own, -0.9, 0.9),
      drift: wander(own, 0.07),
      bend: wander(own, 0.6),
      arrives: follower(0.3, between(own, 0.15, 0.7)),
    };
  });
  const fresh = follower(0.4, 0.5, 1.1);
  const buffer = new Float32Array(quantum);

  return (out, _seconds, { amount, flow }) => {
    // Squared, so that lulls are long and gusts stand out.
    const gust = (0.55 + 0.26 * slow() + 0.2 * middling() + 0.07 * quick()) ** 2 * 1.7;
    const strength = fresh(Math.min(1.4, Math.max(0.12, gust + 0.3 * amount)));
    out.left.fill(0);
    out.right.fill(0);
    rush(out, 0.5 * (0.25 + strength));
    buffet(out, 0.5 * strength * strength * (1 + 0.6 * flap()));
    leaves(out, 0.05 * strength * strength * (1 + 0.45 * rustle()));
    for (const one of singers) {
      const force = one.arrives(strength);
      const hz = one.hz * (0.75 + 0.55 * force + 0.06 * one.bend());
      const q = one.q + (one.gustQ - one.q) * Math.min(1, force);
      one.noise(buffer);
      one.tone(buffer, hz, q);
      const pan = one.pan + 0.4 * one.drift() + Math.tanh(2 * flow) * 0.4;
      one.place(out, buffer, 1.9 * one.gain * Math.sqrt(q) * force ** 1.3, pan);
    }
  };
};
