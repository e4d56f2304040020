/**
 * A worn shellac record with nothing on it: surface hiss, dust that crackles, scratches that come round with every turn at
 * 78 a minute, and the turntable's rumble.
 */
import type { VoiceMaker } from './block.ts';
import { dampedSines } from './damped-sines.ts';
import { poisson, wander } from './envelope.ts';
import { bandpass, chain, highpass, lowpass, peaking } from './filter.ts';
import { between, betweenRatios, brownNoise, pareto, pinkNoise, randomStream } from './noise.ts';
import { noiseBed } from './noise-bed.ts';
import { noiseBursts } from './noise-bursts.ts';

const turnsPerSecond = 78 / 60;

export const vinyl: VoiceMaker = ({ seed }) => {
  const random = randomStream(seed, 'vinyl');
  const hiss = noiseBed(seed, 'surface', pinkNoise, () =>
    chain(highpass(500, 0.5), peaking(3000, 0.7, 5), lowpass(7500)),
  );
  const rumble = noiseBed(seed, 'rumble', brownNoise, () => chain(bandpass(32, 1.4), highpass(22)));
  const groove = noiseBed(seed, 'groove', pinkNoise, () => bandpass(950, 1.2));
  const [wear, uneven] = [wander(random, 0.25), wander(random, 2.2)];
  const ticks = dampedSines(200);
  const scrapes = noiseBursts(random, 24);
  const [dust, grit] = [poisson(random), poisson(random)];
  // Scratches cross several grooves: they return each turn, a little moved, for a while.
  const scratches = Array.from({ length: 3 }, () => ({
    turn: random(),
    until: 0,
    rest: between(random, 0, 9),
    hz: betweenRatios(random, 900, 2600),
    gain: between(random, 0.25, 0.6),
  }));
  let before = 0;

  function click(offset: number, hz: number, gain: number): void {
    // The stylus is thrown once and rings: a tick with a body.
    const pan = between(random, -0.5, 0.5);
    ticks.strike({ offset, hz, decay: betweenRatios(random, 0.0015, 0.006), gain, pan });
    ticks.strike({ offset, hz: hz * between(random, 1.7, 2.6), decay: 0.0015, gain: gain * 0.7, pan });
    if (gain > 0.2) ticks.strike({ offset, hz: between(random, 90, 180), decay: 0.02, gain: gain * 0.35, pan });
  }

  return (out, seconds) => {
    const angle = (seconds * turnsPerSecond) % 1;
    // Every record is a little warped: hiss and groove noise breathe once a turn.
    const breath = 1 + 0.22 * Math.sin(2 * Math.PI * angle) + 0.1 * uneven();
    out.left.fill(0);
    out.right.fill(0);
    hiss(out, 0.16 * breath);
    groove(out, 0.08 * breath * (1 + 0.3 * wear()));
    rumble(out, 0.22);
    dust(34 * (1 + 0.5 * wear()), (offset) => {
      click(offset, betweenRatios(random, 1200, 5200), 0.05 * pareto(random, 1.25, 12));
    });
    grit(1.6, (offset) => {
      const hz = betweenRatios(random, 1500, 4500);
      scrapes.burst({ offset, hz, q: 0.7, attack: 0.001, decay: between(random, 0.01, 0.05), gain: 0.09, pan: 0 });
    });
    for (const scratch of scratches) {
      if (seconds > scratch.until + scratch.rest) {
        scratch.until = seconds + between(random, 2, 9);
        scratch.rest = between(random, 2, 12);
        scratch.turn = random();
      }
      const passed = before <= angle ? before < scratch.turn && scratch.turn <= angle : scratch.turn <= angle;
      if (passed && seconds < scratch.until) {
        click(0, scratch.hz, scratch.gain * between(random, 0.6, 1));
        scratch.turn = (scratch.turn + 1 + between(random, -0.004, 0.004)) % 1;
      }
    }
    before = angle;
    ticks.add(out);
    scrapes.add(out);
  };
};
