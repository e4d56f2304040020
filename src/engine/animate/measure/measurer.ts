/**
 * Looks at the frames of an animation as they are drawn and says how good they are. The mesh is found in every frame; what
 * costs more is looked at in a few.
 */
import { refineWithAttention } from '../face/attention-mesh.ts';
import { embedFace, likeness } from '../face/embedding.ts';
import { eyeAspectRatio } from '../face/eye-aspect-ratio.ts';
import type { Face } from '../face/face.ts';
import { cropAround, meshInCrop, type FaceMesh } from '../face/mesh.ts';
import type { FaceNetworks } from '../face/networks.ts';
import { solvePose, toHead, toPicture } from '../face/pose.ts';
import { expressionSignature } from '../face/signature.ts';
import type { MotionTrack } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import { type Rational, toNumber } from '../../rational.ts';
import type { Portrait, RenderedFrame } from '../render/portrait.ts';
import { measureAgreement, type Agreement } from './agreement.ts';
import { findBackground, reachOf, reachOfAll } from './background.ts';
import { copyOf, largestDifference, largestInRuns, type Run } from './difference.ts';
import { lipSync } from './lip-sync.ts';
import { planLooks, type LookPlan } from './look-plan.ts';
import { measureLoopSteps } from './loop-step.ts';
import { measure, type Measure, type MeasureName, type MissingReason } from './measures.ts';
import { realismOf, type Realism } from './realism.ts';
import { seamRatio } from './seam.ts';
import { faceDetail } from './sharpness.ts';

