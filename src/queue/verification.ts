/** A file verified: its marks, what the log knows of them, and the answer, as a worker hands it to the bot. */
import * as z from 'zod';

import { errorCodes } from '../engine/errors.ts';
import { madeKinds } from '../engine/provenance/c2pa/manifest.ts';
import type { Marks } from '../engine/provenance/read-marks.ts';
import { hammingDistance, mirroredHash } from '../engine/provenance/perceptual-hash.ts';
import {
  certainties,
  judge,
  picturesCompared,
  type PicturesCompared,
  type Recorded,
} from '../engine/provenance/verdict.ts';
import type { WatermarkReading } from '../engine/provenance/watermark/watermark.ts';
import type { Database } from '../store/database.ts';
import type { MadeFileMac } from '../store/made-file-mac.ts';
import {
  findMadeByLikeness,
  findMadeByMark,
  findMadeBySha256,
  type FoundMade,
  type LookedUp,
} from '../store/made-files.ts';
import { picturesOfMark } from '../store/pictures-of-mark.ts';
import { parseInputMarks } from './input-marks.ts';

const evidence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('log') }),
  z.object({ kind: z.literal('manifest'), expired: z.literal(true).exactOptional() }),
  z.object({ kind: z.literal('manifest-altered') }),
  z.object({
    kind: z.literal('watermark'),
    payload: z.string(),
    falsePositive: z.number(),
    pictures: z.enum(picturesCompared).exactOptional(),
  }),
  z.object({ kind: z.literal('likeness'), share: z.number(), distance: z.number() }),
]);
const others = z.object({
  state: z.enum(['valid', 'altered', 'untold']),
  generator: z.string().max(200).optional(),
  signer: z.string().max(200).optional(),
  sourceTypes: z.array(z.string().max(50)).max(5),
});

/** The answer as data; `lumiere verify --json` prints it. Times are ISO 8601. */
export const verification = z.object({
  version: z.literal(1),
  madeHere: z.boolean().nullable(),
  certainty: z.enum(certainties),
  evidence: z.array(evidence),
  kind: z.enum(madeKinds).optional(),
  /** A restoration of an animation that was made here. */
  fromAnimation: z.literal(true).optional(),
  madeAt: z.string().optional(),
  altered: z.boolean().optional(),
  /** A manifest of somebody else on the file. */
  others: others.optional(),
  /** What could not be looked for, so that its absence says nothing. */
  unread: z.array(z.literal('watermark')).optional(),
  /** Why its pictures could not be looked at for the watermark; `unread` is there where the file is not to blame. */
  watermarkProblem: z.enum(errorCodes).optional(),
  /** Marks of what it was made from; of something that was made here alone. */
  input: z.array(z.object({ madeHere: z.boolean(), others: others.optional() })),
  request: z.object({ id: z.string(), guildId: z.string().nullable() }).optional(),
  /** The log has a row that speaks for it and is not believed: altered, not written here, or not to be checked without the key. */
  distrusted: z.literal(true).optional(),
  /** False where only the file itself was looked at. */
  logRead: z.boolean(),
});
export type Verification = z.output<typeof verification>;
export type Others = z.output<typeof others>;

/** Bits of 64: pictures of one scene that were encoded twice differ by less, different pictures by far more. */
const mostDistance = 8;
/**
 * The same for the nearest of all that a copy's original may have been, of which there are many, so that different pictures come
 * nearer too: test/engine/provenance/original-hashes.test.ts holds what is near and what is not.
 */
const mostOriginalDistance = 14;

export interface ReadableLog {
  readonly db: Database;
  /** Undefined where the installation's key is not at hand: then nothing that the log has of files is believed. */
  readonly mac: MadeFileMac | undefined;
}

/** Looks the marks up where there is a log, and judges. Reads every row of the log's files where nothing else was found. */
export async function verifyMarks(marks: Marks, log: ReadableLog | undefined): Promise<Verification> {
  const lookedUp: LookedUp<unknown>[] = [];
  const believed = async <Found>(looking: Promise<LookedUp<Found>>): Promise<Found | undefined> => {
    const looked = await looking;
    lookedUp.push(looked);
    return looked.found;
  };
  const byHash = log && (await believed(findMadeBySha256(log.db, log.mac, marks.sha256)));
  const payload = marks.watermark?.payload ?? (marks.manifest?.isOurs === true ? marks.manifest.markId : undefined);
  const byMark = log && payload !== undefined ? await believed(findMadeByMark(log.db, log.mac, payload)) : undefined;
  const pictures = log && marks.watermark && (await comparePictures(marks.watermark, log));
  const hashes = marks.perceptualHashes ?? [];
  const isNeeded = !byHash && (!byMark || pictures === 'different') && hashes.length > 0;
  const byLikeness =
    log && isNeeded ? await believed(findMadeByLikeness(log.db, log.mac, hashes, mostDistance)) : undefined;
  const verdict = judge({
    marks,
    byHash: byHash && recorded(byHash),
    byMark: byMark && { ...recorded(byMark), ...(pictures && { pictures }) },
    byLikeness: byLikeness && { ...recorded(byLikeness), share: byLikeness.share, distance: byLikeness.distance },
  });
  const { madeAt, request } = verdict;
  const row = log && request ? await log.db.request.findUnique({ where: { id: request.id } }) : null;
  const input = parseInputMarks(row?.inputMarks)?.files ?? [];
  return verification.parse({
    version: 1,
    ...verdict,
    ...(madeAt && { madeAt: madeAt.toISOString() }),
    input: input.map(({ madeHere, markId, manifest }) => ({
      madeHere: madeHere || markId !== undefined || manifest?.isOurs === true,
      ...(manifest && !manifest.isOurs && { others: manifest }),
    })),
    ...(marks.watermarkProblem && { watermarkProblem: marks.watermarkProblem.code }),
    ...(lookedUp.some(({ distrusted }) => distrusted) && { distrusted: true }),
    logRead: log !== undefined,
  });
}

/** Whether what carries the mark looks like what was made under it; undefined where one of them is not known by its looks. */
async function comparePictures(
  { payload, originalHashes = [] }: WatermarkReading,
  { db, mac }: ReadableLog,
): Promise<PicturesCompared | undefined> {
  const made = await picturesOfMark(db, mac, payload);
  if (made.length === 0 || originalHashes.length === 0) return undefined;
  const given = originalHashes.flatMap((hash) => [hash, mirroredHash(hash)]);
  const isNear = made.some((hash) => given.some((other) => hammingDistance(hash, other) <= mostOriginalDistance));
  return isNear ? 'alike' : 'different';
}

function recorded({ requestId, guildId, command, animationId, madeAt }: FoundMade): Recorded {
  const kind = command === 'animate' ? 'animation' : 'restoration';
  return { requestId, guildId, kind, isFromAnimation: animationId !== undefined, madeAt };
}
