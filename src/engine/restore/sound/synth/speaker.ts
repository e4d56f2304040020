/**
 * One far-off person who talks: a larynx through three formants that move from vowel to vowel, in syllables, phrases and
 * pauses. Nothing is said: the words of a crowd are not to be made out (Peterson and Barney, 1952, for the vowels).
 */
import { quantum, quantumSeconds } from './block.ts';
import { follower, wander } from './envelope.ts';
import { sweptFilter } from './filter.ts';
import { between, betweenRatios, exponential, type Random, randomStream, whiteNoise } from './noise.ts';
import { glottalPulses } from './oscillator.ts';

/** First three formants in Hz of a man's vowels. */
const vowels = [
  [270, 2290, 3010],
  [390, 1990, 2550],
  [530, 1840, 2480],
  [660, 1720, 2410],
  [730, 1090, 2440],
  [570, 840, 2410],
  [440, 1020, 2240],
  [300, 870, 2240],
  [640, 1190, 2390],
  [490, 1350, 1690],
] as const;

/** Gains of the three formants, and how narrow they are. */
const formantGains = [1, 0.8, 0.55] as const;
const formantQ = [6, 10, 12] as const;

type Kind = 'man' | 'woman' | 'child';

/** Pitch in Hz and length of the vocal tract relative to a man's. */
const kinds: Readonly<Record<Kind, { low: number; high: number; formants: number }>> = {
  man: { low: 92, high: 145, formants: 1 },
  woman: { low: 165, high: 235, formants: 1.16 },
  child: { low: 245, high: 330, formants: 1.32 },
};

/** Fills a quantum with one talker; `excitement` 0..1 makes them louder, higher and seldom pause. */
export type Speaker = (out: Float32Array, excitement: number) => void;

function kindOf(random: Random): Kind {
  const x = random();
  return x < 0.5 ? 'man' : x < 0.88 ? 'woman' : 'child';
}

/** What leaves the lips is nearly the change of the flow behind them. In place. */
function lips(): (flow: Float32Array) => void {
  let last = 0;
  return (flow) => {
    for (let i = 0; i < flow.length; i++) {
      const now = flow[i]!;
      flow[i] = 4 * (now - 0.92 * last);
      last = now;
    }
  };
}

export function speaker(seed: number, name: string): Speaker {
  const random = randomStream(seed, name);
  const { low, high, formants } = kinds[kindOf(random)];
  const usual = betweenRatios(random, low, high);
  const [pulses, air] = [glottalPulses(), whiteNoise(randomStream(seed, `${name} air`))];
  const tones = formantQ.map(() => sweptFilter('band'));
  const glides = formantQ.map((_, n) => follower(vowels[0][n]!, 0.035));
  const [loudness, pitchGlide, shiver] = [follower(0, 0.015, 0.035), follower(usual, 0.045), wander(random, 14)];
  const hush = follower(0, 0.008, 0.025);
  const radiate = lips();
  const consonant = sweptFilter('band');
  const [flow, breath, band] = [new Float32Array(quantum), new Float32Array(quantum), new Float32Array(quantum)];
  let vowel: readonly number[] = vowels[0];
  let [phraseLeft, pauseLeft, syllableLeft, syllable, closure, hissHz] = [0, exponential(random, 2.5), 0, 0.2, 0, 4000];
  let [accent, phrase, stress, before] = [1, 1, 1, usual];

  function nextPhrase(excitement: number): void {
    phrase = between(random, 0.8, 3.2);
    phraseLeft = phrase;
    pauseLeft = exponential(random, 1.7 - excitement) + 0.15;
    // Now and then somebody laughs or calls out.
    stress = random() < 0.06 + 0.1 * excitement ? between(random, 1.5, 2.1) : between(random, 0.7, 1.1);
  }

  function nextSyllable(): void {
    syllable = between(random, 0.12, 0.27) / Math.sqrt(stress);
    syllableLeft = syllable;
    closure = between(random, 0.2, 0.45) * syllable;
    vowel = vowels[Math.floor(random() * vowels.length)]!;
    accent = betweenRatios(random, 0.8, 1.25);
    hissHz = random() < 0.45 ? betweenRatios(random, 2500, 6500) : 0;
  }

  return (out, excitement) => {
    if (phraseLeft <= 0 && (pauseLeft -= quantumSeconds) <= 0) nextPhrase(excitement);
    const talks = phraseLeft > 0;
    if (talks) {
      phraseLeft -= quantumSeconds;
      if ((syllableLeft -= quantumSeconds) <= 0) nextSyllable();
    }
    const closed = syllable - syllableLeft < closure;
    const level = loudness(talks && !closed ? stress * (0.8 + 0.3 * accent) : 0);
    const hiss = hush(talks && closed && hissHz > 0 ? 0.08 * stress : 0);
    // Pitch falls over a phrase, and questions are not asked.
    const fall = 1.12 - 0.26 * (1 - Math.max(0, phraseLeft) / phrase);
    const pitch =
      pitchGlide(usual * fall * accent * (0.75 + 0.25 * stress) * (1 + 0.12 * excitement)) * (1 + 0.012 * shiver());
    out.fill(0);
    if (level < 1e-4 && hiss < 1e-4) return;
    pulses(flow, before, pitch);
    before = pitch;
    air(breath);
    radiate(flow);
    for (let i = 0; i < quantum; i++) flow[i]! += 0.02 * breath[i]!;
    tones.forEach((tone, n) => {
      band.set(flow);
      tone(band, glides[n]!(vowel[n]! * formants), formantQ[n]!);
      for (let i = 0; i < quantum; i++) out[i]! += formantGains[n]! * level * band[i]!;
    });
    consonant(breath, Math.max(2500, hissHz), 1.2);
    for (let i = 0; i < quantum; i++) out[i]! += hiss * breath[i]!;
  };
}
