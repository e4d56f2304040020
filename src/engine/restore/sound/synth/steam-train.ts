/**
 * A steam train: four exhaust beats a turn of the driving wheels, as fast as the picture moves; steam that leaks, wheels
 * over rail joints, and seldom the whistle. It opens up and rises in pitch as it comes near.
 */
import { stereo, type Stereo, type VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { clock, follower, poisson, samples, wander } from './envelope.ts';
import { bandpass, chain, highpass, lowpass, sweptFilter } from './filter.ts';
import { between, betweenRatios, brownNoise, pinkNoise, randomStream, whiteNoise } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';
import { reverb } from './reverb.ts';
import { whistle } from './whistle.ts';

/** Beats are never even: valves are set by hand. */
const accents = [1, 0.7, 0.88, 0.64] as const;

/** Metres a second, exhaust beats a metre (four a turn of a 1.6 m wheel), metres of rail, and metres between two axles. */
const topSpeed = 7.5;
const beatsPerMetre = 4 / (Math.PI * 1.6);
const railLength = 9;
const axleSpacing = [0, 2.1, 6.3, 8.2] as const;

/** Exhaust beats a second when the picture moves by `amount` (0..1); 0 when the train stands. */
export function chuffRate(amount: number): number {
  return amount < 0.03 ? 0 : topSpeed * beatsPerMetre * (0.16 + 0.84 * Math.min(1, amount));
}

export const steamTrain: VoiceMaker = ({ seed, seconds: length }) => {
  const random = randomStream(seed, 'train');
  const speed = follower(0, 0.5, 0.9);
  const [puffs, irons] = [noiseBursts(random, 24), dampedSines(200)];
  const [beat, joint, pump, drip] = [clock(random()), clock(random()), clock(random()), poisson(random)];
  const hiss = noiseBed(seed, 'hiss', whiteNoise, () => chain(highpass(3200, 0.6), lowpass(10500)));
  const boil = noiseBed(seed, 'boil', pinkNoise, () => chain(bandpass(520, 0.8)));
  const rumble = noiseBed(seed, 'rumble', brownNoise, () => chain(highpass(32), lowpass(95)));
  const roll = noiseBed(seed, 'roll', pinkNoise, () => chain(highpass(140), lowpass(750, 0.6)));
  const [leak, sway, clatter] = [wander(random, 0.4), wander(random, 1.4), wander(random, 6)];
  const opening = [sweptFilter('low'), sweptFilter('low')] as const;
  const outdoors = reverb({ seconds: 1.5, metres: 17, dampingHz: 2200 });
  const horn = whistle(seed, length);
  const near = follower(0, 0.25);
  const bend = follower(0, 0.2);
  const dry = stereo();
  let beats = 0;
  let rate = 0;

  function chuff(offset: number, force: number, swift: number, pitch: number): void {
    const gain = accents[beats++ % 4]! * between(random, 0.85, 1.1) * force;
    // Notched up, the beats get shorter and sharper.
    const [attack, decay] = [0.016 - 0.009 * swift, 0.42 - 0.24 * swift];
    const pan = between(random, -0.08, 0.08);
    puffs.burst({ offset, hz: 520 * pitch, endHz: 150, q: 0.75, attack, decay, gain: 0.42 * gain, pan });
    puffs.burst({
      offset,
      hz: 1700 * pitch,
      endHz: 700,
      q: 0.5,
      attack: attack * 0.7,
      decay: decay * 0.55,
      gain: 0.26 * gain,
      pan,
    });
    puffs.burst({
      offset,
      hz: 5200,
      endHz: 3000,
      q: 0.5,
      attack: attack * 2.2,
      decay: decay * 0.8,
      gain: 0.06 * gain,
      pan,
    });
    irons.strike({
      offset,
      hz: 58 * pitch * between(random, 0.95, 1.05),
      decay: 0.22,
      gain: 0.16 * gain,
      pan,
      glide: -2,
    });
  }

  function clack(offset: number, gain: number): void {
    const pan = between(random, -0.25, 0.25);
    for (const [hz, decay, part] of [
      [190, 0.09, 1],
      [460, 0.06, 0.8],
      [1080, 0.045, 0.55],
      [1930, 0.03, 0.4],
      [3100, 0.02, 0.2],
    ] as const) {
      irons.strike({ offset, hz: hz * between(random, 0.96, 1.04), decay, gain: 0.12 * gain * part, pan });
    }
    puffs.burst({ offset, hz: 1500, q: 0.6, attack: 0.001, decay: 0.03, gain: 0.1 * gain, pan });
  }

  function standing(calm: number): void {
    // The brake pump pants while it waits.
    pump(1.15, (offset) => {
      puffs.burst({ offset, hz: 900, endHz: 400, q: 0.8, attack: 0.03, decay: 0.3, gain: 0.09 * calm, pan: 0.1 });
      irons.strike({ offset: offset + samples(0.21), hz: 140, decay: 0.1, gain: 0.1 * calm, pan: 0.1 });
      irons.strike({ offset: offset + samples(0.21), hz: 410, decay: 0.06, gain: 0.06 * calm, pan: 0.1 });
    });
    drip(2.5 * calm, (offset) => {
      irons.strike({
        offset,
        hz: betweenRatios(random, 900, 3000),
        decay: 0.02,
        gain: 0.012,
        pan: between(random, -0.5, 0.5),
      });
    });
  }

  function open(out: Stereo, hz: number): void {
    opening[0](out.left, hz, 0.6);
    opening[1](out.right, hz, 0.6);
  }

  return (out, seconds, motion) => {
    const going = speed(motion.amount);
    const nearness = near(motion.nearness);
    const pitch = 1 + 0.045 * bend(motion.approach);
    rate = chuffRate(going);
    const moves = Math.min(1, going / 0.06);
    const metres = rate / beatsPerMetre;
    dry.left.fill(0);
    dry.right.fill(0);
    if (rate > 0) {
      beat(rate * pitch, (offset) => {
        chuff(offset, 0.9 + 0.3 * going, going, pitch);
      });
      joint((metres * pitch) / railLength, (offset) => {
        for (const axle of axleSpacing) {
          clack(
            offset + samples((axle + between(random, 0, 0.06)) / metres),
            (0.4 + 0.6 * going) * between(random, 0.6, 1.1),
          );
        }
      });
    }
    standing(1 - moves);
    puffs.add(dry);
    irons.add(dry);
    hiss(dry, (0.014 + 0.02 * (1 - moves) + 0.012 * going) * (1 + 0.5 * leak()));
    boil(dry, 0.05 * (1 + 0.3 * clatter()));
    rumble(dry, 0.3 * going * (1 + 0.3 * sway()));
    roll(dry, 0.16 * going * (1 + 0.35 * sway() + 0.2 * clatter()));
    // Air takes the highs of what is far.
    open(dry, 2600 * 2 ** (2.1 * Math.max(-0.6, Math.min(1, nearness + 0.4 * going))));
    horn(dry, seconds, pitch);
    out.left.set(dry.left);
    out.right.set(dry.right);
    outdoors(dry, out, 0.2);
  };
};
