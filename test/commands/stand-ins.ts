/** Stand-ins for the engine's work: they take as long as a test lets them, and give back what they were given. */
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

import { type ErrorCode, LumiereError } from '../../src/engine/errors.ts';
import { likenessOfFile } from '../../src/engine/provenance/likeness.ts';
import { type Identity, openIdentity } from '../../src/engine/provenance/identity.ts';
import { readMarks } from '../../src/engine/provenance/read-marks.ts';
import type { Findings } from '../../src/queue/findings.ts';
import { type AnimateParameters, animateParameters } from '../../src/queue/job.ts';
import type { AnimateOutcome } from '../../src/queue/outcome.ts';
import type { Made, Processors } from '../../src/queue/processor.ts';

export interface StandIns {
  readonly processors: Processors;
  /** Holds the restoration of the clip of that name, until everything is released. */
  readonly hold: (inputName: string) => void;
  /** Likewise the look at the photograph of that name. */
  readonly holdLook: (inputName: string) => void;
  readonly release: () => void;
  /** Faces that can move from now on, by their count or their numbers; one at first. */
  readonly setFaces: (faces: number | readonly number[]) => void;
  /** Why a look finds that a photograph cannot be animated, from now on. */
  readonly refuseLook: (code: ErrorCode | undefined) => void;
  /** Parameters of the animations that were made. */
  readonly animated: readonly AnimateParameters[];
  /** Comparisons that were made. */
  readonly compared: { readonly labels: readonly [string, string] }[];
}

const outcome = {
  version: 1,
  before: { width: 64, height: 48, rate: { num: 25, den: 1 }, bytes: 1000, seconds: 1 },
  after: { width: 256, height: 192, rate: { num: 60, den: 1 }, bytes: 2000, seconds: 1 },
  givenUp: [],
  warnings: [],
  seconds: 2,
};

const animationOutcome: AnimateOutcome = {
  version: 1,
  command: 'animate',
  after: { width: 256, height: 192, rate: { num: 25, den: 1 }, bytes: 2000, seconds: 5 },
  givenUp: [],
  warnings: [],
  limits: [{ code: 'head.yaw', value: 14, frames: 12 }],
  realism: { score: 84, band: 'convincing', parts: [{ name: 'sharpness', points: 9 }] },
  seconds: 2,
};

export function standIns(): StandIns {
  let faces: readonly number[] = [1];
  let unfit: ErrorCode | undefined;
  const animated: AnimateParameters[] = [];
  const gates = new Map<string | null, { readonly opened: Promise<void>; readonly open: () => void }>();
  const compared: StandIns['compared'] = [];

  const copied = async (from: string, folder: string, more: Partial<Made> = {}): Promise<Made> => {
    const path = join(folder, 'made.mp4');
    await copyFile(from, path);
    return { path, mediaType: 'video/mp4', ...more };
  };
  const letThrough = async (gate: Promise<void>, signal: AbortSignal): Promise<void> => {
    const cancelled = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new LumiereError('job.cancelled'));
      });
    });
    await Promise.race([gate, cancelled]);
  };

  let identity: Promise<Identity> | undefined;

  const shut = (gate: string): void => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    gates.set(gate, { opened, open });
  };

  return {
    hold: shut,
    holdLook: (inputName) => {
      shut(`look at ${inputName}`);
    },
    release: () => {
      for (const { open } of gates.values()) open();
      gates.clear();
    },
    setFaces: (given) => {
      faces = typeof given === 'number' ? Array.from({ length: given }, (_, at) => at + 1) : given;
    },
    refuseLook: (code) => {
      unfit = code;
    },
    animated,
    compared,
    processors: {
      restore: async ({ request, input, folder, signal }) => {
        const gate = gates.get(request.inputName);
        if (gate !== undefined) await letThrough(gate.opened, signal);
        return copied(input, folder, { outcome });
      },
      animate: async ({ request, input, folder, signal }) => {
        const gate = gates.get(request.inputName);
        if (gate !== undefined) await letThrough(gate.opened, signal);
        animated.push(animateParameters.parse(request.parameters));
        return copied(input, folder, { outcome: animationOutcome });
      },
      look: async ({ request, input, folder, signal }) => {
        const gate = gates.get(`look at ${request.inputName}`);
        if (gate !== undefined) await letThrough(gate.opened, signal);
        if (unfit !== undefined) throw new LumiereError(unfit);
        const likeness = await likenessOfFile(input);
        const outcome: Findings = { version: 1, faces: [...faces], predictedSeconds: 3, seconds: 5, likeness };
        return copied(input, folder, { mediaType: 'image/jpeg', outcome });
      },
      refit: ({ result, folder }) => copied(result, folder, { outcome }),
      picture: async ({ folder }) => {
        const path = join(folder, 'picture.jpg');
        await sharp({ create: { width: 64, height: 48, channels: 3, background: '#355' } })
          .jpeg()
          .toFile(path);
        return { path, mediaType: 'image/jpeg' };
      },
      verify: async ({ file, signal }) => {
        identity ??= openIdentity(join(tmpdir(), `lumiere-stand-in-keys-${process.pid}`));
        return readMarks(file, { identity: await identity, likeness: true, signal });
      },
      compare: ({ result, folder, labels }) => {
        compared.push({ labels });
        return copied(result, folder);
      },
    },
  };
}
