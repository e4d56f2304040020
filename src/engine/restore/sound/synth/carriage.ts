/** A horse and carriage that comes, passes and goes: shod hooves in a walk or a trot, iron tyres over setts, harness. */
import { quantum, type Stereo } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { clock, placed, samples, wander } from './envelope.ts';
import { bandpass, chain, lowpass, sweptFilter } from './filter.ts';
import { between, betweenRatios, exponential, pinkNoise, randomStream } from './noise.ts';
import { noiseBursts } from './noise-bursts.ts';

/** When the four feet come down in one stride: four even beats in a walk, diagonal pairs in a trot. */
const gaits = {
  walk: { strides: 0.95, feet: [0, 0.26, 0.5, 0.75] },
  trot: { strides: 1.45, feet: [0, 0.03, 0.5, 0.525] },
} as const;

/** Hollow "clop" of a hoof and the ring of its shoe: Hz, seconds, gain. */
const hoof = [
  [310, 0.035, 1],
  [560, 0.04, 0.9],
  [1150, 0.03, 0.55],
  [2300, 0.02, 0.25],
  [3900, 0.03, 0.1],
] as const;

/** Adds a carriage to `out` when one passes; `flow` sets its direction, `life` (0..1) how often one comes. */
export function carriage(
  seed: number,
  name: string,
  firstStart: number,
): (out: Stereo, seconds: number, flow: number, life: number) => void {
  const random = randomStream(seed, name);
  const [strikes, dirt] = [dampedSines(240), noiseBursts(random, 30)];
  const rumbleNoise = pinkNoise(randomStream(seed, `${name} wheels`));
  const rumbleTone = chain(bandpass(210, 0.6), lowpass(2500, 0.5));
  const distance = sweptFilter('low');
  const [jolt, roll] = [wander(random, 17), wander(random, 4)];
  const [stride, sett] = [clock(random()), clock(random())];
  const wheels = placed();
  const buffer = new Float32Array(quantum);
  let pass = newPass(firstStart, 1);

  function newPass(start: number, direction: number) {
    return {
      start,
      seconds: between(random, 8, 14),
      gait: random() < 0.55 ? gaits.trot : gaits.walk,
      direction: random() < 0.8 ? direction : -direction,
      heavy: between(random, 0.6, 1.2),
      tune: betweenRatios(random, 0.85, 1.18),
    };
  }

  function clop(offset: number, gain: number, pan: number): void {
    const tune = pass.tune * between(random, 0.93, 1.07);
    for (const [hz, decay, part] of hoof) {
      strikes.strike({
        offset,
        hz: hz * tune,
        decay: decay * between(random, 0.8, 1.2),
        gain: 0.21 * gain * part,
        pan,
      });
    }
    dirt.burst({ offset, hz: 1600 * tune, q: 0.7, attack: 0.001, decay: 0.03, gain: 0.13 * gain, pan });
  }

  return (out, seconds, flow, life) => {
    const x = (seconds - pass.start) / pass.seconds;
    if (x > 1)
      pass = newPass(seconds + exponential(random, 8 - 5 * life), Math.sign(flow) || (random() < 0.5 ? 1 : -1));
    if (x < 0 || x > 1) return;
    // It drives past at 5 m: distance in metres from -35 to 35 and back to loudness.
    const along = (x - 0.5) * 70;
    const near = 5 / Math.hypot(along, 5);
    const edge = Math.min(1, 6 * x, 6 * (1 - x));
    const gain = edge * near ** 0.8;
    const pan = pass.direction * Math.max(-0.95, Math.min(0.95, along / 14));
    stride(pass.gait.strides, (offset) => {
      for (const foot of pass.gait.feet) {
        const late = (foot + between(random, 0, 0.02)) / pass.gait.strides;
        clop(offset + samples(late), gain * between(random, 0.7, 1.1), pan);
      }
      if (random() < 0.6)
        strikes.strike({
          offset: offset + samples(between(random, 0.1, 0.5)),
          hz: betweenRatios(random, 3200, 5600),
          decay: 0.09,
          gain: 0.008 * gain,
          pan,
        });
    });
    // Setts are a hand's breadth apart: at 2 to 3 m/s the tyres knock some fifteen times a second.
    sett(pass.gait.strides * 12.5, (offset) => {
      const knock = gain * pass.heavy * betweenRatios(random, 0.2, 1);
      dirt.burst({
        offset: offset + Math.floor(random() * 900),
        hz: betweenRatios(random, 380, 1500),
        q: 0.8,
        attack: 0.001,
        decay: 0.035,
        gain: 0.06 * knock,
        pan,
      });
    });
    rumbleNoise(buffer);
    rumbleTone(buffer);
    distance(buffer, 900 + 6000 * near, 0.6);
    wheels(out, buffer, 0.2 * gain * pass.heavy * (1 + 0.35 * jolt() + 0.2 * roll()), pan);
    strikes.add(out);
    dirt.add(out);
  };
}
