/** How what was made under a mark looks: for telling a copy of it from something that its mark was carried over to. */
import { isHash } from '../engine/provenance/perceptual-hash.ts';
import type { Database } from './database.ts';
import type { MadeFileMac } from './made-file-mac.ts';

/**
 * Perceptual hashes of all files whose mark this is (48 bits as 12 hexadecimal digits): result, smaller encodings, comparison.
 * Empty where none is known: no row is there and believed, or what was made is of one colour.
 */
export async function picturesOfMark(
  db: Database,
  mac: MadeFileMac | undefined,
  markId: string,
): Promise<readonly string[]> {
  const rows = await db.madeFile.findMany({
    where: { request: { markId } },
    include: { request: { select: { command: true, guildId: true, markId: true } } },
  });
  return rows
    .filter((row) => mac?.fits(row) === true)
    .flatMap(({ perceptualHashes }) => (Array.isArray(perceptualHashes) ? perceptualHashes.filter(isHash) : []));
}
