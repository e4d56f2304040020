/** Breath at 14 a minute, and the tremor of a head that is held up: nobody is ever quite still. */
import { randomStream } from '../../restore/sound/synth/noise.ts';
import type { Sway } from './score.ts';

/** Waves for a score of so many seconds. */
export function unrest(seconds: number, seed: number): Sway[] {
  const random = randomStream(seed, 'unrest');
  const waves: readonly (readonly [Sway['channel'], number, number])[] = [
    ['yaw', 0.17, 0.35],
    ['yaw', 0.47, 0.16],
    ['pitch', 0.21, 0.22],
    ['pitch', 0.61, 0.1],
    ['roll', 0.13, 0.22],
    ['roll', 0.39, 0.1],
    ['x', 0.15, 0.04],
    ['gazeX', 0.31, 0.5],
    ['gazeY', 0.27, 0.3],
    ['mouthSmileLeft', 0.19, 0.015],
    ['mouthSmileRight', 0.19, 0.012],
    ['browInnerUp', 0.23, 0.02],
  ];
  const breaths = Math.max(1, Math.round((seconds * 14) / 60));
  return [
    ...waves.map(([channel, perSecond, amount]) => ({
      channel,
      turns: Math.round(perSecond * seconds),
      amount,
      phase: random(),
    })),
    // Turned so that they only rise: 1 - cos.
    { channel: 'breath', turns: breaths, amount: 0.14, phase: -0.25 },
    { channel: 'pitch', turns: breaths, amount: 0.12, phase: -0.25 },
  ];
}
