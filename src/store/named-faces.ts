/**
 * Pictures about which a member was asked, or agreed, as the one whom they show: while that stands in the log, nobody else calls
 * the face in them their own, a work's or a stranger's, whatever the answer was. Looked up by the file and, for near copies, by
 * the likeness that is kept with a request.
 */
import { setImmediate as breathe } from 'node:timers/promises';

import { likenessDistance } from '../engine/provenance/likeness.ts';
import { nearPictureDistance } from './blocks.ts';
import type { Database } from './database.ts';
import { namesOf } from './log-chain.ts';
import type { Request } from './rows.ts';

/** What a request is refused by whose picture was asked about before: a code of src/policy/refusal.ts. */
export const faceOfAnother = 'refusal.face-of-another';

/** Named, and not asked: they do not want to be asked, or were asked too often. */
const namedInVain = ['refusal.not-to-be-asked', 'refusal.asked-too-often'];

export interface AskedPicture extends Pick<Request, 'requesterId' | 'guildId'> {
  readonly sha256: string;
  /** As src/engine/provenance/likeness.ts makes it; empty for what is like nothing. */
  readonly likeness: string;
}

/** Where another member was named. */
export interface NamedFace {
  /** The same file, not a near copy. */
  readonly isSameFile: boolean;
  /** Absent where its row has left the log. */
  readonly request?: Pick<Request, 'id' | 'guildId'> & { readonly parameters: unknown; readonly findings: unknown };
}

/** So many rows at once: some 20 ms of comparing, with turns for others in between. */
const atOnce = 500;
const comparedAtOnce = 200;

type Kept = Pick<Request, 'id' | 'inputSha256' | 'inputHash'>;
const kept = { id: true, inputSha256: true, inputHash: true } as const;

/**
 * Where somebody else than the requester was named as the one whom the picture shows: by anybody in this guild, by the requester
 * anywhere.
 *
 * @param key the installation's `log` key, by which what was said outlives a deletion.
 */
export async function findNamedFaces(db: Database, picture: AskedPicture, key: Uint8Array): Promise<NamedFace[]> {
  const { requesterId, guildId, sha256 } = picture;
  const names = namesOf(key, requesterId);
  const ids = new Map<string, boolean>();
  let isNamedAlone = false;
  const compare = nearTo(picture);
  for (let after = ''; ;) {
    const consents = await db.consent.findMany({
      where: {
        id: { gt: after },
        kind: 'member',
        subjectId: { notIn: names },
        OR: [{ requesterId: { in: names } }, ...(guildId === null ? [] : [{ guildId }])],
      },
      select: { id: true, photoSha256: true, requests: { select: kept } },
      orderBy: { id: 'asc' },
      take: atOnce,
    });
    for (const { photoSha256, requests } of consents) {
      isNamedAlone ||= requests.length === 0 && photoSha256 === sha256;
      for (const request of requests) {
        // What was asked about is known by its file before it is let in.
        const file = request.inputSha256 ?? photoSha256;
        const found = await compare({ ...request, inputSha256: file });
        if (found !== undefined) ids.set(request.id, found === 'same');
      }
    }
    if (consents.length < atOnce) break;
    after = consents.at(-1)!.id;
  }
  const inVain = { requesterId: { in: names }, code: { in: namedInVain } };
  for (const request of await db.request.findMany({ where: inVain, select: kept })) {
    const found = await compare(request);
    if (found !== undefined) ids.set(request.id, found === 'same');
  }
  const requests = await db.request.findMany({
    where: { id: { in: [...ids.keys()] } },
    select: { id: true, guildId: true, parameters: true, findings: true },
    orderBy: { createdAt: 'desc' },
  });
  return [
    ...requests.map((request) => ({ isSameFile: ids.get(request.id) === true, request })),
    ...(isNamedAlone ? [{ isSameFile: true }] : []),
  ];
}

/** Whether moderators let this member use the picture all the same: of the guild; without one, of any. */
export async function isFaceAllowed(db: Database, picture: AskedPicture, key: Uint8Array): Promise<boolean> {
  const { requesterId, guildId } = picture;
  const refused = await db.request.findMany({
    where: {
      requesterId: { in: namesOf(key, requesterId) },
      code: faceOfAnother,
      ...(guildId !== null && { guildId }),
    },
    select: kept,
  });
  const compare = nearTo(picture);
  const ids: string[] = [];
  for (const request of refused) if ((await compare(request)) !== undefined) ids.push(request.id);
  if (ids.length === 0) return false;
  return (await db.moderatorAction.count({ where: { kind: 'approve', requestId: { in: ids } } })) > 0;
}

/** Compares what requests were made from with a picture. */
function nearTo({ sha256, likeness }: AskedPicture): (request: Kept) => Promise<'same' | 'near' | undefined> {
  let compared = 0;
  return async ({ inputSha256, inputHash }) => {
    if (inputSha256 === sha256) return 'same';
    if (inputHash === null || likeness === '') return undefined;
    compared += 1;
    if (compared % comparedAtOnce === 0) await breathe();
    return likenessDistance(likeness, inputHash) <= nearPictureDistance ? 'near' : undefined;
  };
}
