/**
 * A street before motor cars: hooves and iron tyres on setts that come, pass and go the way the picture flows; people who
 * walk and talk a little way off, a bell now and then, and the town behind it all.
 */
import { quantum, quantumSeconds, stereo, type VoiceMaker } from './block.ts';
import { carriage } from './carriage.ts';
import { crowdOf } from './crowd.ts';
import { dampedSines } from './damped-sines.ts';
import { follower, poisson, samples, wander } from './envelope.ts';
import { chain, highpass, lowpass } from './filter.ts';
import { between, betweenRatios, brownNoise, exponential, pinkNoise, randomStream } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';
import { reverb } from './reverb.ts';

/** Partials of a church bell relative to its prime (hum, prime, tierce, quint, nominal and two above), and their weight. */
const bellPartials = [
  [0.5, 0.35, 1.4],
  [1, 0.6, 1],
  [1.19, 0.5, 0.7],
  [1.5, 0.25, 0.5],
  [2, 0.7, 0.5],
  [2.52, 0.3, 0.35],
  [3.01, 0.2, 0.25],
] as const;

export const street: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'street');
  const town = noiseBed(seed, 'town', brownNoise, () => chain(highpass(45), lowpass(320, 0.5)));
  const bustle = noiseBed(seed, 'bustle', pinkNoise, () => chain(highpass(250), lowpass(4500, 0.4)));
  const [near, far, hum] = [wander(random, 0.2), wander(random, 0.09), wander(random, 1.1)];
  const people = crowdOf(7, seed);
  const carriages = [0, 1].map((n) =>
    carriage(seed, `carriage ${n}`, n === 0 ? between(random, -3, -1) : between(random, 4, 9)),
  );
  const [bells, scuffs] = [dampedSines(160), noiseBursts(random, 24)];
  const passers = Array.from({ length: 3 }, () => ({
    next: between(random, 0, 3),
    until: between(random, 3, 12),
    hz: between(random, 1.5, 2.2),
    pan: between(random, -1, 1),
    goes: between(random, -0.12, 0.12),
    gain: betweenRatios(random, 0.3, 1),
  }));
  const clink = poisson(random);
  const church = {
    next: between(random, 6, 30),
    hz: between(random, 300, 420),
    left: 0,
    pan: between(random, -0.8, 0.8),
  };
  let bicycle = between(random, 5, 25);
  const lively = follower(0.3, 0.6, 1.5);
  const facades = reverb({ seconds: 1.1, metres: 8, dampingHz: 2600 });
  const [dry, talk] = [stereo(), stereo()];

  function bell(offset: number, hz: number, gain: number, seconds: number, pan: number): void {
    for (const [ratio, weight, length] of bellPartials) {
      bells.strike({
        offset,
        hz: hz * ratio * between(random, 0.998, 1.002),
        decay: seconds * length,
        gain: gain * weight,
        pan,
      });
    }
  }

  function ring(seconds: number): void {
    if (seconds > church.next) {
      if (church.left === 0) church.left = 3 + Math.floor(random() * 5);
      bell(0, church.hz, 0.006, 3.5, church.pan);
      church.left--;
      church.next = seconds + (church.left > 0 ? 1.9 : 25 + exponential(random, 40));
    }
    if (seconds > bicycle) {
      const pan = between(random, -0.8, 0.8);
      for (let n = 0; n < 7; n++) bell(samples(n * 0.055), 2350, 0.006 * (1 - n / 12), 0.5, pan);
      bicycle = seconds + 15 + exponential(random, 30);
    }
  }

  function walk(seconds: number): void {
    for (const one of passers) {
      if (seconds > one.until) {
        one.next = seconds + exponential(random, 3);
        one.until = one.next + between(random, 4, 12);
        one.pan = between(random, -1, 1);
        one.goes = between(random, -0.15, 0.15);
        one.gain = betweenRatios(random, 0.3, 1);
      }
      if (seconds < one.next) continue;
      const gain = one.gain * between(random, 0.7, 1.1);
      scuffs.burst({
        offset: 0,
        hz: between(random, 1300, 1900),
        q: 0.7,
        attack: 0.001,
        decay: 0.04,
        gain: 0.035 * gain,
        pan: one.pan,
      });
      scuffs.burst({ offset: 0, hz: 160, q: 1.2, attack: 0.002, decay: 0.09, gain: 0.03 * gain, pan: one.pan });
      one.next += (1 / one.hz) * between(random, 0.97, 1.03);
      one.pan += one.goes / one.hz;
    }
  }

  return (out, seconds, { amount, flow }) => {
    const life = lively(amount);
    dry.left.fill(0);
    dry.right.fill(0);
    for (const pass of carriages) pass(dry, seconds, flow, life);
    ring(seconds);
    walk(seconds + quantumSeconds);
    clink(0.5 + life, (offset) => {
      const pan = between(random, -0.9, 0.9);
      const hz = betweenRatios(random, 1300, 4200);
      bells.strike({ offset, hz, decay: between(random, 0.05, 0.2), gain: betweenRatios(random, 0.001, 0.006), pan });
      bells.strike({ offset, hz: hz * 1.47, decay: 0.08, gain: 0.002, pan });
    });
    bells.add(dry);
    scuffs.add(dry);
    talk.left.fill(0);
    talk.right.fill(0);
    people(talk, life);
    for (let i = 0; i < quantum; i++) {
      dry.left[i]! += 0.22 * talk.left[i]!;
      dry.right[i]! += 0.22 * talk.right[i]!;
    }
    town(dry, 0.11 * (1 + 0.3 * far() + 0.15 * hum()));
    bustle(dry, 0.04 * (1 + 0.35 * near() + 0.5 * life));
    out.left.set(dry.left);
    out.right.set(dry.right);
    facades(dry, out, 0.22);
  };
};
