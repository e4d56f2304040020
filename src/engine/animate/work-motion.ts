/** Makes the motion of each face that moves: a preset played, a clip followed, a voice listened to, a track read. */
import { scaledTrack } from './work-strength.ts';
import { presetTrack } from './motion/preset.ts';
import { settleMouth } from './motion/settle-mouth.ts';
import { followSoftly } from './motion/soft-follow.ts';
import type { MotionTrack } from './motion/track.ts';
import { extractTrack } from './driving/extract-track.ts';
import { retarget } from './driving/retarget.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import type { PreparedMotion } from './prepare-motion.ts';
import type { AnimationWarning } from './report.ts';
import { type AnimateRequest, maxDrivingSeconds, type Region } from './request.ts';
import { speechTrack } from './speech/speech-track.ts';

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
  options: MotionOptions,
): Promise<FaceMotion> {
  const { tracks, warnings } = await motionOf(faces, request, prepared, options);
  return { tracks: tracks.map(followSoftly), warnings };
}

async function motionOf(
  faces: readonly Face[],
  request: AnimateRequest,
  prepared: PreparedMotion,
  { networks, modelsDir, signal, onProgress }: MotionOptions,
): Promise<FaceMotion> {
  const { motion, rate, strength, speed, seed, seconds } = request;
  const onto = async (track: MotionTrack, region: Region): Promise<MotionTrack[]> => {
    const fitted: MotionTrack[] = [];
    for (const face of faces) {
      fitted.push(await retarget(track, face, networks.canonical, { region, strength }));
    }
    return fitted;
  };
  const settled = async (play: (index: number) => MotionTrack): Promise<MotionTrack[]> => {
    const tracks: MotionTrack[] = [];
    for (const [index, face] of faces.entries()) {
      tracks.push(await settleMouth(play(index), face, networks.canonical));
    }
    return tracks;
  };
  switch (motion.kind) {
    case 'none':
      return { tracks: [], warnings: [] };
    case 'preset': {
      const length = seconds === undefined ? {} : { seconds };
      // Each face blinks and sways in its own time.
      const play = (index: number): MotionTrack =>
        presetTrack(motion.name, { rate, strength, speed, seed: seed + index, ...length });
      return { tracks: await settled(play), warnings: [] };
    }
    case 'track': {
      const track = prepared.track!;
      if (track.relativeTo === 'canonical-face') return { tracks: await onto(track, 'all'), warnings: [] };
      const scaled = scaledTrack(track, strength);
      return { tracks: faces.map(() => scaled), warnings: [] };
    }
    case 'clip': {
      const { track, warnings } = await extractTrack(motion.path, networks, networks.canonical, {
        signal,
        maxSeconds: maxDrivingSeconds,
        onProgress: (done, total) => onProgress?.('follow', done, total),
      });
      return { tracks: await onto(track, motion.region), warnings };
    }
    case 'speech': {
      onProgress?.('listen', 0, 100);
      const { path, style } = motion;
      const how = { style, rate, signal, modelsDir, seed, strength, maxSeconds: maxDrivingSeconds };
      const { track, warnings } = await speechTrack(path, how);
      onProgress?.('listen', 100, 100);
      return { tracks: await settled(() => track), warnings };
    }
  }
}
