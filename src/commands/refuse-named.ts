/** Whether a face may be called the requester's own, a work's or a stranger's: not where another member was named as the one it shows. */
import type { BotServices } from '../discord/command.ts';
import { Refusal } from '../policy/refusal.ts';
import { type Findings, readFindings } from '../queue/findings.ts';
import { type AnimateParameters, animateParameters, movesAFace } from '../queue/job.ts';
import { faceOfAnother, findNamedFaces, isFaceAllowed, type NamedFace } from '../store/named-faces.ts';
import type { Request } from '../store/rows.ts';

/**
 * Rejects with `refusal.face-of-another`. The request keeps which file it was, so that a moderator can allow it, and which
 * request named somebody, where that is of the same guild.
 */
export async function refuseNamedFace(
  { id, requesterId, guildId }: Pick<Request, 'id' | 'requesterId' | 'guildId'>,
  parameters: AnimateParameters,
  { sha256, findings }: { readonly sha256: string; readonly findings: Findings },
  { db, logKey }: Pick<BotServices, 'db' | 'logKey'>,
): Promise<void> {
  const kind = parameters.subject?.kind;
  // Another member answers for themselves; where no face moves nobody has to.
  if (kind === 'member' || kind === 'nobody' || !movesAFace(parameters)) return;
  const picture = { requesterId, guildId, sha256, likeness: findings.likeness ?? '' };
  const face = faceOf(parameters, findings);
  const named = (await findNamedFaces(db, picture, logKey)).find((one) => mayBeOf(one, face));
  if (named === undefined || (await isFaceAllowed(db, picture, logKey))) return;
  await db.request.update({ where: { id }, data: { inputSha256: sha256 } });
  const { request } = named;
  throw new Refusal(faceOfAnother, request?.guildId === guildId ? { request: request.id } : {});
}

/** A face among those that a look found; without a place when it may be any of them. */
interface Face {
  readonly place: number | undefined;
  readonly of: number;
}

function faceOf({ face }: Pick<AnimateParameters, 'face'>, { faces }: Pick<Findings, 'faces'>): Face {
  const of = faces.length;
  if (of < 2) return { place: 0, of };
  // They are numbered from left to right.
  if (face === 'left') return { place: 0, of };
  if (face === 'right') return { place: of - 1, of };
  const place = typeof face === 'number' ? faces.indexOf(face) : -1;
  return { place: place < 0 ? undefined : place, of };
}

/** Whether it is, or may be, the face that another member was named for: a picture may show several people. */
function mayBeOf({ isSameFile, request }: NamedFace, { place, of }: Face): boolean {
  const parameters = animateParameters.safeParse(request?.parameters);
  const findings = readFindings(request?.findings);
  if (!parameters.success || findings === undefined) return true;
  const other = faceOf(parameters.data, findings);
  if (place === undefined || other.place === undefined || of !== other.of) return true;
  // A near copy may be mirrored.
  return place === other.place || (!isSameFile && place === of - 1 - other.place);
}
