/**
 * LivePortrait's networks (Guo et al., "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control",
 * 2024) as functions on numbers. The weights are the operator's own: `docs/neural-back-end.md` says where they come from.
 */
import { LumiereError } from '../../errors.ts';
import { installModel } from '../../model/install.ts';
import type { Session, SessionPool, Tensor, TensorDescription } from '../../model/session.ts';
import type { MotionInfo } from './motion-points.ts';
import {
  checkSignature,
  liveFiles,
  motionOrder,
  paintedSide,
  pointCount,
  seenSide,
  type LiveNetwork,
} from './signature.ts';

/** Catalogue ids: the networks without which nothing moves, and the two that are used when they are there. */
export const liveModel = 'live-portrait';
const retargetingModel = 'live-portrait-retargeting';

export interface LivePortraitNetworks {
  /** Whether eyes and lips can be given an opening. */
  readonly retargets: boolean;
  /** @param picture 3 x 256 x 256, RGB in 0..1. */
  readFeatures(picture: Float32Array, signal?: AbortSignal): Promise<Tensor>;
  readMotion(picture: Float32Array, signal?: AbortSignal): Promise<MotionInfo>;
  /** What to add to the points, 21 x 3, for eyes (right, left) of these openings to have the one wanted; never without `retargets`. */
  retargetEyes(
    points: Float32Array,
    openings: readonly [number, number],
    wanted: number,
    signal?: AbortSignal,
  ): Promise<Float32Array>;
  retargetLips(points: Float32Array, opening: number, wanted: number, signal?: AbortSignal): Promise<Float32Array>;
  /** The moved points, so that the painted shoulders and hair meet the photograph's. */
  stitch(moved: Float32Array, still: Float32Array, signal?: AbortSignal): Promise<Float32Array>;
  /** 3 x 512 x 512, RGB in 0..1 or a little outside. */
  paint(features: Tensor, moved: Float32Array, still: Float32Array, signal?: AbortSignal): Promise<Float32Array>;
  close(): Promise<void>;
}

type Sessions = Readonly<Partial<Record<LiveNetwork, Session>>>;

async function openFiles(
  pool: SessionPool,
  modelsDir: string,
  model: string,
  networks: readonly LiveNetwork[],
  opened: Session[],
): Promise<Sessions> {
  const { files } = await installModel(model, { cacheDir: modelsDir, offline: true });
  const sessions: [LiveNetwork, Session][] = [];
  for (const network of networks) {
    const path = files[liveFiles[network]];
    if (path === undefined) throw new LumiereError('model.not-installed', { model });
    const session = await pool.open({ id: `${model}/${network}`, model: path });
    opened.push(session);
    checkSignature(model, network, session.signature);
    sessions.push([network, session]);
  }
  return Object.fromEntries(sessions);
}

/** Nobody has installed it: a missing file that the catalogue has no hash of is told as one to vouch for. */
function isAbsent(error: unknown): boolean {
  return error instanceof LumiereError && ['model.not-installed', 'model.hash-unknown'].includes(error.code);
}

const pointsTensor = (data: Float32Array): Tensor => ({ type: 'float32', dims: [1, pointCount, 3], data });
const pictureTensor = (data: Float32Array): Tensor => ({ type: 'float32', dims: [1, 3, seenSide, seenSide], data });

/** One output's numbers; a file that leaves its sizes free may still give another count. */
function numbersOf(
  network: LiveNetwork,
  outputs: Readonly<Record<string, Tensor>>,
  name: string,
  count: number,
): Float32Array {
  const tensor = outputs[name]!;
  if (tensor.type === 'float32' && tensor.data.length === count) return tensor.data;
  throw new LumiereError('model.signature', {
    model: network.endsWith('Retargeter') ? retargetingModel : liveModel,
    file: liveFiles[network],
    detail: `output '${name}' holds ${tensor.data.length} numbers, expected ${count}`,
  });
}

/**
 * Opens the networks of the weights cache and checks each file's inputs and outputs.
 * Rejects with LumiereError `model.not-installed` or `model.hash-unknown` when the operator has not installed them,
 * `model.signature` for a file that is another network, and what `SessionPool.open` rejects with.
 */
export async function openLivePortrait(pool: SessionPool, modelsDir: string): Promise<LivePortraitNetworks> {
  const opened: Session[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((session) => session.close()));
  };
  try {
    const needed = ['featureExtractor', 'motionExtractor', 'stitcher', 'generator'] as const;
    const sessions = await openFiles(pool, modelsDir, liveModel, needed, opened);
    const more = ['eyeRetargeter', 'lipRetargeter'] as const;
    const retargeters = await openFiles(pool, modelsDir, retargetingModel, more, opened).catch((error: unknown) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    return { ...functionsOf({ ...sessions, ...retargeters }), retargets: retargeters !== undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function functionsOf(sessions: Sessions): Omit<LivePortraitNetworks, 'retargets' | 'close'> {
  const run = async (network: LiveNetwork, feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal) => {
    const session = sessions[network];
    if (session === undefined) throw new Error(`${network} is not open`);
    return { outputs: await session.run(feeds, signal ? { signal } : {}), described: session.signature.outputs };
  };
  const onlyPoints = async (network: LiveNetwork, feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal) => {
    const { outputs, described } = await run(network, feeds, signal);
    return numbersOf(network, outputs, described[0]!.name, 3 * pointCount);
  };
  const retarget = (network: LiveNetwork, values: readonly number[], signal?: AbortSignal): Promise<Float32Array> => {
    const data = Float32Array.from(values);
    return onlyPoints(network, { input: { type: 'float32', dims: [1, data.length], data } }, signal);
  };
  return {
    async readFeatures(picture, signal) {
      const { outputs, described } = await run('featureExtractor', { input: pictureTensor(picture) }, signal);
      return outputs[described[0]!.name]!;
    },
    async readMotion(picture, signal) {
      const { outputs, described } = await run('motionExtractor', { input: pictureTensor(picture) }, signal);
      return motionOf(outputs, motionOrder(described));
    },
    retargetEyes: (points, openings, wanted, signal) =>
      retarget('eyeRetargeter', [...points, ...openings, wanted], signal),
    retargetLips: (points, opening, wanted, signal) => retarget('lipRetargeter', [...points, opening, wanted], signal),
    stitch: (moved, still, signal) =>
      onlyPoints('stitcher', { source: pointsTensor(moved), target: pointsTensor(still) }, signal),
    async paint(features, moved, still, signal) {
      const feeds = { feature_volume: features, source: pointsTensor(moved), target: pointsTensor(still) };
      const { outputs, described } = await run('generator', feeds, signal);
      return numbersOf('generator', outputs, described[0]!.name, 3 * paintedSide * paintedSide);
    },
  };
}

function motionOf(outputs: Readonly<Record<string, Tensor>>, order: readonly TensorDescription[]): MotionInfo {
  const read = (index: number, count: number): Float32Array =>
    numbersOf('motionExtractor', outputs, order[index]!.name, count);
  const one = (index: number): number => read(index, 1)[0]!;
  const [x, y, z] = read(4, 3) as unknown as readonly [number, number, number];
  return {
    pitch: one(0),
    yaw: one(1),
    roll: one(2),
    scale: one(3),
    translation: [x, y, z],
    expression: read(5, 3 * pointCount),
    canonical: read(6, 3 * pointCount),
  };
}
