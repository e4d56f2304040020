/** Takes the faces that were asked for out of those that were found, refuses what would only look bad, and says which were taken. */
import { LumiereError } from '../../errors.ts';
import type { Face, FaceChoice, FaceWarning } from './face.ts';
import { faceSize, smallFace } from './face-warnings.ts';
import { anglesOf } from './pose.ts';

/** What is said of the choice itself; sentences stand under `warnings.<code>`. */
export const choiceWarningCodes = [
  /** Of `count` faces, number `number` was taken. */
  'face.several',
  /** Of all faces, `count` were left at rest: too small or too far turned. */
  'face.left-out',
] as const;

export interface ChoiceWarning {
  readonly code: (typeof choiceWarningCodes)[number] | FaceWarning['code'];
  readonly params: Readonly<Record<string, string | number>>;
}

export interface ChosenFaces {
  /** In the order of their numbers. */
  readonly faces: readonly Face[];
  /** About the choice, then about each face that was taken. */
  readonly warnings: readonly ChoiceWarning[];
}

/** Below half of what makes a face small, nothing is left to move; above, it is done and said. */
const leastFace = smallFace / 2;
/** Degrees of a near profile, as the mesh has it: it knows no face turned further, and says 45 to 60 for all that are. */
const profile = 45;

/**
 * The chosen ones of the faces that `findFaces` found. Throws `face.none`, `face.number-unknown` (`number`, `count`),
 * `face.too-small` (`pixels`, `limit`) or `face.too-turned` (`degrees`, `limit`).
 */
export function chooseFaces(faces: readonly Face[], choice: FaceChoice): ChosenFaces {
  const count = faces.length;
  if (count === 0) throw new LumiereError('face.none');
  if (choice === 'all') return chooseAll(faces);
  const face = choose(faces, choice);
  if (face === undefined) throw new LumiereError('face.number-unknown', { number: Number(choice), count });
  refuseUnfit(face);
  const several: ChoiceWarning = { code: 'face.several', params: { count, number: face.number } };
  // Whoever names a face by its number knows that there are several.
  const isTold = count > 1 && typeof choice !== 'number';
  return { faces: [face], warnings: [...(isTold ? [several] : []), ...face.warnings] };
}

function chooseAll(faces: readonly Face[]): ChosenFaces {
  const fit = faces.filter((face) => !isTooSmall(face) && !isTooTurned(face));
  const [first] = faces;
  if (fit.length === 0) refuseUnfit(first!);
  const leftOut = faces.length - fit.length;
  const said: ChoiceWarning[] = leftOut > 0 ? [{ code: 'face.left-out', params: { count: leftOut } }] : [];
  return { faces: fit, warnings: [...said, ...fit.flatMap(({ warnings }) => warnings)] };
}

function choose(faces: readonly Face[], choice: Exclude<FaceChoice, 'all'>): Face | undefined {
  if (typeof choice === 'number') return faces.find(({ number }) => number === choice);
  if (choice === 'left') return faces[0];
  if (choice === 'right') return faces.at(-1);
  return faces.reduce((largest, face) => (areaOf(face) > areaOf(largest) ? face : largest));
}

const areaOf = ({ box }: Face): number => box.width * box.height;
const isTooSmall = ({ box }: Face): boolean => faceSize(box) < leastFace;
const turnOf = ({ pose }: Face): number => Math.abs(anglesOf(pose.rotation).yaw);
const isTooTurned = (face: Face): boolean => turnOf(face) > profile;

function refuseUnfit(face: Face): void {
  if (isTooSmall(face)) {
    throw new LumiereError('face.too-small', { pixels: faceSize(face.box), limit: leastFace });
  }
  if (isTooTurned(face)) {
    throw new LumiereError('face.too-turned', { degrees: Math.round(turnOf(face)), limit: profile });
  }
}
