/**
 * What the mouth looks like in each of the 15 Oculus visemes, in blendshapes at full, clear speech. Drawn by hand after the
 * reference pictures of the Oculus LipSync documentation and the weights that talking-head avatars use for them.
 */
import type { Blendshapes } from '../motion/blendshapes.ts';

export const visemes = ['aa', 'E', 'I', 'O', 'U', 'PP', 'SS', 'TH', 'DD', 'FF', 'kk', 'nn', 'RR', 'CH', 'sil'] as const;
export type Viseme = (typeof visemes)[number];

/** Both sides of the mouth alike. */
const both = (
  name: 'mouthStretch' | 'mouthSmile' | 'mouthLowerDown' | 'mouthUpperUp' | 'mouthPress',
  weight: number,
): Blendshapes => ({ [`${name}Left`]: weight, [`${name}Right`]: weight });

export const visemePoses: Readonly<Record<Viseme, Blendshapes>> = {
  aa: { jawOpen: 0.62, ...both('mouthLowerDown', 0.3), ...both('mouthUpperUp', 0.14) },
  E: { jawOpen: 0.4, ...both('mouthStretch', 0.14), ...both('mouthLowerDown', 0.24), ...both('mouthUpperUp', 0.12) },
  I: { jawOpen: 0.22, ...both('mouthStretch', 0.26), ...both('mouthSmile', 0.12), ...both('mouthLowerDown', 0.2) },
  O: { jawOpen: 0.5, mouthFunnel: 0.6, mouthPucker: 0.3 },
  U: { jawOpen: 0.24, mouthPucker: 0.8, mouthFunnel: 0.4 },
  PP: { mouthClose: 0.05, mouthRollLower: 0.25, mouthRollUpper: 0.18, ...both('mouthPress', 0.3) },
  SS: { jawOpen: 0.09, ...both('mouthStretch', 0.18), ...both('mouthLowerDown', 0.26), ...both('mouthUpperUp', 0.12) },
  TH: { jawOpen: 0.2, ...both('mouthLowerDown', 0.18), ...both('mouthUpperUp', 0.06), tongueOut: 0.12 },
  DD: { jawOpen: 0.18, ...both('mouthLowerDown', 0.2), ...both('mouthUpperUp', 0.08) },
  FF: { jawOpen: 0.05, mouthRollLower: 0.45, ...both('mouthUpperUp', 0.18) },
  kk: { jawOpen: 0.24, ...both('mouthLowerDown', 0.16), ...both('mouthStretch', 0.06) },
  nn: { jawOpen: 0.15, ...both('mouthLowerDown', 0.16), ...both('mouthUpperUp', 0.06) },
  RR: { jawOpen: 0.2, mouthFunnel: 0.42, mouthPucker: 0.3 },
  CH: { jawOpen: 0.12, mouthFunnel: 0.55, mouthPucker: 0.25, ...both('mouthUpperUp', 0.08) },
  sil: {},
};
