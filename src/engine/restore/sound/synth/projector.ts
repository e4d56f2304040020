/**
 * A film projector in a small room: the claw that pulls each picture down, the shutter and the film's slap, gears and fan
 * driven by a motor that hums, all of it a little unsteady; a splice ticks through the gate at each cut.
 */
import { quantum, quantumSeconds, stereo, type VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { clock, placed, samples, wander } from './envelope.ts';
import { bandpass, chain, highpass, lowpass, peaking } from './filter.ts';
import { between, pinkNoise, randomStream, whiteNoise } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';
import { sine } from './oscillator.ts';
import { reverb } from './reverb.ts';

/** What happens in one turn of the claw: when (share of the turn), how hard, how bright. */
const strokes = [
  { at: 0, gain: 1, bright: 1 },
  { at: 0.09, gain: 0.32, bright: 0.6 },
  { at: 0.27, gain: 0.5, bright: 1.25 },
  { at: 0.52, gain: 0.2, bright: 0.8 },
  { at: 0.61, gain: 0.12, bright: 1.6 },
  { at: 0.78, gain: 0.15, bright: 0.7 },
] as const;

/** The gate's and the casing's resonances: Hz, seconds to -60 dB, gain. */
const casing = [
  [290, 0.045, 0.45],
  [520, 0.04, 0.5],
  [860, 0.032, 0.7],
  [1380, 0.024, 0.9],
  [1990, 0.018, 0.8],
  [2740, 0.014, 0.75],
  [3900, 0.011, 0.6],
  [5600, 0.008, 0.45],
] as const;

/** Pictures a second a projector can run at; a film whose rate is none of these is shown at 24. */
function projectorRate(frameRate: number): number {
  return frameRate >= 8 && frameRate <= 32 ? frameRate : 24;
}

export const projector: VoiceMaker = ({ seed, frameRate, cuts }) => {
  const rate = projectorRate(frameRate);
  const random = randomStream(seed, 'projector');
  const [drift, flutter, loopSlack] = [wander(random, 0.5), wander(random, 5), wander(random, 1.1)];
  const strikes = dampedSines(400);
  const rubs = noiseBursts(random, 40);
  const turn = clock(random());
  const fan = noiseBed(seed, 'fan', pinkNoise, () => chain(highpass(110), peaking(420, 0.8, 4), lowpass(2600, 0.5)));
  const gears = whiteNoise(randomStream(seed, 'gears'));
  const gearTone = chain(bandpass(1250, 1.1), peaking(2600, 2, 5));
  const [gearPlace, motorPlace] = [placed(), placed()];
  // 100 Hz is twice the mains; the armature whines a little above its eighth part, and follows the load.
  const hum = [100, 200, 300, 400].map((hz, n) => ({ hz, gain: [0.5, 0.22, 0.12, 0.05][n]!, tone: sine(random()) }));
  const whine = [1, 2, 3].map((n) => ({ n, tone: sine(random()) }));
  const room = reverb({ seconds: 0.4, metres: 2.2, dampingHz: 4500 });
  const dry = stereo();
  const buffer = new Float32Array(quantum);
  // Each machine has its own casing.
  const modes = casing.map(([hz, decay, gain]) => ({ hz: hz * between(random, 0.92, 1.08), decay, gain }));
  let phase = 0;
  let [speed, nextCut] = [rate, 0];

  function strike(offset: number, gain: number, bright: number): void {
    for (const mode of modes) {
      const tilt = (mode.hz / 1400) ** (Math.log2(bright) * 0.8);
      strikes.strike({
        offset,
        hz: mode.hz * between(random, 0.94, 1.06),
        decay: mode.decay * between(random, 0.8, 1.2),
        gain: 0.2 * gain * mode.gain * tilt * between(random, 0.6, 1.2),
        pan: between(random, -0.15, 0.15),
      });
    }
    rubs.burst({
      offset,
      hz: 3000 * bright,
      q: 0.6,
      attack: 0.0006,
      decay: 0.016,
      gain: 0.24 * gain * between(random, 0.7, 1.2),
      pan: 0,
    });
  }

  return (out, seconds) => {
    const before = speed;
    speed = rate * (1 + 0.006 * drift() + 0.004 * flutter());
    dry.left.fill(0);
    dry.right.fill(0);
    turn(speed, (offset) => {
      for (const { at, gain, bright } of strokes) {
        const late = samples((at + between(random, 0, 0.012)) / speed);
        strike(offset + late, gain * between(random, 0.75, 1.15), bright);
      }
      // The loop of film above the gate slaps when it runs slack.
      if (loopSlack() > 0.35) strike(offset + samples(0.4 / speed), between(random, 0.1, 0.4), 1.5);
    });
    while (nextCut < cuts.length && cuts[nextCut]! < seconds + quantumSeconds) {
      const offset = Math.max(0, samples(cuts[nextCut++]! - seconds) - 1);
      strike(offset, 1.6, 0.5);
      strike(offset + samples(0.012), 1.2, 1.3);
    }
    strikes.add(dry);
    rubs.add(dry);
    // Teeth pass in bursts, one for each pull.
    phase = (phase + speed * quantumSeconds) % 1;
    gears(buffer);
    gearTone(buffer);
    gearPlace(dry, buffer, 0.05 * (1 + 0.55 * Math.sin(2 * Math.PI * phase) + 0.15 * flutter()), 0.05);
    fan(dry, 0.055);
    buffer.fill(0);
    for (const { hz, gain, tone } of hum) tone(buffer, hz, hz, 0.05 * gain, 0.05 * gain);
    for (const { n, tone } of whine) tone(buffer, before * 11.4 * n, speed * 11.4 * n, 0.014 / n, 0.014 / n);
    motorPlace(dry, buffer, 1, -0.05);
    out.left.set(dry.left);
    out.right.set(dry.right);
    room(dry, out, 0.3);
  };
};
