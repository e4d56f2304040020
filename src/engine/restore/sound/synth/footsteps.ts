/**
 * Footsteps on paving: a heel, the ball of the foot a tenth of a second later, grit under the sole. In step with the
 * picture when its motion repeats as walking does, else at a walker's usual 108 a minute; silent while nothing moves.
 */
import { quantumSeconds, stereo, type VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { follower, poisson, samples, wander } from './envelope.ts';
import { chain, highpass, lowpass } from './filter.ts';
import { between, betweenRatios, pinkNoise, randomStream } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';
import { reverb } from './reverb.ts';

/** Steps a second of an unhurried walk (Bohannon, 1997: 1.7 to 2 at comfortable speed). */
const usualCadence = 1.8;

export const footsteps: VoiceMaker = ({ seed, cadence }) => {
  const random = randomStream(seed, 'footsteps');
  const hz = cadence?.hz ?? usualCadence;
  // A person keeps time to some 2 %; one who is followed by the picture keeps it around the picture's own beat.
  const [tempo, weight] = [wander(random, 0.4), wander(random, 0.7)];
  const [strikes, scuffs] = [dampedSines(300), noiseBursts(random, 40)];
  const air = noiseBed(seed, 'air', pinkNoise, () => chain(highpass(90), lowpass(900, 0.5)));
  const street = reverb({ seconds: 0.8, metres: 5, dampingHz: 3200 });
  const speck = poisson(random);
  const walking = follower(0, 0.05, 0.25);
  const dry = stereo();
  const sole = { heel: between(random, 0.9, 1.12), hard: between(random, 0.7, 1.2) };
  let next = firstStep(cadence?.phaseSeconds ?? between(random, 0.1, 0.4), hz);
  let [steps, gritty] = [0, 0];

  function step(offset: number, force: number): void {
    const foot = steps++ % 2 === 0 ? 1 : -1;
    const pan = 0.07 * foot;
    const heel = sole.heel * (1 + 0.03 * foot) * between(random, 0.96, 1.04);
    const hit = force * between(random, 0.8, 1.1) * (1 + 0.06 * foot);
    for (const [mode, decay, gain] of [
      [78, 0.1, 0.6],
      [142, 0.08, 0.8],
      [265, 0.05, 0.5],
      [610, 0.035, 0.5],
      [1340, 0.022, 0.4],
      [2350, 0.013, 0.16],
    ] as const) {
      strikes.strike({ offset, hz: mode * heel, decay, gain: 0.3 * hit * gain * (mode > 500 ? sole.hard : 1), pan });
    }
    scuffs.burst({ offset, hz: 1500 * heel, q: 0.6, attack: 0.0012, decay: 0.07, gain: 0.42 * hit * sole.hard, pan });
    const toe = offset + samples(between(random, 0.085, 0.12) * Math.min(1, usualCadence / hz));
    for (const [mode, decay, gain] of [
      [110, 0.06, 0.5],
      [230, 0.04, 0.35],
      [830, 0.02, 0.12],
    ] as const) {
      strikes.strike({ offset: toe, hz: mode * heel, decay, gain: 0.3 * hit * gain, pan });
    }
    scuffs.burst({
      offset: toe,
      hz: 3100,
      endHz: 2100,
      q: 0.5,
      attack: 0.012,
      decay: between(random, 0.07, 0.14),
      gain: 0.2 * hit,
      pan,
    });
    gritty = 1;
  }

  return (out, seconds, { amount }) => {
    const level = walking(Math.min(1, amount / 0.04));
    dry.left.fill(0);
    dry.right.fill(0);
    while (next < seconds + quantumSeconds) {
      const offset = Math.max(0, samples(next - seconds) - 1);
      if (level > 0.15) step(offset, level * (0.75 + 0.35 * amount + 0.12 * weight()));
      next += 1 / (hz * (1 + 0.02 * tempo())) + between(random, -0.008, 0.008);
    }
    gritty *= 1 - quantumSeconds / 0.09;
    speck(160 * gritty * level, (offset) => {
      strikes.strike({
        offset,
        hz: betweenRatios(random, 2400, 7500),
        decay: 0.006,
        gain: betweenRatios(random, 0.004, 0.03),
        pan: between(random, -0.3, 0.3),
      });
    });
    strikes.add(dry);
    scuffs.add(dry);
    for (const channel of [dry.left, dry.right]) {
      // The ear, and any microphone, gives way a little under a blow: rounded, a step can be as loud without clipping.
      for (let i = 0; i < channel.length; i++) channel[i] = Math.tanh(4 * channel[i]!) / 4;
    }
    air(dry, 0.012);
    out.left.set(dry.left);
    out.right.set(dry.right);
    street(dry, out, 0.22);
  };
};

/** The first step at or after the beginning, given the time of any one. */
function firstStep(phaseSeconds: number, hz: number): number {
  return phaseSeconds - Math.floor(phaseSeconds * hz) / hz;
}
