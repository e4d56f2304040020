/** Makes the motion of each face that moves: a preset played, a clip followed, a voice listened to, a track read. */
import { LumiereError } from '../errors.ts';
import { presetTrack } from './motion/preset.ts';
import type { MotionTrack } from './motion/track.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import type { PreparedMotion } from './prepare-motion.ts';
import type { AnimationWarning } from './report.ts';
import type { AnimateRequest } from './request.ts';

export interface FaceMotion {
  /** One for each face, all of one length and rate; none when only the camera moves. */
  readonly tracks: readonly MotionTrack[];
  readonly warnings: readonly AnimationWarning[];
}

export interface MotionOptions {
  readonly networks: FaceNetworks;
  readonly modelsDir: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (stage: 'follow' | 'listen', done: number, total: number) => void;
}

/** Rejects as `extractTrack`, `speechTrack` and `retarget` do. */
export async function makeMotion(
  faces: readonly Face[],
  request: AnimateRequest,
  prepared: PreparedMotion,
  { signal }: MotionOptions,
): Promise<FaceMotion> {
  const { motion, rate, strength, speed, seed, seconds } = request;
  if (signal.aborted) throw new LumiereError('job.cancelled');
  await Promise.resolve();
  switch (motion.kind) {
    case 'none':
      return { tracks: [], warnings: [] };
    case 'preset': {
      const length = seconds === undefined ? {} : { seconds };
      // Each face blinks and sways in its own time.
      const play = (_: Face, index: number): MotionTrack =>
        presetTrack(motion.name, { rate, strength, speed, seed: seed + index, ...length });
      return { tracks: faces.map(play), warnings: [] };
    }
    case 'track':
    case 'clip':
    case 'speech': {
      const track = prepared.track;
      if (track?.relativeTo !== 'photo')
        throw new LumiereError('request.invalid', { option: 'motion', value: motion.kind, expected: 'preset' });
      return Promise.resolve({ tracks: faces.map(() => track), warnings: [] });
    }
  }
}
