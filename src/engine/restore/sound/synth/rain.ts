/**
 * Rain: the wash of thousands of drops far away, hundreds a second near enough to be told apart, now and then a bubble's
 * rising plink in a puddle, and the gutter.
 */
import type { VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { poisson, wander } from './envelope.ts';
import { chain, highpass, lowpass, peaking } from './filter.ts';
import { between, betweenRatios, pareto, pinkNoise, randomStream, whiteNoise } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';

export const rain: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'rain');
  const far = noiseBed(seed, 'rain far', pinkNoise, () =>
    chain(highpass(350), peaking(1800, 0.5, 4), lowpass(9500, 0.5)),
  );
  const near = noiseBed(seed, 'rain near', whiteNoise, () => chain(highpass(2600, 0.5), lowpass(9000, 0.5)));
  const ground = noiseBed(seed, 'rain ground', pinkNoise, () => chain(highpass(60), lowpass(260)));
  const [heavier, gusts, leaning] = [wander(random, 0.09), wander(random, 0.7), wander(random, 0.05)];
  const drops = dampedSines(600);
  const splashes = noiseBursts(random, 60);
  const [drop, splash, plink, gutter] = [poisson(random), poisson(random), poisson(random), poisson(random)];
  const gutterPan = between(random, -0.7, 0.7);
  const gutterHz = between(random, 420, 700);

  return (out, _seconds, { amount }) => {
    const strength = 1 + 0.3 * heavier() + 0.12 * gusts() + 0.25 * amount;
    const lean = 0.3 * leaning();
    out.left.fill(0);
    out.right.fill(0);
    far(out, 0.3 * strength);
    near(out, 0.035 * strength * strength);
    ground(out, 0.22 * strength);
    drop(420 * strength, (offset) => {
      drops.strike({
        offset,
        hz: betweenRatios(random, 1500, 9500),
        decay: betweenRatios(random, 0.002, 0.012),
        gain: 0.05 * pareto(random, 1.5, 10),
        pan: between(random, -1, 1) + lean,
      });
    });
    splash(38 * strength, (offset) => {
      splashes.burst({
        offset,
        hz: betweenRatios(random, 2200, 7500),
        q: 0.8,
        attack: 0.0008,
        decay: betweenRatios(random, 0.012, 0.05),
        gain: 0.075 * pareto(random, 1.8, 5),
        pan: between(random, -1, 1) + lean,
      });
    });
    plink(5 * strength, (offset) => {
      const hz = betweenRatios(random, 700, 3200);
      drops.strike({
        offset,
        hz,
        decay: 45 / hz + 0.01,
        gain: 0.05 * pareto(random, 2, 3),
        pan: between(random, -0.9, 0.9),
        glide: between(random, 1, 9),
      });
    });
    gutter(9 * strength, (offset) => {
      drops.strike({
        offset,
        hz: gutterHz * betweenRatios(random, 0.7, 1.9),
        decay: between(random, 0.03, 0.08),
        gain: 0.012 * pareto(random, 2, 3),
        pan: gutterPan,
        glide: between(random, 0.5, 4),
      });
    });
    drops.add(out);
    splashes.add(out);
  };
};