export interface MeasurerOptions {
  readonly portrait: Portrait;
  readonly networks: FaceNetworks;
  /** One for each face of the portrait, in its order, all of one length and rate. */
  readonly tracks: readonly MotionTrack[];
  /** How loud the speech is in each frame, in any unit; left out where nobody speaks. */
  readonly loudness?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Measures {
  readonly table: readonly Measure[];
  readonly realism: Realism;
}

export interface Measurer {
  /**
   * Looks at a frame. Each is given once, in order, when the one before has settled; `rendered` must stay as it is until the
   * promise settles. Rejects with `job.cancelled` and what the networks reject with.
   */
  see(index: number, rendered: RenderedFrame): Promise<void>;
  /** What it came to, once every frame was seen. Draws one frame more where the track loops. */
  report(): Promise<Measures>;
}

/** Faces beside the largest are only looked for, and only in one frame of so many. */
const otherFacesEach = 10;
const leastConfidence = 0.5;

/** What is known of the photograph before anything moves. */
interface Still {
  readonly face: Face;
  /** The place of the largest face in the portrait's faces. */
  readonly main: number;
  readonly embedding: Float32Array;
  readonly detail: number;
  readonly restDifference: number;
  readonly background: readonly Run[];
  readonly agreement: Agreement;
}

/** Looks at the photograph and draws it once at rest. Rejects as `see` does. */
export async function createMeasurer(options: MeasurerOptions): Promise<Measurer> {
  const { portrait, networks, tracks, loudness, signal } = options;
  const still = await lookAtStill(options);
  const { main, agreement } = still;
  const { frames, loops, rate } = tracks[main]!;
  const plan = planLooks(frames, toNumber(rate));
  const seen = emptyRecord();
  const scales = portrait.faces.map(({ pose }) => pose.scale);
  const steps = loops ? measureLoopSteps(reachOfAll(portrait.faces, portrait.photo), Math.min(...scales)) : undefined;

  async function see(index: number, rendered: RenderedFrame): Promise<void> {
    const { picture, meshes } = rendered;
    seen.folds = Math.max(seen.folds, rendered.folds);
    seen.stretch = Math.max(seen.stretch, rendered.stretch);
    const intended = meshes[main]!;
    const finding = findAgain(picture, intended, options);
    const changed = await largestInRuns(portrait.photo, picture, still.background);
    seen.background = Math.max(seen.background, changed);
    await steps?.add(picture, !plan.blinksIn(index));
    if (loops && index === 0) seen.first = await copyOf(picture.data);
    if (plan.moved.has(index)) {
      seen.details.push((await faceDetail(picture, intended, networks.canonical)) / still.detail);
    }
    const found = await finding;
    count(found);
    agreement.add(index, intended, found.points, !plan.blinksIn(index));
    if (loudness !== undefined) {
      // Where there is no face, the network answers with a mouth all the same.
      seen.openings[index] = found.confidence >= leastConfidence ? mouthOpening(found) : NaN;
    }
    if (index % otherFacesEach === 0) {
      for (const [i, mesh] of meshes.entries()) if (i !== main) count(await findAgain(picture, mesh, options));
    }
    if (plan.close.has(index)) await lookClosely(picture, found.points);
    const shut = plan.shut.get(index);
    if (shut !== undefined) await lookAtEyes(picture, intended, shut);
  }

  function count({ confidence }: FaceMesh): void {
    seen.looks += 1;
    if (confidence >= leastConfidence) seen.finds += 1;
  }

  function mouthOpening({ points }: FaceMesh): number {
    return expressionSignature(toHead(solvePose(networks.canonical, points), points)).mouthOpening;
  }

  async function lookClosely(picture: Picture, found: Float64Array): Promise<void> {
    const embedding = await embedFace(picture, found, networks, { signal });
    seen.likenesses.push(likeness(embedding, still.embedding));
    const seam = await seamRatio(portrait.photo, picture, reachOf(still.face, picture));
    if (seam !== undefined) seen.seams.push(seam);
  }

  async function lookAtEyes(
    picture: Picture,
    intended: Float64Array,
    shut: readonly [boolean, boolean],
  ): Promise<void> {
    const { eyes } = await refineWithAttention(picture, intended, networks.attention, { signal });
    const ratios = ([0, 1] as const).filter((side) => shut[side]).map((side) => eyeAspectRatio(eyes[side], side));
    seen.shutEyes.push(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length);
  }

  return {
    see,
    async report() {
      const loop = seen.first === undefined ? undefined : await redrawFirst(options, seen.first);
      const table = tableOf(still, seen, { loop, loopStep: steps?.ratio(), plan, loudness, rate });
      return { table, realism: realismOf(table) };
    },
  };
}

/** What was seen so far. */
interface Seen {
  looks: number;
  finds: number;
  folds: number;
  stretch: number;
  background: number;
  first: Uint8Array | undefined;
  readonly likenesses: number[];
  readonly details: number[];
  readonly seams: number[];
  readonly shutEyes: number[];
  readonly openings: number[];
}

function emptyRecord(): Seen {
  return {
    ...{ looks: 0, finds: 0, folds: 0, stretch: 1, background: 0, first: undefined },
    ...{ likenesses: [], details: [], seams: [], shutEyes: [], openings: [] },
  };
}

/**
 * The mesh that the network finds where one was meant. The crop follows the head and not its outline: one that grew with every
 * opening of the jaw would make the network tremble.
 */
function findAgain(picture: Picture, intended: Float64Array, { networks, signal }: MeasurerOptions): Promise<FaceMesh> {
  const { canonical } = networks;
  const head = toPicture(solvePose(canonical, intended), canonical.points);
  return meshInCrop(picture, cropAround(head), networks, { signal });
}

async function lookAtStill(options: MeasurerOptions): Promise<Still> {
  const { portrait, networks, signal } = options;
  const { photo, faces } = portrait;
  const main = faces.reduce((best, { box }, i) => (box.width > faces[best]!.box.width ? i : best), 0);
  const face = faces[main]!;
  const rest = await portrait.render(
    faces.map(() => ({})),
    signal,
  );
  const intended = rest.meshes[main]!;
  const found = await findAgain(photo, intended, options);
  const agreement = measureAgreement({ intended, found: found.points }, networks.canonical);
  await new Promise(setImmediate);
  return {
    face,
    main,
    embedding: await embedFace(photo, found.points, networks, { signal }),
    detail: await faceDetail(photo, intended, networks.canonical),
    restDifference: await largestDifference(photo.data, rest.picture.data),
    background: await findBackground(photo, faces, networks, { signal }),
    agreement,
  };
}

/** Largest difference of the first frame drawn again, after all the others, as the one after the last. */
async function redrawFirst({ portrait, tracks, signal }: MeasurerOptions, first: Uint8Array): Promise<number> {
  const again = await portrait.render(
    tracks.map(({ frames }) => frames[0]),
    signal,
  );
  return largestDifference(first, again.picture.data);
}

interface Circumstances {
  readonly loop: number | undefined;
  readonly loopStep: number | undefined;
  readonly plan: LookPlan;
  readonly loudness: readonly number[] | undefined;
  readonly rate: Rational;
}

function tableOf(still: Still, seen: Seen, { loop, loopStep, plan, loudness, rate }: Circumstances): Measure[] {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (values: readonly number[], by: (values: readonly number[]) => number): number | MissingReason =>
    values.length === 0 ? 'too-short' : by(values);
  const sync = loudness && lipSync(seen.openings, loudness, toNumber(rate));
  const synced = (value: number | undefined): number | MissingReason =>
    loudness === undefined ? 'no-speech' : (value ?? 'too-short');
  const rows: Record<MeasureName, number | MissingReason> = {
    'motion-followed': still.agreement.ratio('face') ?? 'no-motion',
    'lips-followed': still.agreement.ratio('lips') ?? 'no-motion',
    'face-found': seen.looks === 0 ? 'too-short' : seen.finds / seen.looks,
    'identity-mean': of(seen.likenesses, mean),
    'identity-least': of(seen.likenesses, (values) => Math.min(...values)),
    jitter: still.agreement.jitter() ?? 'too-short',
    folds: seen.folds,
    stretch: seen.stretch,
    sharpness: of(seen.details, mean),
    seam: seen.seams.length === 0 ? 'no-background' : mean(seen.seams),
    background: still.background.length === 0 ? 'no-background' : seen.background,
    rest: still.restDifference,
    blink: plan.shut.size === 0 || seen.shutEyes.length === 0 ? 'no-blink' : Math.max(...seen.shutEyes),
    'lips-together': synced(sync?.correlation),
    'lips-late': synced(sync && Math.abs(sync.lag)),
    loop: loop ?? 'no-loop',
    'loop-step': loop === undefined ? 'no-loop' : (loopStep ?? 'no-motion'),
  };
  return Object.entries(rows).map(([name, found]) => measure(name as MeasureName, found));
}
