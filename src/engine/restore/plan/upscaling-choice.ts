/**
 * Which networks enlarge the picture, from the look and the quality that were asked for. Pure, so that the plan can say it.
 *
 * general-x4v3 removes blocks and noise and invents plausible detail; Anime4K-L costs a tenth and stays close to the pixels;
 * x4plus invents most and takes 34 times general-x4v3, minutes a frame on a CPU.
 */
import type { Look, Quality } from '../request.ts';

export interface UpscalingChoice {
  /** Catalog id of the network that gives the look; undefined when the size does not grow. */
  readonly network?: string;
  /** Network that stays close to the pixels, used where the first would mangle small faces and fine text. */
  readonly faithful?: string;
  /** How much of `network` is shown where it can be trusted, 0..1; the rest is `faithful`. */
  readonly share: number;
  /**
   * A network of the same structure that leaves noise in, and how much of `network` goes into the mean of both networks'
   * weights: the strength of denoising, 0..1. Absent where only one of the two is installed.
   */
  readonly twin?: { readonly network: string; readonly denoising: number };
  /** The network that would have been chosen, where it was not to be had, and why. */
  readonly instead?: { readonly network: string; readonly because: 'needs-gpu' | 'not-installed' };
}

export interface UpscalingFacts {
  /** Output over working size; no network is needed at 1 or below. */
  readonly factor: number;
  readonly gpu: boolean;
  /** Standard deviation of the noise in the pictures to be enlarged, in levels. */
  readonly noise: number;
  /** Catalog ids. */
  readonly installed: readonly string[];
}

const faithfulNetwork = 'anime4k-l';

/** From the most wanted to the last resort, which set-up always installs. */
const wishes: Record<Look, Record<Quality, readonly string[]>> = {
  film: {
    fast: ['anime4k-l'],
    balanced: ['general-x4v3', 'anime4k-l'],
    best: ['x4plus', 'general-x4v3', 'anime4k-l'],
  },
  video: {
    fast: ['anime4k-l'],
    balanced: ['general-x4v3', 'anime4k-l'],
    best: ['x4plus', 'general-x4v3', 'anime4k-l'],
  },
  animation: { fast: ['anime4k-l'], balanced: ['anime4k-l'], best: ['cunet-x2', 'anime4k-l'] },
  faithful: {
    fast: ['anime4k-l'],
    balanced: ['upconv7-x2', 'anime4k-l'],
    best: ['cunet-x2', 'upconv7-x2', 'anime4k-l'],
  },
};

/** Networks that a CPU would run for minutes a frame. */
const needsGpu: ReadonlySet<string> = new Set(['x4plus']);

/** Networks whose detail is invented, so that another must stand in for them on small faces and fine text. */
const invents: ReadonlySet<string> = new Set(['general-x4v3', 'x4plus']);

/** Networks that denoise by habit, and their twins that do not. */
const twins: Readonly<Record<string, string>> = { 'general-x4v3': 'general-x4v3-wdn' };

/** Clean pictures keep their texture; noise of so many levels is taken out in full. */
const weakestDenoising = 0.25;
const fullDenoisingNoise = 8;

function denoisingStrength(noise: number): number {
  return Math.min(1, weakestDenoising + ((1 - weakestDenoising) * noise) / fullDenoisingNoise);
}

/** Filmed material keeps its texture; video shows invented texture as a mask over skin, so that half of it is kept back. */
const shares: Record<Look, number> = { film: 1, video: 0.6, animation: 1, faithful: 1 };

export function chooseUpscaling(look: Look, quality: Quality, facts: UpscalingFacts): UpscalingChoice {
  if (facts.factor <= 1) return { share: 1 };
  const usable = (id: string): boolean => facts.installed.includes(id) && (facts.gpu || !needsGpu.has(id));
  const wished = wishes[look][quality];
  const network = wished.find(usable);
  const first = wished[0]!;
  const instead =
    network === first
      ? {}
      : ({
          instead: { network: first, because: needsGpu.has(first) && !facts.gpu ? 'needs-gpu' : 'not-installed' },
        } as const);
  if (network === undefined) return { share: 1, ...instead };
  const twin = twins[network];
  const strength =
    twin !== undefined && facts.installed.includes(twin)
      ? { twin: { network: twin, denoising: denoisingStrength(facts.noise) } }
      : {};
  const blended = invents.has(network) && facts.installed.includes(faithfulNetwork);
  return {
    network,
    share: blended ? shares[look] : 1,
    ...strength,
    ...(blended ? { faithful: faithfulNetwork } : {}),
    ...instead,
  };
}
