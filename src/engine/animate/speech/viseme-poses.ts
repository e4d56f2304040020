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
  aa: { jawOpen: 0.5, ...both('mouthLowerDown', 0.25), ...both('mouthUpperUp', 0.12), ...both('mouthStretch', 0.08) },
  E: { jawOpen: 0.3, ...both('mouthStretch', 0.22), ...both('mouthLowerDown', 0.2), ...both('mouthUpperUp', 0.1) },
  I: { jawOpen: 0.17, ...both('mouthStretch', 0.3), ...both('mouthSmile', 0.15), ...both('mouthLowerDown', 0.15) },
  O: { jawOpen: 0.36, mouthFunnel: 0.5, mouthPucker: 0.2 },
  U: { jawOpen: 0.16, mouthPucker: 0.6, mouthFunnel: 0.28 },
  PP: { mouthClose: 0.05, mouthRollLower: 0.22, mouthRollUpper: 0.16, ...both('mouthPress', 0.3) },
  SS: { jawOpen: 0.06, ...both('mouthStretch', 0.25), ...both('mouthLowerDown', 0.2), ...both('mouthUpperUp', 0.1) },
  TH: { jawOpen: 0.14, ...both('mouthLowerDown', 0.15), ...both('mouthUpperUp', 0.06), tongueOut: 0.12 },
  DD: { jawOpen: 0.13, ...both('mouthLowerDown', 0.18), ...both('mouthUpperUp', 0.08) },
  FF: { jawOpen: 0.05, mouthRollLower: 0.4, ...both('mouthUpperUp', 0.16) },
  kk: { jawOpen: 0.17, ...both('mouthLowerDown', 0.14), ...both('mouthStretch', 0.08) },
  nn: { jawOpen: 0.1, ...both('mouthLowerDown', 0.12), ...both('mouthUpperUp', 0.06) },
  RR: { jawOpen: 0.14, mouthFunnel: 0.3, mouthPucker: 0.22 },
  CH: { jawOpen: 0.09, mouthFunnel: 0.42, mouthPucker: 0.18, ...both('mouthUpperUp', 0.08) },
  sil: {},
};
