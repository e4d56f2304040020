/** The ambiences by name, and how far the picture shapes each. */
import type { AmbienceName } from '../request.ts';
import type { VoiceMaker } from './block.ts';
import { crowd } from './crowd.ts';
import { footsteps } from './footsteps.ts';
import { projector } from './projector.ts';
import { rain } from './rain.ts';
import { sea } from './sea.ts';
import type { Shape } from './shaping.ts';
import { steamTrain } from './steam-train.ts';
import { street } from './street.ts';
import { vinyl } from './vinyl.ts';
import { wind } from './wind.ts';

export interface Ambience {
  readonly make: VoiceMaker;
  readonly shape: Shape;
}

export const ambiences: Readonly<Record<AmbienceName, Ambience>> = {
  projector: { make: projector, shape: { swellDb: 1.5, duckDb: 4, panWidth: 0.2 } },
  'steam-train': { make: steamTrain, shape: { swellDb: 6, duckDb: 9, panWidth: 0.85 } },
  street: { make: street, shape: { swellDb: 5, duckDb: 8, panWidth: 0.6 } },
  crowd: { make: crowd, shape: { swellDb: 4, duckDb: 8, panWidth: 0.5 } },
  rain: { make: rain, shape: { swellDb: 3, duckDb: 7, panWidth: 0.35 } },
  sea: { make: sea, shape: { swellDb: 4, duckDb: 7, panWidth: 0.5 } },
  wind: { make: wind, shape: { swellDb: 5, duckDb: 8, panWidth: 0.6 } },
  footsteps: { make: footsteps, shape: { swellDb: 6, duckDb: 8, panWidth: 0.9 } },
  vinyl: { make: vinyl, shape: { swellDb: 1.5, duckDb: 4, panWidth: 0.15 } },
};
