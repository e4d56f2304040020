/** The list of made files a page at a time, in the order of its key. */
import type { Prisma } from './generated/sqlite/client.ts';
import type { MadeFile } from './rows.ts';

const orderBy = [{ sha256: 'asc' }, { requestId: 'asc' }] as const satisfies Prisma.MadeFileOrderByWithRelationInput[];

/**
 * What to ask the table for to get the rows after `last`, or the first ones. By what the key is and not by Prisma's `cursor`, which
 * gives an empty page, like the end of the list, where that row has gone meanwhile.
 */
export function madeFilesAfter(last: Pick<MadeFile, 'sha256' | 'requestId'> | undefined): {
  readonly orderBy: typeof orderBy;
  readonly where: Prisma.MadeFileWhereInput;
} {
  if (last === undefined) return { orderBy, where: {} };
  const { sha256, requestId } = last;
  // The first condition says nothing new: by it alone PostgreSQL begins at the right place of the index.
  return {
    orderBy,
    where: { sha256: { gte: sha256 }, OR: [{ sha256: { gt: sha256 } }, { requestId: { gt: requestId } }] },
  };
}
